#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: keeps_old_image_test.sh MKPXERD
# A build that fails, or is killed, leaves the old image byte for byte as it was, with a cache and without one. A build
# that fails leaves no litter beside it, and one that is killed none that outlives the next build.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
mkpxerd=$1

# Full disks and read-only directories need mounts of our own: a user namespace gives them to anybody.
with_own_mounts "$@"
find_test_kernel
work=$(mktemp -d)
mount -t tmpfs -o size=4m none "$work"
trap 'umount -l "$work"; rmdir "$work"' EXIT
export XDG_CACHE_HOME=$work/cache # nobody else's
for directory in cache whole; do     # what is not to fill up
    mkdir "$work/$directory"
    mount -t tmpfs none "$work/$directory"
done
build=("$mkpxerd" -q --profile network --kernel-root "$kernel_root" "$kernel_version")

mkdir "$work/full" "$work/readonly" "$work/killed"
for directory in full readonly; do
    head -c 100000 /dev/urandom >"$work/$directory/pxerd"
    cp "$work/$directory/pxerd" "$work/$directory.old"
done
as_before() {
    cmp "$work/$1/pxerd" "$work/$1.old" || fail "$2: the old image changed"
    [[ $(ls -A "$work/$1") == pxerd ]] || fail "$2: litter: $(ls -A "$work/$1")"
}

# ENOSPC: 4 MiB do not hold the image.
"${build[@]}" -o "$work/full/pxerd" 2>"$work/log" && fail "a full disk: exit code 0"
grep -q "$work/full/pxerd: cannot write: No space left on device" "$work/log" || fail "a full disk: $(cat "$work/log")"
as_before full "a full disk"

# A directory that cannot be written.
mount --bind "$work/readonly" "$work/readonly"
mount -o remount,bind,ro "$work/readonly"
"${build[@]}" -o "$work/readonly/pxerd" 2>"$work/log" && fail "a read-only directory: exit code 0"
grep -q "Read-only file system" "$work/log" || fail "a read-only directory: $(cat "$work/log")"
as_before readonly "a read-only directory"
umount "$work/readonly"

# SIGKILL at points spread over the whole build, from its first milliseconds to beyond its end: half of them with a warm
# cache, half without any. A build that was quicker than its killer has put a complete image in its place.
mount -t tmpfs none "$work/killed"
"${build[@]}" -o "$work/whole/pxerd" # warms the cache
killed=0
for cache in "" --no-cache; do
    start=$EPOCHREALTIME
    # shellcheck disable=SC2086  # an option or none
    "${build[@]}" $cache -o "$work/killed/pxerd"
    whole=$((${EPOCHREALTIME/./} - ${start/./})) # microseconds
    cmp "$work/killed/pxerd" "$work/whole/pxerd" || fail "the image differs with '$cache'"
    for point in {1..10}; do
        head -c 1000 /dev/urandom >"$work/killed/pxerd"
        cp "$work/killed/pxerd" "$work/killed.old"
        # shellcheck disable=SC2086
        "${build[@]}" $cache -o "$work/killed/pxerd" &
        builder=$!
        # The killer's clock is what is tested, not waited for.
        sleep "$(printf '%d.%06d' $((whole * point / 9 / 1000000)) $((whole * point / 9 % 1000000)))"
        kill -KILL "$builder" 2>/dev/null || true
        if wait "$builder" 2>/dev/null; then
            cmp "$work/killed/pxerd" "$work/whole/pxerd" || fail "point $point $cache: not the new image"
        else
            killed=$((killed + 1))
            cmp -s "$work/killed/pxerd" "$work/killed.old" || cmp "$work/killed/pxerd" "$work/whole/pxerd" ||
                fail "point $point $cache: neither the old nor the new image"
        fi
        # The kernel has no call that names a file in the place of another one. A build that is killed between its
        # two calls leaves the whole image under a hidden name, and the next build removes it.
        left=$(ls -A "$work/killed" | grep -vx pxerd || true)
        [[ -z $left || $left =~ ^\.pxerd\.[A-Za-z0-9]{16}$ ]] || fail "point $point $cache: litter: $left"
        [[ -z $left ]] || cmp "$work/killed/$left" "$work/whole/pxerd" || fail "point $point $cache: left a part of an image"
    done
done
# What the killed builds left in the cache harms no later one. What they left beside the image goes.
cp "$work/whole/pxerd" "$work/killed/.pxerd.abcdefgh01234567"
"${build[@]}" -o "$work/killed/pxerd"
[[ $(ls -A "$work/killed") == pxerd ]] || fail "the next build left litter: $(ls -A "$work/killed")"
cmp "$work/killed/pxerd" "$work/whole/pxerd" || fail "the image differs after the kills"
((killed >= 3)) || fail "only $killed of 20 builds were killed: the test saw too little"
echo "the old image survived a full disk, a read-only directory and $killed kills"
