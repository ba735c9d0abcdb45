#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: cache_test.sh MKPXERD
# The cache saves time and never changes a byte: cold, warm, poisoned, shared by two builds at once, and none at all.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
find_test_kernel
mkpxerd=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

build() { # build NAME OPTION...
    local name=$1
    shift
    "$mkpxerd" -q -o "$work/$name" -F "base nfs squashfs" --kernel-root "$kernel_root" "$@" "$kernel_version" \
        >"$work/log" 2>&1 || { cat "$work/log"; fail "the build of $name failed"; }
}
same() { cmp "$work/none" "$work/$1" || fail "the image differs: $1"; }

for compression in "gzip" "zstd --level 19" "xz --level 1" "lz4"; do
    rm -rf "$XDG_CACHE_HOME" "$work"/{none,cold,warm,poisoned,first,second}
    # shellcheck disable=SC2086  # a word and its options
    set -- -C $compression
    build none --no-cache "$@"
    [[ ! -e $XDG_CACHE_HOME ]] || fail "--no-cache wrote a cache"
    build cold "$@"
    same cold
    build warm "$@"
    same warm
    find "$XDG_CACHE_HOME" -type f 2>/dev/null >"$work/files" || true
    [[ $compression == lz4 || -s $work/files ]] || fail "nothing was kept for $compression"
    while read -r file; do
        printf 'poison' | dd of="$file" bs=1 seek=40 conv=notrunc status=none
    done <"$work/files"
    build poisoned "$@"
    same poisoned
    rm -rf "$XDG_CACHE_HOME"
    build first "$@" & first=$!
    build second "$@"
    wait "$first"
    same first
    same second
    echo "$compression: same bytes, $(wc -l <"$work/files") files kept"
done

# A cache that cannot be used: a file where the directory should be, and no home at all.
touch "$work/file"
XDG_CACHE_HOME=$work/file build none -C gzip
env -u HOME -u XDG_CACHE_HOME "$mkpxerd" -q -o "$work/cold" -F "base nfs squashfs" --kernel-root "$kernel_root" \
    "$kernel_version"
same cold
