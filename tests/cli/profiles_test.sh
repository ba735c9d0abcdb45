#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: profiles_test.sh MKPXERD DIRECTORY
# Every profile that ships is built for the test kernel into DIRECTORY, where the boot tests find the images; each tells
# what it is for in one sentence, and its options are sound for the image itself.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
find_test_kernel
mkpxerd=$1
directory=$2
mkdir -p "$directory"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache # nobody else's

# What the profiles take from a system, and no more: a root whose programs are static.
mkdir -p "$work"/{sbin,bin,etc/apk/keys,etc/ssl/certs}
busybox=$(command -v busybox) || skip "busybox is missing (Debian package busybox-static)"
cp "$busybox" "$work/bin/busybox"
cp "$busybox" "$work/sbin/apk" # stands for Alpine's package manager, which Debian has not
echo key >"$work/etc/apk/keys/builder.rsa.pub"
printf -- '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' >"$work/etc/ssl/certs/ca-certificates.crt"

declare -A holds=(
    [network]="fs/nfs/nfs.ko fs/squashfs/squashfs.ko drivers/net/ethernet/intel/e1000e/e1000e.ko"
    [nfs-root]="fs/nfs/nfs.ko drivers/net/ethernet/broadcom/tg3.ko"
    [diskless-alpine]="fs/nfs/nfs.ko fs/squashfs/squashfs.ko sbin/apk bin/busybox etc/apk/keys/builder.rsa.pub"
    [live]="fs/squashfs/squashfs.ko fs/overlayfs/overlay.ko etc/ssl/certs/ca-certificates.crt"
    [minimal-virtio]="drivers/net/virtio_net.ko fs/nfs/nfs.ko fs/squashfs/squashfs.ko"
)
mapfile -t words < <(awk '/^#/ { wanted = $0 == "### Command line" } wanted && /^\| `/' "$source_dir/docs/from-others.md" |
    cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`' | sort -u)
((${#words[@]} > 100)) || fail "docs/from-others.md has only ${#words[@]} words"
built=0
for profile in "$source_dir"/profiles/*.yaml; do
    name=$(basename "$profile" .yaml)
    [[ -n ${holds[$name]:-} ]] || fail "profile $name is new: say here what it has to hold"
    grep -qE '^description: .+\.$' "$profile" || fail "profile $name has no sentence that describes it"
    grep -q "^\.It Cm $name$" "$source_dir/docs/man/mkpxerd.yaml.5" || fail "mkpxerd.yaml(5) does not list profile $name"
    "$mkpxerd" -q -b "$work" --kernel-root "$kernel_root" --profile "$name" -o "$directory/$name.img" "$kernel_version" 2>"$work/log" ||
        fail "profile $name: $(cat "$work/log")"
    "$mkpxerd" ls "$directory/$name.img" >"$work/names"
    for path in ${holds[$name]}; do
        grep -qE "(^|/)$path(\.zst)?$" "$work/names" || fail "profile $name: no $path in the image"
    done
    "$mkpxerd" lint root=http://10.0.0.1/root.tar.gz "$directory/$name.img" >"$work/log" || fail "profile $name: its own options: $(cat "$work/log")"
    # Every word of the tables of other generators is known, whatever else the image makes of it.
    "$mkpxerd" lint "${words[*]/%/=1}" "$directory/$name.img" >"$work/log" || true
    ! grep -E 'is unknown|unknown option|is not an option' "$work/log" || fail "profile $name: words of docs/from-others.md that lint does not know"
    built=$((built + 1))
done
size() { stat -c %s "$directory/$1.img"; }
(($(size minimal-virtio) * 3 < $(size network))) || fail "minimal-virtio is not small: $(size minimal-virtio) bytes"
echo "$built profiles built, minimal-virtio has $(size minimal-virtio) bytes, network $(size network)"
