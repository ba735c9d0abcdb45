#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: installed_test.sh CMAKE BUILD
# `cmake --install` with DESTDIR lays out the directories of the Filesystem Hierarchy Standard and nothing else, and the
# installed program finds its own data and builds an image.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
find_test_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work/stage "$1" --install "$2" --prefix /usr >"$work/log" || fail "cmake --install: $(cat "$work/log")"

cd "$work/stage"
for path in usr/bin/mkpxerd usr/lib/mkpxerd/init usr/lib/mkpxerd/init-plain usr/share/mkpxerd/features.d/base.modules \
    usr/share/mkpxerd/profiles/network.yaml usr/share/man/man8/mkpxerd.8 usr/share/man/man5/mkpxerd.yaml.5 \
    usr/share/man/man7/pxerd-cmdline.7 usr/share/doc/mkpxerd/from-mkinitfs.md \
    usr/share/bash-completion/completions/mkpxerd usr/share/zsh/site-functions/_mkpxerd \
    usr/share/fish/vendor_completions.d/mkpxerd.fish; do
    [[ -s $path ]] || fail "/$path was not installed"
done
[[ -x usr/bin/mkpxerd && -x usr/lib/mkpxerd/init && -x usr/lib/mkpxerd/init-plain ]] || fail "the programs cannot be executed"
elsewhere=$(find . -type f | grep -vE '^\./usr/(bin|lib/mkpxerd|share/(mkpxerd|man|doc/mkpxerd|bash-completion/completions|zsh/site-functions|fish/vendor_completions.d))/') || true
[[ -z $elsewhere ]] || fail "files outside the standard's directories: $elsewhere"
diff <(cd "$source_dir" && find features.d firmware.d profiles -type f | sort) \
    <(cd usr/share/mkpxerd && find features.d firmware.d profiles -type f | sort) || fail "not all data were installed"
if named=$(grep -rl "$source_dir/share\|$2/share" usr/bin usr/lib usr/share); then fail "the build tree is named in: $named"; fi

usr/bin/mkpxerd -L -v >"$work/names"
grep -q "^feature base .*($work/stage/usr/share/mkpxerd/features.d)\$" "$work/names" || fail "the installed features are not found"
usr/bin/mkpxerd -q --profile minimal-virtio --kernel-root "$kernel_root" -o "$work/pxerd" "$kernel_version" 2>"$work/log" ||
    fail "the installed program cannot build: $(cat "$work/log")"
usr/bin/mkpxerd cat "$work/pxerd" init | cmp - usr/lib/mkpxerd/init-plain || fail "the image does not contain the installed init without TLS"
echo "$(find . -type f | wc -l) files installed, and the program works from there"
