#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: archives_test.sh MKPXERD
# Archives around an image of a real kernel, with /usr merged: one that would hide the modules is refused, by a build, by -l
# and by lint, also in a finished image; an overlay for that image goes through its links, and counts in the report. Names
# that an image lacks are found in the kernel's tree.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
mkpxerd=$1
find_test_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache # nobody else's

# A system with the link that merges /lib into /usr, and a list that brings it.
mkdir -p "$work/root/usr/lib" "$work/features" "$work/site/lib/firmware"
ln -s usr/lib "$work/root/lib"
echo tool >"$work/root/usr/lib/tool.conf"
echo /lib/tool.conf >"$work/features/merged.files"
head -c 1000 /dev/zero >"$work/site/lib/firmware/site.bin"
build=("$mkpxerd" -b "$work/root" -P "$work/features" -F "dhcp virtio merged" --kernel-root "$kernel_root" "$kernel_version")

"${build[@]}" -o "$work/pxerd" >"$work/report"
"$mkpxerd" ls "$work/pxerd" >"$work/list"
grep -q "^lib$" "$work/list" && grep -q "^usr/lib/modules/$kernel_version/kernel/" "$work/list" || fail "the image has no link lib"
cp "$work/pxerd" "$work/old"

# An archive that brings lib as a directory.
"$mkpxerd" overlay -C none -o "$work/site.cpio" "$work/site" 2>"$work/log" >/dev/null
grep -q "warning: lib: is a directory here" "$work/log" || fail "no warning without --image: $(cat "$work/log")"
refused="$work/site.cpio: lib: the directory here takes the place of the link lib -> usr/lib, and .* entries are no longer"
for how in "-o $work/pxerd" -l; do
    # shellcheck disable=SC2086  # an option and its value
    "${build[@]}" $how --append "$work/site.cpio" >/dev/null 2>"$work/log" && fail "$how: exit code 0"
    grep -q "^mkpxerd: $refused" "$work/log" || fail "$how: $(cat "$work/log")"
done
cmp "$work/pxerd" "$work/old" || fail "the old image changed"
"$mkpxerd" lint "ip=dhcp root=nfs:10.0.0.1:/r" -b "$work/root" -P "$work/features" -F "dhcp virtio merged" \
    --kernel-root "$kernel_root" --append "$work/site.cpio" >"$work/log" && fail "lint of the plan: exit code 0"
grep -q "^error: $refused" "$work/log" || fail "lint of the plan: $(cat "$work/log")"
{
    cat "$work/pxerd"
    head -c $((3 - ($(stat -c %s "$work/pxerd") + 3) % 4)) /dev/zero
    cat "$work/site.cpio"
} >"$work/both"
"$mkpxerd" lint "ip=dhcp root=nfs:10.0.0.1:/r" "$work/both" >"$work/log" && fail "lint of the file: exit code 0"
grep -q "^error: part 2: lib: the directory here" "$work/log" || fail "lint of the file: $(cat "$work/log")"
grep -q "^error: ip: needs packet sockets\|has no driver of a network card" "$work/log" ||
    fail "lint finds the hidden modules: $(cat "$work/log")"

# The same files for this image.
"$mkpxerd" overlay -C none --image "$work/pxerd" -o "$work/site.cpio" "$work/site" 2>"$work/log" >/dev/null
[[ ! -s $work/log ]] || fail "with --image: $(cat "$work/log")"
"${build[@]}" -o "$work/new" --append "$work/site.cpio" >"$work/report.new"
counts() { sed -nE 's/.*, ([0-9]+) modules, ([0-9]+) firmware files/\1 \2/p' "$1"; }
read -r modules firmware < <(counts "$work/report")
[[ $(counts "$work/report.new") == "$modules $((firmware + 1))" ]] || fail "the report: $(cat "$work/report.new")"
"${build[@]}" -l --append "$work/site.cpio" >"$work/list"
grep -q "^usr/lib/firmware/site.bin$" "$work/list" || fail "-l lacks the archive"
why=("$mkpxerd" why -b "$work/root" -P "$work/features" -F "dhcp virtio merged" --kernel-root "$kernel_root")
[[ $("${why[@]}" --append "$work/site.cpio" site.bin) == "usr/lib/firmware/site.bin <- archive $work/site.cpio (--append)" ]] ||
    fail "why does not know the archive"
"$mkpxerd" cat "$work/new" lib/firmware/site.bin | cmp - "$work/site/lib/firmware/site.bin"
"$mkpxerd" lint "ip=dhcp" "$work/new" >"$work/log" || true
grep -q "part 2" "$work/log" && fail "lint of an image that fits: $(cat "$work/log")"

# Names that the image lacks.
builtin=$(head -n 1 "$kernel_root/lib/modules/$kernel_version/modules.builtin")
name=$(basename "$builtin" .ko)
"${why[@]}" e1000e "$name" >"$work/log" && fail "why of absent modules: exit code 0"
grep -q "^e1000e: is in the kernel's tree (.*/e1000e\.ko.*), but not in this image (-F +network brings it)" "$work/log" ||
    fail "why e1000e: $(cat "$work/log")"
grep -qF "$name: is built into kernel $kernel_version ($builtin)" "$work/log" || fail "why $name: $(cat "$work/log")"
[[ $("$mkpxerd" why --image "$work/pxerd" virtio_net) == "virtio_net.ko"*" <- feature virtio" ]] || fail "why --image"
echo "ok: archives around an image, and names that it lacks"
