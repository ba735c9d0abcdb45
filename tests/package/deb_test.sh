#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: deb_test.sh CPACK BUILD ROOTS
# The .deb of cpack on a clean Debian 12: apt-get installs it with what it depends on, it builds an image for the test kernel
# there, and nothing is left when it is removed. ROOTS: directory where the clean root is kept between runs.
# Root only, for the chroot; all else lies in a mount and process namespace of its own.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
if [[ ${4:-} != inside ]]; then
    ((EUID == 0)) || skip "this test needs root (for a chroot)"
    unshare --mount --pid --fork true 2>/dev/null || skip "root may not make namespaces here (CAP_SYS_ADMIN is missing)"
    exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@" inside
fi
need mmdebstrap mmdebstrap
need dpkg-shlibdeps dpkg-dev
need file file
find_test_kernel
cpack=$1 build=$2 clean=$3/debian-12-root.tar
work=$(mktemp -d)
trap 'umount -l "$work/root" 2>/dev/null; rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=0 DEBIAN_FRONTEND=noninteractive LC_ALL=C

"$cpack" --config "$build/CPackConfig.cmake" -B "$work/package" >"$work/log" 2>&1 || fail "cpack: $(tail -30 "$work/log")"
deb=$(echo "$work"/package/mkpxerd_*_*.deb)
[[ -f $deb ]] || fail "cpack wrote no package"

# What the package says and holds.
depends=$(dpkg-deb -f "$deb" Depends)
for library in libc6 libstdc++6 libelf1 libyaml-cpp0.7; do
    [[ $depends == *"$library "* ]] || fail "Depends lacks $library: $depends"
done
[[ -n $(dpkg-deb -f "$deb" Maintainer) && $(dpkg-deb -f "$deb" Section) == admin ]] || fail "the control file lacks fields"
dpkg-deb -c "$deb" | awk '{ print $1, $2, $6 }' >"$work/content"
for path in bin/mkpxerd lib/mkpxerd/init lib/mkpxerd/init-plain lib/mkpxerd/arrival lib/mkpxerd/relay share/mkpxerd/features.d/base.modules \
    share/mkpxerd/profiles/network.yaml share/mkpxerd/snippets/boot.ipxe share/mkpxerd/completions/bash share/man/man8/mkpxerd.8.gz \
    share/man/man5/mkpxerd.yaml.5.gz share/man/man7/pxerd-cmdline.7.gz share/doc/mkpxerd/copyright \
    share/doc/mkpxerd/changelog.gz share/bash-completion/completions/mkpxerd share/zsh/vendor-completions/_mkpxerd \
    share/fish/vendor_completions.d/mkpxerd.fish; do
    grep -q " ./usr/$path\$" "$work/content" || fail "/usr/$path is not in the package"
done
if grep -v ' root/root ' "$work/content"; then fail "not all files are root's"; fi
if grep -vE '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) ' "$work/content"; then fail "unusual modes"; fi

# A clean root, made once.
if [[ ! -s $clean ]]; then
    mkdir -p "$3"
    new=$3/new-$$.tar
    mmdebstrap --quiet --mode=root --variant=apt bookworm "$new" >"$work/log" 2>&1 ||
        { rm -f "$new"; fail "mmdebstrap: $(tail -20 "$work/log")"; }
    mv "$new" "$clean"
fi
root=$work/root
mkdir "$root"
mount -t tmpfs -o mode=755 none "$root"
tar -C "$root" -xf "$clean"
mkdir "$root/kernel"
mount --bind "$kernel_root" "$root/kernel"
mount --rbind /dev "$root/dev"
mount -t proc none "$root/proc"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true # the mirror, proxies
cp "$deb" "$root/mkpxerd.deb"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+http_proxy="$http_proxy"} "$@"; }

inside apt-get -q -o Acquire::Retries=3 update >"$work/log" 2>&1 || fail "apt-get update: $(tail "$work/log")"
inside apt-get -q -y -o Acquire::Retries=3 install /mkpxerd.deb >"$work/log" 2>&1 || fail "apt-get install: $(tail -20 "$work/log")"

[[ $(inside mkpxerd --version) == "mkpxerd $(dpkg-deb -f "$deb" Version)" ]] || fail "mkpxerd --version: $(inside mkpxerd --version)"
[[ $(inside mkpxerd -L -v | grep -c '/usr/share/mkpxerd') -ge 20 ]] || fail "the installed features are not found"
inside mkpxerd --profile network --kernel-root /kernel -o /pxerd "$kernel_version" >"$work/log" 2>&1 || fail "no image: $(cat "$work/log")"
inside mkpxerd cat /pxerd init | cmp - "$root/usr/lib/mkpxerd/init" || fail "the image does not contain the installed init"
inside mkpxerd snippet dhcpd.conf --server 10.0.0.1 | grep 'next-server 10.0.0.1;' >/dev/null || fail "the snippets are not found"
# Without qemu, a trial says what to install.
inside mkpxerd try /pxerd --kernel "/kernel/boot/vmlinuz-$kernel_version" >"$work/log" 2>&1 && fail "a trial without QEMU works"
grep -q 'qemu-system-x86' "$work/log" || fail "a trial without QEMU says: $(cat "$work/log")"

inside apt-get -q -y purge --autoremove mkpxerd >"$work/log" 2>&1 || fail "apt-get purge: $(tail "$work/log")"
inside find / -xdev -name '*mkpxerd*' -not -path '/mkpxerd.deb' -not -path '/proc/*' -not -path '/kernel/*' \
    -not -path '/root/.cache*' >"$work/left"
[[ ! -s $work/left ]] || fail "left behind: $(tr '\n' ' ' <"$work/left")"
echo "installed, worked and went: $(basename "$deb"), $(wc -l <"$work/content") entries"
