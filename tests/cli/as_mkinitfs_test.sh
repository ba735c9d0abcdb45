#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: as_mkinitfs_test.sh MKPXERD
# What mkinitfs puts into every image beside features: apk's keys of the system and (-K) of this machine, a modloop
# signature, custom files, and the kernel's lists of what is built in and in which order it is linked. What mkinitfs reads
# of the environment and mkpxerd does not changes no byte.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
mkpxerd=$1

# Keys of this machine lie in /etc, which only a namespace may change.
with_own_mounts "$@"
find_test_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/root/{etc/apk/keys,etc/mkinitfs,opt/site} "$work/etc/apk/keys"
echo "key of the system" >"$work/root/etc/apk/keys/system.rsa.pub"
echo "one" >"$work/root/opt/site/one.conf"
echo "two" >"$work/root/opt/site/two.conf"
echo "signature" >"$work/modloop.SIGN.RSA.x.pub"
echo "key of the host" >"$work/etc/apk/keys/host.rsa.pub"
echo "another key of that name" >"$work/etc/apk/keys/system.rsa.pub"
printf 'features="base virtio"\ncustom_files="/opt/site/*.conf"\n' >"$work/root/etc/mkinitfs/mkinitfs.conf"
mount --bind "$work/etc" /etc

build() { "$mkpxerd" -q -b "$work/root" --kernel-root "$kernel_root" -o "$work/$1" "${@:2}" "$kernel_version" 2>"$work/log" || fail "$1: $(cat "$work/log")"; }
holds() { # IMAGE PATH TEXT
    [[ $("$mkpxerd" cat "$work/$1" "$2" 2>&1) == "$3" ]] || fail "$1: $2 is $("$mkpxerd" cat "$work/$1" "$2" 2>&1)"
}
lacks() { ! "$mkpxerd" cat "$work/$1" "$2" >/dev/null 2>&1 || fail "$1: $2 is in the image"; }

build plain
holds plain etc/apk/keys/system.rsa.pub "key of the system"
holds plain opt/site/one.conf one
holds plain opt/site/two.conf two
lacks plain etc/apk/keys/host.rsa.pub

build hosted -K -s "$work/modloop.SIGN.RSA.x.pub"
holds hosted etc/apk/keys/host.rsa.pub "key of the host"
holds hosted etc/apk/keys/system.rsa.pub "key of the system" # the system's stays, as mkinitfs copies it last
holds hosted var/cache/misc/modloop.SIGN.RSA.x.pub signature

# Directories that mkinitfs would take its configuration and its lists from.
mkdir -p "$work"/{sysconf,data}/features.d "$work/sysconf/mkinitfs"
printf 'features="base nosuch"\n' | tee "$work/sysconf/mkinitfs.conf" >"$work/sysconf/mkinitfs/mkinitfs.conf"
echo /opt/site/none.conf | tee "$work/sysconf/features.d/base.files" >"$work/data/features.d/base.files"
SYSCONFDIR=$work/sysconf DATADIR=$work/data build elsewhere
cmp "$work/plain" "$work/elsewhere" || fail "SYSCONFDIR and DATADIR change the image"

# Without any argument: as mkinitfs, where that is configured; else the usage, and nothing is written.
mkdir -p "$work/etc/mkinitfs" "$work/boot"
mount --bind "$work/boot" /boot
status=0
"$mkpxerd" >"$work/out" 2>"$work/log" || status=$?
[[ $status == 2 && ! -s $work/out && $(head -1 "$work/log") == "Usage: mkpxerd "* && -z $(ls "$work/boot") ]] ||
    fail "mkpxerd without arguments and without a configuration: exit code $status, $(ls "$work/boot"), $(cat "$work/log")"
printf 'features=base\nkernel=%s\nnokernel=yes\n' "$kernel_version" >"$work/etc/mkinitfs/mkinitfs.conf"
"$mkpxerd" >"$work/out" 2>"$work/log" || fail "mkpxerd without arguments is not mkinitfs: $(cat "$work/log")"
[[ $(ls "$work/boot") == initramfs-* ]] || fail "mkpxerd without arguments wrote $(ls "$work/boot"), not as mkinitfs"

modules=lib/modules/$kernel_version
for list in modules.builtin modules.builtin.modinfo; do
    "$mkpxerd" cat "$work/plain" "$modules/$list" | cmp - "$kernel_root/$modules/$list" || fail "$list is not the kernel's"
done
# modules.order: the lines of what is inside, in the kernel's order.
"$mkpxerd" ls "$work/plain" | sed -nE "s|^$modules/(.*\.ko)(\.[a-z]+)?$|\1|p" >"$work/inside"
grep -Fxf "$work/inside" "$kernel_root/$modules/modules.order" >"$work/expected"
[[ -s $work/expected ]] || fail "no module of the image stands in modules.order"
"$mkpxerd" cat "$work/plain" "$modules/modules.order" | cmp - "$work/expected" || fail "modules.order is not the kernel's"
echo "keys, signature, custom files and $(wc -l <"$work/expected") lines of modules.order as mkinitfs has them"
