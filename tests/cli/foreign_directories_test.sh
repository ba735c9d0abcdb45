#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: foreign_directories_test.sh MKPXERD
# Directories of other users: root works in a cache, in a bundle's directory and in /tmp that somebody else has prepared.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
[[ $(id -u) = 0 ]] || skip "needs root, to play several users"
mkpxerd=$1
other=65534
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
export HOME=$work/home
unset XDG_CACHE_HOME
mkdir home

mkdir -p t/etc/mkinitfs/features.d t/boot t/lib/modules/6.1.0/kernel
for list in dep order; do : >t/lib/modules/6.1.0/modules.$list; done
printf 'kernel/%s.ko\n' drivers/net/virtio_net net/packet/af_packet >t/lib/modules/6.1.0/modules.builtin
echo kernel >t/boot/vmlinuz
echo data >t/etc/mkinitfs/features.d/x.files
for i in {1..40000}; do echo "line $((i * 7919))"; done >t/data
run() {
    rc=0
    timeout 60 "$@" >out 2>err || rc=$?
    [[ $rc -lt 124 ]] || fail "$* ended with $rc"
}
build() { run "$mkpxerd" -b t -F x -n -o "$@"; }
bundle() { run "$mkpxerd" bundle -o "$1" --server 10.0.0.1 --no-modloop -b t -F x; }
same() { cmp -s "$1" plain || fail "$2"; }
build plain --no-cache
[[ $rc = 0 ]] || fail "nothing is built: $(head -1 err)"

# ---- the cache

# Made for its user alone, whatever the umask.
(umask 0 && build own)
[[ -n $(find home/.cache/mkpxerd -type f) ]] || fail "nothing is kept"
[[ -z $(find home -mindepth 1 \( -perm /022 -o ! -user 0 \)) ]] || fail "the cache is open: $(find home -perm /022)"
# Whoever can write in it exchanges chunks: by other names, and by files of their own.
swap_chunks() { # what one key has comes to be what all others have
    local first='' file
    while read -r file; do
        [[ -n $first ]] || first=$file
        [[ $file = "$first" ]] || cp --preserve=all "$first" "$file"
    done < <(find "$1" -type f | sort)
}
swap_chunks home/.cache/mkpxerd
build swapped
same swapped "a chunk under another name is taken"
rm -rf home/.cache && build fill
chown -R $other home/.cache/mkpxerd && swap_chunks home/.cache/mkpxerd
build theirs
same theirs "chunks of somebody else are taken"
grep -q 'the cache is not used' err || fail "nothing is said of a cache of somebody else"
before=$(find home/.cache/mkpxerd -printf '%p %T@ %s\n' | sort)
build again
[[ $before = "$(find home/.cache/mkpxerd -printf '%p %T@ %s\n' | sort)" ]] || fail "a cache of somebody else is written to"
# In the home of somebody else, as sudo leaves it.
rm -rf home/.cache && chown $other home && build sudo
[[ $rc = 0 && ! -e home/.cache ]] || fail "a cache is made in the home of somebody else"
same sudo "the image differs"
chown 0 home
# A link in its place, or on the way to it.
mkdir -p home/.cache victim/v1/aa victim/v2/aa
for version in v1 v2; do
    truncate -s 400M "victim/$version/aa/precious" "victim/$version/aa/0123456789abcdef0123456789abcd"
done
truncate -s 600M victim/precious
ln -s "$work/victim" home/.cache/mkpxerd
before=$(find victim -printf '%p %y %m %s\n' | sort)
build link
same link "the image differs"
[[ $before = "$(find victim -printf '%p %y %m %s\n' | sort)" ]] || fail "the end of a link is written to, or trimmed"
rm -rf home/.cache && mkdir elsewhere && ln -s "$work/elsewhere" home/.cache && chown -h $other home/.cache
build way
[[ -z $(ls elsewhere) ]] || fail "a link of somebody else is followed to the cache"
chown -h 0 home/.cache && build mine
[[ -n $(ls elsewhere) ]] || fail "one's own link is not followed to the cache"
rm -f home/.cache

# ---- the directory of a bundle

for owner in 0 $other; do
    rm -rf b victim && mkdir victim
    bundle "$work/b"
    [[ $rc = 0 && -s b/boot.ipxe && -s b/SHA256SUMS ]] || fail "no bundle: $(head -1 err)"
    echo precious >victim/file && echo precious >victim/default && echo precious >victim/grub.cfg
    sum=$(sha256sum victim/file | cut -d' ' -f1)
    rm -rf b/pxelinux.cfg b/grub && ln -s "$work/victim" b/pxelinux.cfg && ln -s "$work/victim" b/grub
    ln -s "$work/victim" b/dir
    printf '%s  dir/file\n%s  ../victim/file\n%s  %s/victim/file\n' "$sum" "$sum" "$sum" "$work" >>b/SHA256SUMS
    chown -hR "$owner" b
    before=$(find victim -type f -exec sha256sum {} + | sort)
    bundle "$work/b"
    [[ $before = "$(find victim -type f -exec sha256sum {} + | sort)" ]] || fail "the bundle was led out of its directory ($owner)"
    [[ $rc = 1 ]] && grep -q 'is a link or a file, not a directory' err || fail "it is not said why ($owner): $(head -1 err)"
    # Links and pipes in place of files: replaced or refused, never followed, never waited for.
    for name in SHA256SUMS .mkpxerd-bundle boot.ipxe vmlinuz pxerd snippets/dhcpd.conf; do
        for kind in link pipe; do
            rm -rf b && bundle "$work/b"
            rm -f "b/$name"
            if [[ $kind = link ]]; then ln -s "$work/victim/file" "b/$name"; else mkfifo "b/$name"; fi
            chown -hR "$owner" b
            run timeout 20 "$mkpxerd" snippet dhcpd.conf --server 10.0.0.1 -o "$work/b"
            bundle "$work/b"
            [[ $(cat victim/file) = precious ]] || fail "$name led out ($kind, $owner)"
            [[ $rc = 1 || -f b/$name ]] || fail "$name stays ($kind, $owner)"
        done
    done
done
# Somebody else's directory that has nothing of this is served from, and said.
rm -rf b && mkdir b && chown $other b
bundle "$work/b"
[[ $rc = 0 && -s b/boot.ipxe ]] || fail "an empty directory of somebody else is not taken: $(head -1 err)"
grep -q 'belongs to another user, or others may write there' err || fail "nothing is said of the directory's owner"

# ---- -o in a directory for all

mkdir tmp && chmod 1777 tmp
echo precious >victim/file
for where in tmp/link tmp/way/file; do
    rm -rf tmp/*
    case $where in tmp/link) ln -s "$work/victim/file" tmp/link ;; *) ln -s "$work/victim" tmp/way ;; esac
    chown -h $other tmp/*
    for command in "-b t -F x -n -o $where" "overlay -o $where t/data" "bundle -o $where/b --server 10.0.0.1 --no-modloop -b t -F x"; do
        # shellcheck disable=SC2086  # words
        run "$mkpxerd" $command
        [[ $rc = 1 ]] && grep -q 'another user put into a directory where all may write' err || fail "$command: $(head -1 err)"
    done
    [[ $(cat victim/file) = precious && $(ls victim) = "default
file
grub.cfg" ]] || fail "$where is followed"
    chown -h 0 tmp/*
    build "$where"
    [[ $rc = 0 ]] || fail "one's own link is not followed: $(head -1 err)"
    same "$work/victim/file" "the image differs at the end of one's own link"
    echo precious >victim/file
done
rm -rf tmp/*
mkfifo tmp/pipe && chown $other tmp/pipe && chmod 666 tmp/pipe
timeout 30 cat tmp/pipe >leaked &
reader=$!
run timeout 20 "$mkpxerd" -b t -F x -n -o tmp/pipe
[[ $rc = 1 ]] && grep -q 'is a pipe that another user put' err || fail "a pipe of somebody else is written to: $(head -1 err)"
kill $reader 2>/dev/null || true
wait $reader 2>/dev/null || true
[[ ! -s leaked ]] || fail "a pipe of somebody else got the image"
rm tmp/pipe && mkfifo tmp/pipe
timeout 30 cat tmp/pipe >got &
reader=$!
build tmp/pipe
wait $reader
cmp got plain || fail "one's own pipe is not written to"
echo "directories of other users lead nowhere"
