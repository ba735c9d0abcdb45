#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: bundle_test.sh MKPXERD IMAGE
# A bundle of a real kernel: sha256sum agrees with its sums, unsquashfs reads its modloop, the image in it is the one that
# a build alone writes, and mksquashfs is the one program that was started.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need mksquashfs squashfs-tools
need strace strace
need depmod kmod
find_test_kernel
mkpxerd=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The modules of the image alone: all of them take a minute to pack.
"$mkpxerd" extract "$2" -C "$work/tree" lib/modules
mkdir "$work/tree/boot"
cp "$kernel_root/boot/vmlinuz-$kernel_version" "$work/tree/boot"
cp "$kernel_root/lib/modules/$kernel_version"/modules.{order,builtin,builtin.modinfo} "$work/tree/lib/modules/$kernel_version"
depmod -b "$work/tree" "$kernel_version"
build=(-F "base network dhcp nfs squashfs virtio" --kernel-root "$work/tree")

bundle=$work/bundle
strace -f -qq -e trace=execve -e signal=none -o "$work/execs" \
    "$mkpxerd" bundle -o "$bundle" --server 10.0.0.1 "${build[@]}" >"$work/said" 2>"$work/log" ||
    fail "bundle: $(cat "$work/log")"
grep -oE 'execve\("[^"]+"' "$work/execs" | sed 's/.*\///; s/"//' | tail -n +2 >"$work/programs"
[[ $(cat "$work/programs") == mksquashfs ]] || fail "programs started: $(tr '\n' ' ' <"$work/programs")"
(cd "$bundle" && sha256sum --quiet --strict -c SHA256SUMS) || fail "the sums are wrong"
diff <(cd "$bundle" && find . -type f ! -name SHA256SUMS ! -name .mkpxerd-bundle | sed 's/^..//' | LC_ALL=C sort) <(cut -d' ' -f3- "$bundle/SHA256SUMS") ||
    fail "the sums are not those of all files"
cmp "$bundle/vmlinuz" "$kernel_root/boot/vmlinuz-$kernel_version"
"$mkpxerd" -q -o "$work/pxerd" "${build[@]}"
cmp "$bundle/pxerd" "$work/pxerd" || fail "the image is not that of a build alone"
hash=$(sha256sum <"$bundle/modloop" | cut -d' ' -f1)
for file in boot.ipxe gpxe-script pxelinux.cfg/default lpxelinux/pxelinux.cfg/default grub/grub.cfg; do
    grep -q "/modloop#sha256=$hash" "$bundle/$file" || fail "$file does not pin the modloop"
done

# The modloop is one as Alpine's: the modules of the tree, owned by root.
unsquashfs -q -n -d "$work/modloop" "$bundle/modloop" >/dev/null
diff <(cd "$work/tree/lib/modules/$kernel_version" && find . -type f | sort) \
    <(cd "$work/modloop/modules/$kernel_version" && find . -type f | sort) || fail "the modloop lacks modules"
unsquashfs -lln "$bundle/modloop" | awk 'NF > 2 && $2 != "0/0" { exit 1 }' || fail "files of the modloop are not root's"

# The same once more changes nothing that servers hand out.
cp "$bundle/SHA256SUMS" "$work/sums"
echo '#!ipxe' >"$bundle/mine.ipxe"
"$mkpxerd" bundle -o "$bundle" --server 10.0.0.1 "${build[@]}" >"$work/said" 2>"$work/log" || fail "again: $(cat "$work/log")"
diff "$bundle/SHA256SUMS" "$work/sums" || fail "a second bundle differs"
[[ -f $bundle/mine.ipxe ]] || fail "a file of others is gone"
line=$(sed -n 's/^  APPEND //p' "$bundle/pxelinux.cfg/default")
"$mkpxerd" lint "$line apkovl=http://10.0.0.1/host.apkovl.tar.gz" "$bundle/pxerd" || fail "lint finds fault with it"
# What lint refuses is not bundled, and a root that is a file is pinned.
"$mkpxerd" bundle -o "$work/refused" --server 10.0.0.1 "${build[@]}" --no-modloop --cmdline 'vlan=5 rd.shell' 2>"$work/log" &&
    fail "a line that the init refuses is bundled"
grep -q '^mkpxerd: vlan: ' "$work/log" || fail "what lint refuses is not said: $(cat "$work/log")"
[[ ! -e $work/refused ]] || fail "a refused bundle is left behind"
"$mkpxerd" bundle -o "$work/rooted" --server 10.0.0.1 "${build[@]}" --no-modloop --root "$bundle/modloop" 2>"$work/log" &&
    fail "a root with the name of the modloop is taken"
cp "$bundle/modloop" "$work/live.squashfs"
"$mkpxerd" bundle -o "$work/rooted" --server 10.0.0.1 "${build[@]}" --no-modloop --root "$work/live.squashfs" >"$work/said" 2>"$work/log" || fail "a root of one's own: $(cat "$work/log")"
grep -q "root=[^ ]*/live.squashfs#sha256=$hash" "$work/rooted/boot.ipxe" || fail "the root is not pinned"
cmp "$work/rooted/live.squashfs" "$bundle/modloop"
# Nobody has said what these machines boot.
if "$mkpxerd" lint "$line" "$bundle/pxerd" >"$work/said"; then fail "lint accepts a line without a root"; fi
grep -q '^error: command line: asks for nothing to boot' "$work/said" && grep -q '^errors: 1, warnings: 0$' "$work/said" ||
    fail "lint without a root: $(cat "$work/said")"

# An interrupted one leaves the bundle as it was, and nothing beside it: the files lie in there as long as it is made.
cp "$work/rooted/SHA256SUMS" "$work/sums_before"
"$mkpxerd" bundle -o "$work/rooted" --server 10.0.0.1 "${build[@]}" --cmdline other >"$work/said" 2>"$work/log" &
interrupted=$!
for ((i = 0; i < 1000; i++)); do
    [[ ! -e $(echo "$work"/rooted/.mkpxerd-bundle.*/pxerd) ]] || break
    sleep 0.01
done
kill -TERM "$interrupted" || fail "it was quicker than the signal: $(cat "$work/log")"
wait "$interrupted" && fail "the signal did not end it" || [[ $? == $((128 + 15)) ]] || fail "another end: $(cat "$work/log")"
[[ -z $(compgen -G "$work/rooted/.mkpxerd-bundle.*") ]] || fail "files of an interrupted bundle are left"
cmp "$work/rooted/SHA256SUMS" "$work/sums_before" || fail "an interrupted bundle has changed the old one"
(cd "$work/rooted" && sha256sum --quiet --strict -c SHA256SUMS) || fail "an interrupted bundle has damaged the old one"
echo "$(wc -l <"$work/sums") files, one program started"
