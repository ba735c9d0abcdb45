#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: readers_test.sh IMAGE
# The common tools read the image: file, zcat | cpio, lsinitramfs.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need file file
need cpio cpio
need lsinitramfs initramfs-tools-core
image=$1
[[ -s $image ]] || skip "there is no image $image (the test cli.image made none)"

kind=$(file --brief "$image")
[[ $kind == "gzip compressed data"* ]] || fail "file says: $kind"

names=$(zcat "$image" | cpio --list --quiet) || fail "zcat | cpio cannot read the image"
[[ ${names%%$'\n'*} == init ]] || fail "the first entry is ${names%%$'\n'*}, not init"
for name in etc/mkpxerd/boot.conf dev/console proc sys run newroot; do
    grep -qx "$name" <<<"$names" || fail "cpio finds no $name in the image"
done
[[ $(sort <<<"$names" | uniq -d) == "" ]] || fail "entries occur twice: $(sort <<<"$names" | uniq -d | head)"

initramfs_names=$(lsinitramfs "$image") || fail "lsinitramfs cannot read the image"
[[ $(sort <<<"$initramfs_names") == $(sort <<<"$names") ]] ||
    fail "lsinitramfs and cpio differ: $(diff <(sort <<<"$initramfs_names") <(sort <<<"$names") | head)"
echo "$(wc -l <<<"$names") entries, $(stat -c %s "$image") bytes"
