#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: own_settings_test.sh MKPXERD
# mkinitfs.conf and profiles of this machine name files of this machine, whatever -b calls its root; those of a tree that
# has the same words in it do not.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
mkpxerd=$(realpath "$1")

# Settings of this machine lie in /etc, which only a namespace may change.
with_own_mounts "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/etc/{apk/keys,mkinitfs/features.d,mkpxerd/profiles} "$work/own" "$work/tree"
echo "table of this machine" >"$work/own/fstab"
echo "key of this machine" >"$work/etc/apk/keys/own.rsa.pub"
echo etc/mkinitfs/mkinitfs.conf >"$work/etc/mkinitfs/features.d/x.files"
printf '%s\n' 'features=x' "outfile=$work/own/image" "fstab=$work/own/fstab" hostkeys=1 nokernel=1 >"$work/etc/mkinitfs/mkinitfs.conf"
printf '%s\n' 'features: [x]' "output: $work/own/image" "fstab: $work/own/fstab" 'hostkeys: yes' 'no-kernel: yes' 'mode: 0666' \
    >"$work/etc/mkpxerd/profiles/site.yaml"
cp -r "$work/etc" "$work/tree/"
mount --bind "$work/etc" /etc
ln -s / "$work/root"
cd /

for tree in "" / . "$work/root" /proc/self/root; do
    for profile in "" site; do
        rm -f "$work/own/image"
        "$mkpxerd" -q ${tree:+-b "$tree"} ${profile:+-p "$profile"} 2>"$work/log" || fail "-b '$tree' -p '$profile': $(cat "$work/log")"
        [[ $("$mkpxerd" cat "$work/own/image" etc/fstab etc/apk/keys/own.rsa.pub) == $'table of this machine\nkey of this machine' ]] ||
            fail "-b '$tree' -p '$profile': files of this machine are not in the image"
    done
done
rm "$work/own/image"
for profile in "" site; do
    ! "$mkpxerd" -q -b "$work/tree" ${profile:+-p "$profile"} 2>"$work/log" || fail "a tree -p '$profile': exit code 0"
    grep -q "own/fstab is not a file in $work/tree" "$work/log" || fail "a tree -p '$profile': $(cat "$work/log")"
    [[ $(ls "$work/own") == fstab ]] || fail "a tree -p '$profile' wrote an image"
done
# A place in the tree that is not boot/ can be written, whatever the program has given up by then.
mkdir -p "$work/other/etc/mkinitfs/features.d" "$work/other/srv/images"
echo etc/mkinitfs/mkinitfs.conf >"$work/other/etc/mkinitfs/features.d/x.files"
printf '%s\n' 'features=x' outfile=/srv/images/own nokernel=1 >"$work/other/etc/mkinitfs/mkinitfs.conf"
"$mkpxerd" -q -b "$work/other" 2>"$work/log" || fail "outfile= of a tree, within the tree: $(cat "$work/log")"
[[ -s $work/other/srv/images/own ]] || fail "outfile= of a tree, within the tree: no image"
# The tree's words, said by the user.
"$mkpxerd" -q -b "$work/tree" -c "$work/tree/etc/mkinitfs/mkinitfs.conf"
"$mkpxerd" -q -b "$work/tree" -p "$work/tree/etc/mkpxerd/profiles/site.yaml"
echo "settings of this machine count as this machine's, those of a tree as the tree's"
