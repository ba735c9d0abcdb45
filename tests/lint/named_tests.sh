#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: named_tests.sh [DOCUMENT...]
# No test has a name that Catch would take for an option. Every test that the documents name exists: the last column of
# tables that head it "test", and each "test: `...`".
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
(($# > 0)) || set -- "$source_dir"/docs/{from-mkinitfs,failures,field-cases,security}.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    # A long name stands in the next line.
    find "$source_dir/tests/unit" -name '*.cpp' -exec cat {} + | tr '\n' ' ' | grep -oE 'TEST_CASE\( *"([^"\\]|\\.)*"' |
        sed -E 's/^TEST_CASE\( *"//; s/"$//'
    grep -hoE '^    def test_[a-z0-9_]+' "$source_dir"/tests/net/test_*.py | sed 's/.* //'
    grep -rhoE 'add_test\(NAME [a-z_.]+' "$source_dir/tests" --include=CMakeLists.txt | sed 's/.* //'
    for table in faults loaders options packages profiles report slow_drivers transports; do
        python3 -B "$source_dir/tests/boot/$table.py" --list | sed "s/^/boot.$table./"
    done
} | sort -u >"$work/tests"
# Catch takes such a name for an option of its own: the test would not run.
if grep '^-' "$work/tests"; then
    echo "a test's name begins with a dash"
    exit 1
fi
[[ -s $work/tests ]] || { echo "no tests under tests/unit"; exit 1; }
for document in "$@"; do
    {
        # Tables whose last column is headed "test".
        awk -F'|' '/^\|/ { if ($(NF - 1) ~ /^ *test *$/) named = 1; else if (named) print $(NF - 1); next } { named = 0 }' \
            "$document"
        # Sentences; a name may go on in the next line.
        tr '\n' ' ' <"$document" | grep -oE 'test: `[^`]+`' || true
    } | grep -oE '`[^`]+`' | tr -d '`' | sort -u >"$work/named"
    (($(wc -l <"$work/named") >= 20)) || { echo "$document names too few tests: is it read rightly?"; exit 1; }
    missing=$(comm -23 "$work/named" "$work/tests")
    [[ -z $missing ]] || { printf 'not a test: %s\n' "$missing"; exit 1; }
    echo "$document: $(wc -l <"$work/named") tests named, all exist"
done
