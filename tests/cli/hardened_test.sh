#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: hardened_test.sh MKPXERD INIT... -- ARCHIVE...
# Programs and libraries of a release build are as docs/security.md says: what the linker did is read from the programs,
# what the compiler did from our own code alone, as the C library brings checks of its own into static programs.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need readelf binutils
export LC_ALL=C

programs=() archives=()
while (($# > 0)) && [[ $1 != -- ]]; do
    programs+=("$1")
    shift
done
archives=("${@:2}")
((${#programs[@]} > 0 && ${#archives[@]} > 0)) || fail "no programs or no libraries are named"

for program in "${programs[@]}"; do
    headers=$(readelf -hlW "$program") dynamic=$(readelf -dW "$program")
    grep -q '^ *Type: *DYN' <<<"$headers" || fail "$program lies at the same address in every run: it is not position-independent"
    grep -q 'GNU_RELRO' <<<"$headers" || fail "$program: its tables stay writable: no GNU_RELRO"
    grep -q 'FLAGS_1.*NOW.*PIE' <<<"$dynamic" || fail "$program: its table of functions stays writable: no BIND_NOW"
    grep -q 'GNU_STACK.* RW ' <<<"$headers" || fail "$program: its stack can be run"
    ! grep -q 'TEXTREL' <<<"$dynamic" || fail "$program: its code is writable for a while: TEXTREL"
    ! grep -q ' LOAD .* RWE ' <<<"$headers" || fail "$program: memory is both written and run"
done
for program in "${programs[@]:1}"; do
    ! grep -q INTERP <<<"$(readelf -lW "$program")" || fail "$program needs a loader: an image has none"
done

grep -qE '__[a-z]+_chk$' <<<"$(nm -u "${archives[@]}" 2>/dev/null)" || fail "our code is built without _FORTIFY_SOURCE"
for archive in "${archives[@]}"; do
    wanted=$(nm -u "$archive" 2>/dev/null)
    grep -q '__stack_chk_fail' <<<"$wanted" || fail "$archive has no stack protector"
    grep -q '__glibcxx_assert_fail' <<<"$wanted" || fail "$archive does not check the borders of containers"
    if [[ $(uname -m) == x86_64 ]]; then
        (($(grep -oaP '\xf3\x0f\x1e\xfa' "$archive" | wc -l) > 50)) || fail "$archive has no marks of CET (endbr64)"
    fi
done
echo "${#programs[@]} programs and ${#archives[@]} libraries are hardened"
