#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: named_tests.sh [DOCUMENT]
# Every test that docs/from-mkinitfs.md names exists: the last `...` of a table row, and each "test: `...`".
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
document=${1:-$source_dir/docs/from-mkinitfs.md}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -rhoE 'TEST_CASE\("([^"\\]|\\.)*"' "$source_dir/tests/unit" | sed -E 's/^TEST_CASE\("//; s/"$//' | sort -u >"$work/tests"
[[ -s $work/tests ]] || { echo "no tests under tests/unit"; exit 1; }
{
    # Tables whose last column is headed "test".
    awk -F'|' '/^\|/ { if ($(NF - 1) ~ /^ *test *$/) named = 1; else if (named) print $(NF - 1); next } { named = 0 }' \
        "$document"
    # Sentences; a name may go on in the next line.
    tr '\n' ' ' <"$document" | grep -oE 'test: `[^`]+`'
} | grep -oE '`[^`]+`' | tr -d '`' | sort -u >"$work/named"
(($(wc -l <"$work/named") >= 20)) || { echo "$document names too few tests: is it read rightly?"; exit 1; }
missing=$(comm -23 "$work/named" "$work/tests")
[[ -z $missing ]] || { printf 'not a test: %s\n' "$missing"; exit 1; }
echo "$(wc -l <"$work/named") tests named, all exist"
