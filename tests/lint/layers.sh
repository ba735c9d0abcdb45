#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: layers.sh [SOURCE_DIR]
# Holds the table of rooms: every source and header lies in a room, and a room includes only itself and the rooms that its
# row names. docs/architecture.md says why. Headers of C libraries are included in wrap only. layers_test.sh plants a
# breach of each rule.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

# ROOM: the rooms that it may include. A room is a directory below src/ and include/mkpxerd/, or a single file there.
rooms='
version:
base:
contract:            base
secrets:             base contract
wrap:                base contract
image:               base contract secrets wrap
generator/types:     base contract wrap
generator/request:   base contract wrap generator/types
generator/features:  base contract generator/types
generator/modules:   base contract wrap generator/types generator/features
generator/files:     base contract wrap generator/types generator/features
generator/archive:   base contract secrets wrap generator/types generator/modules
generator/pipeline:  base contract wrap generator version
generator/repro:     base contract secrets wrap generator
deploy/site:         base contract wrap version
deploy/bundle:       base contract secrets wrap deploy/site
deploy/trial:        base contract wrap deploy/site deploy/bundle
cli/output:          base generator/types
cli/options:         base contract wrap image generator/types generator/request deploy/site cli/output
cli/build:           base contract secrets wrap image generator deploy/bundle version cli/output cli/options
cli/images:          base contract image generator deploy/bundle cli/output cli/options cli/build
cli/bundle:          base contract image generator deploy cli/output cli/options cli/build cli/images
cli/chart:           base wrap cli/output
cli/reference:       base contract version cli/output cli/options
cli:                 base generator/request version cli
netboot/types:       base contract
netboot/runtime:     base contract wrap netboot/types
netboot/options:     base contract netboot/types netboot/runtime
netboot/drivers:     base contract wrap netboot/types netboot/runtime netboot/options
netboot/net:         base contract wrap netboot/types netboot/runtime netboot/options
netboot/fetch:       base contract wrap netboot/types netboot/runtime netboot/options netboot/net
netboot/mount:       base contract wrap netboot/types netboot/runtime netboot/options netboot/drivers netboot/net netboot/fetch
netboot/root:        base contract wrap netboot/types netboot/runtime netboot/options netboot/net
netboot/boot:        base contract wrap netboot
'

breaches=0
breach() {
    printf '%s\n' "$@"
    breaches=$((breaches + 1))
}

# matches REGEX PATH...: every #include below the paths whose name matches from its first character on, as FILE:NAME.
# grep says 1 when it found nothing; 2 is a path that does not exist, and then the rule does not hold.
matches() {
    local regex=$1 hits status=0
    shift
    hits=$(grep -rnE --include='*.[ch]pp' --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" \
        "$@" 2>&1) || status=$?
    ((status < 2)) || breach "cannot be checked:" "$hits"
    [[ -z $hits ]] || printf '%s\n' "$hits"
}

# Every file lies in a room, and every room of the table exists.
while IFS= read -r line; do
    breach "$line"
done < <(
    { find src include -name '*.[ch]pp' -o -name '*.[ch]' | LC_ALL=C sort; } | awk -v table="$rooms" '
        BEGIN {
            n = split(table, rows, "\n")
            for (i = 1; i <= n; i++) if (match(rows[i], /^[^:]+/)) seen[substr(rows[i], 1, RLENGTH)] = 0
            seen["version"] = 1 # made by the build
        }
        {
            path = $0; sub(/^(src|include\/mkpxerd)\//, "", path); sub(/\.[^.\/]*$/, "", path)
            room = ""
            for (r in seen) if ((path == r || index(path, r "/") == 1) && length(r) > length(room)) room = r
            if (room == "") print "no room in the table for " $0; else seen[room] = 1
        }
        END { for (r in seen) if (!seen[r]) print "there is no file in the room " r }')

# What a room includes. A name without directory is a private header beside the source.
while IFS= read -r line; do
    breach "$line"
done < <(
    matches '([^">]*/)?(mkpxerd|\.\.?)/' src include | awk -F: -v table="$rooms" '
        function room_of(path,   r, found) {
            found = ""
            for (r in allowed) if ((path == r || index(path, r "/") == 1) && length(r) > length(found)) found = r
            return found
        }
        BEGIN {
            n = split(table, rows, "\n")
            for (i = 1; i <= n; i++) if (split(rows[i], row, ":") == 2) allowed[row[1]] = row[2] " "
        }
        {
            path = $1; sub(/^(src|include\/mkpxerd)\//, "", path); sub(/\.[^.\/]*$/, "", path)
            name = $0; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
            if (name !~ /^mkpxerd\//) { print "included by a relative path: " $0; next }
            sub(/^mkpxerd\//, "", name); sub(/\.[^.\/]*$/, "", name)
            from = room_of(path); to = room_of(name)
            if (to == "") { print "no room in the table for what " $0 " includes"; next }
            layer = to; sub(/\/.*/, "", layer)
            if (from != to && !index(allowed[from], " " to " ") && !index(allowed[from], " " layer " "))
                print from " may not include " to ": " $0
        }')

# Who sees C libraries. The headers of wrap are read by everyone, so they count as outside.
c_libraries='libkmod\.h|archive(_entry)?\.h|(lib|g)elf\.h|zlib\.h|libdeflate\.h|zstd[a-z_]*\.h|lzma\.h|lz4[a-z]*\.h|bzlib\.h|lzo/'
c_libraries+='|openssl/|blkid/|ares[a-z_]*\.h|netlink/'
while IFS= read -r hit; do
    breach "headers of C libraries are included in src/wrap only: $hit"
done < <(matches "$c_libraries" src include | grep -v '^src/wrap/')

((breaches == 0)) || { echo "$breaches breaches"; exit 1; }
echo "layers: no breach in $(grep -c : <<<"$rooms") rooms"
