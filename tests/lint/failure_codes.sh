#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: failure_codes.sh [SOURCE_DIR]
# The code of a failure is written in the table alone, the program can end with every failure of the table, and a test
# names every code.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

table=src/contract/failure_codes.cpp
if grep -rnE '^[^/]*"MPX-[A-Z]+-[0-9]{2}' src include --include='*.[ch]pp' | grep -v "^$table:" |
    grep -vE '//.*"MPX-'; then
    echo "a code is written outside $table"
    exit 1
fi
said=$(grep -rhoE '\bFailure::[A-Za-z0-9]+' src include --exclude="${table##*/}" --exclude=failure_codes.hpp |
    grep -v '::None$' | LC_ALL=C sort -u)
failures=$(grep -oE 'failure = Failure::[A-Za-z0-9]+' "$table" | sed 's/.* //' | LC_ALL=C sort -u)
codes=$(grep -oE 'code = "MPX-[A-Z]+-[0-9]{2}' "$table" | sed 's/.*"//' | LC_ALL=C sort -u)
[[ -n $said && -n $failures && $(wc -l <<<"$codes") == $(wc -l <<<"$failures") ]] || { echo "the table cannot be read"; exit 1; }
if ! difference=$(diff <(echo "$said") <(echo "$failures")); then
    echo "failures that the program ends with (<) and that $table has (>):"
    echo "$difference"
    exit 1
fi
tested=$(grep -rhoE 'MPX-[A-Z]+-[0-9]{2}' tests --exclude=failure_codes_test.cpp | LC_ALL=C sort -u)
untested=$(comm -23 <(echo "$codes") <(echo "$tested"))
[[ -z $untested ]] || { echo "codes that no test names: ${untested//$'\n'/ }"; exit 1; }
echo "$(wc -l <<<"$codes") codes"
