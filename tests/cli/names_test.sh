#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: names_test.sh MKPXERD
# Names are data: what a directory, a file or a list of a tree is called ends neither in the command of a loader, nor in a
# line of its own, nor as a sequence that drives the terminal.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need depmod kmod
need python3 python3
mkpxerd=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work/home XDG_CACHE_HOME=$work/cache
mkdir home

# tree VERSION...: one with an empty kernel of each name
tree() {
    rm -rf t
    mkdir -p t/etc/mkinitfs/features.d t/boot t/bin
    echo motd >t/etc/motd
    echo etc/motd >t/etc/mkinitfs/features.d/x.files
    local version
    for version; do
        mkdir -p "t/lib/modules/$version/kernel"
        : >"t/lib/modules/$version/modules.order"
        printf 'kernel/%s.ko\n' drivers/net/virtio_net net/packet/af_packet >"t/lib/modules/$version/modules.builtin"
        : >"t/lib/modules/$version/modules.dep"
        echo kernel >"t/boot/vmlinuz-$version"
    done
    echo kernel >t/boot/vmlinuz
}
# All that was shown: no byte of a control, no C1 control, nothing that is no UTF-8, but for line breaks. Looked at once: to
# start Python for each run takes longer than the runs.
check_shown() {
    python3 - <<'P' || fail "something of it drives a terminal"
text = open("shown", "rb").read().decode("utf-8")
for place, c in enumerate(text):
    code = ord(c)
    bad = (code < 0x20 and c != "\n") or 0x7f <= code <= 0x9f or 0x200e <= code <= 0x202e or 0x2066 <= code <= 0x2069
    assert not bad, repr(text[max(0, place - 200) : place + 100])
P
}
run() {
    rc=0
    "$mkpxerd" "$@" >out 2>err || rc=$?
    [[ $rc -le 2 ]] || fail "$1 ended with $rc"
    cat out err >>shown
}

evil=$'6.1\nshell\nchain evil'
for name in "$evil" $'6.1\e[2J' $'6.1\xc2\x9b2J' '6.1 quiet' '6.1;x' "6.1'" '6.1$(id)' $'6.1\xff'; do
    tree "$name"
    for how in "" named configured; do
        rm -rf b i
        case $how in
        named) set -- "$name" ;;
        configured) set --; printf 'features=x\nkernel="%s"\n' "$name" >t/etc/mkinitfs/mkinitfs.conf ;;
        *) set -- ;;
        esac
        run bundle -o b --server 10.0.0.1 --no-modloop -b t -F x "$@"
        [[ $rc = 1 && ! -e b ]] || fail "a kernel of a bad name is bundled ($how)"
        run -b t -F x -o i "$@"
        [[ $rc = 1 && ! -e i ]] || fail "a kernel of a bad name is built ($how)"
        grep -q 'kernel version\|are supported' err || fail "what is wrong is not said: $(head -1 err)"
    done
done
# Beside a good one it is left out, and said.
tree "$evil" 6.1.0-1+rc~2_x
run -b t -F x -o i
[[ $rc = 0 ]] || fail "a good kernel beside a bad name is not built: $(head -1 err)"
grep -q 'left out: it is not a kernel version' err || fail "nothing is said of the directory that is left out"
run cat i etc/mkpxerd/boot.conf
grep -qx 'kernel=6.1.0-1+rc~2_x' out || fail "boot.conf has no kernel"
[[ $(grep -c '^kernel=' out) = 1 ]] || fail "boot.conf has another kernel"
run bundle -o b --server 10.0.0.1 --no-modloop -b t -F x
[[ $rc = 0 ]] || fail "no bundle: $(head -1 err)"
! grep -rq evil b || fail "the bad name is in the bundle"

# Lines of boot.conf and of the provenance.
tree 6.1.0
printf 'features: [x]\ncmdline: "quiet\\nkernel=evil"\n' >p.yaml
run -b t -p ./p.yaml -n -o i
[[ $rc = 1 ]] || fail "options with a line break are taken"
echo 'etc/*' >t/etc/mkinitfs/features.d/x.files
touch $'t/etc/a\nb\tc' $'t/etc/\e[31m' $'t/etc/\xc2\x9b' $'t/etc/\xff' $'t/etc/\u202e' $'t/etc/\u2028' $'t/etc/\x7f'
ln -s $'\e[2J\nx' t/etc/link
run -b t -F x -n -o i
[[ $rc = 0 ]] || fail "files of odd names are not packed: $(head -1 err)"
for words in "ls i" "ls -l i" "size i" "diff i i" "lint ip=dhcp i" "why -b t -F x -n etc/link"; do
    # shellcheck disable=SC2086  # words
    run $words
done
for words in "ls --json i" "size --json i" "diff --json i i" "-b t -F x -n -o j --json"; do
    # shellcheck disable=SC2086
    run $words
    python3 -c 'import json; json.load(open("out", encoding="utf-8"))' || fail "$words is no JSON"
done
for odd in $'no\e[2J' $'no\nmkpxerd: fine' $'no\xc2\x9b' $'no\xff'; do
    run "$odd"
    run ls "$odd"
    run cat i "$odd"
    run explain "$odd"
    run why -b t -F x -n "$odd"
    run -b t -F "$odd" -n -o j
    run -b t -p "$odd" -n -o j
    run -b "$odd" -F x
    run snippet "$odd" --server 10.0.0.1
    run snippet exports --server 10.0.0.1 -o "$odd"
    run snippet boot.ipxe --server "$odd"
    run lint "$odd=$odd"
    run extract i "$odd" -C "$work/x"
    run try "$odd"
    run "--$odd"
    run overlay -o j "$odd"
    run bundle -o "$odd" --server 10.0.0.1 --no-modloop -b t -F x --kernel "$odd"
    [[ $(grep -c '^mkpxerd: fine' err) = 0 ]] || fail "a name made a line of its own"
done

# Features are completed by shells, which expand what they are told.
# shellcheck disable=SC2016  # as it is
touch 't/etc/mkinitfs/features.d/$(touch ran).files' $'t/etc/mkinitfs/features.d/a\nb.files'
run -b t -L
# shellcheck disable=SC2016
! grep -qF '$(' out || fail "a name that a shell would run is offered as a feature"

# Sums of somebody else in the directory of a bundle end in no script.
mkdir s
printf '%s" }; evil  modloop\n' "$(printf '0%.0s' {1..64})" >s/SHA256SUMS
run snippet dhcpd.conf --server 10.0.0.1 -o "$work/s"
! grep -q evil out || fail "a sum is written as it stands"
[[ $rc == 1 ]] && grep -q SHA256SUMS:1 err || fail "a sum that is none is passed over"
run snippet boot.ipxe --server 10.0.0.1 -o "$work/s"
! grep -q evil out || fail "a sum is written as it stands"
[[ $rc == 1 ]] && grep -q SHA256SUMS:1 err || fail "a sum that is none is passed over"
check_shown
echo "names are data"
