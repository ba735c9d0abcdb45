#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: failure_codes.sh [SOURCE_DIR]
# Every code that the init can say is in the table, every code of the table is one that it can say, and a test names it.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

# In quotes: comments may mention codes that have gone.
said=$(grep -rhoE '(\"|failed )MPX-[A-Z]+-[0-9]{2}' src/netboot src/wrap | grep -oE 'MPX-[A-Z]+-[0-9]{2}' | LC_ALL=C sort -u)
table=$(grep -oE '^    \{"MPX-[A-Z]+-[0-9]{2}' src/base/failure_codes.cpp | grep -oE 'MPX-[A-Z]+-[0-9]{2}' | LC_ALL=C sort -u)
[[ -n $said && -n $table ]] || { echo "no codes found"; exit 1; }
if ! difference=$(diff <(echo "$said") <(echo "$table")); then
    echo "codes that the init says (<) and that src/base/failure_codes.cpp has (>):"
    echo "$difference"
    exit 1
fi
tested=$(grep -rhoE 'MPX-[A-Z]+-[0-9]{2}' tests --exclude=failure_codes_test.cpp | LC_ALL=C sort -u)
untested=$(comm -23 <(echo "$table") <(echo "$tested"))
[[ -z $untested ]] || { echo "codes that no test names: ${untested//$'\n'/ }"; exit 1; }
echo "$(wc -l <<<"$table") codes"
