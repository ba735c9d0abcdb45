#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: unit_tests.sh [SOURCE_DIR]
# ctest runs every unit test: each file with a TEST_CASE is called NAME_test.cpp, lies below tests/unit and is listed once
# in tests/CMakeLists.txt, which runs it by its name. So the names are unique, and no tag hides a case.
# unit_tests_test.sh plants a breach of each rule.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

breaches=0
# each TEXT: a breach for every line of the input.
each() {
    local line
    while IFS= read -r line; do
        printf '%s: %s\n' "$1" "$line"
        breaches=$((breaches + 1))
    done
}
files() { find tests/unit -name '*_test.cpp' | sed 's/^tests\///' | LC_ALL=C sort; }
# What the calls of mkpxerd_unit_tests name; other commands may name the files as well.
listed() {
    awk '/^mkpxerd_unit_tests\(/ { inside = 1 } inside && $1 ~ /^unit\// { sub(/\)$/, "", $1); print $1 } /^[^#]*\)$/ { inside = 0 }' \
        tests/CMakeLists.txt | LC_ALL=C sort
}
has_case='^[[:space:]]*[A-Z_]*TEST_CASE[A-Z_]*\('

count=$(files | wc -l)
((count > 0)) || { echo "no tests below tests/unit"; exit 1; }
each "not in tests/CMakeLists.txt" < <(comm -23 <(files) <(listed | uniq))
each "in tests/CMakeLists.txt, but there is no such file" < <(comm -13 <(files) <(listed | uniq))
each "listed twice in tests/CMakeLists.txt" < <(listed | uniq -d)
each "two tests have this file name" < <(files | sed 's/.*\///' | LC_ALL=C sort | uniq -d)
each "no test case" < <(files | sed 's/^/tests\//' | xargs grep -LE "$has_case" || true)
each "a test case outside tests/unit/**/*_test.cpp, which ctest does not run" < <(
    grep -rlE "$has_case" tests bench src include --include='*.[ch]pp' | grep -vE '^tests/unit/.*_test\.cpp$' || true)
each "a tag that hides the case" < <(tr '\n' ' ' < <(files | sed 's/^/tests\//' | xargs cat) |
    grep -oE 'TEST_CASE[A-Z_]*\([^{]*"\[[.!][^{]*' || true)

((breaches == 0)) || { echo "$breaches breaches"; exit 1; }
echo "unit tests: all $count files are run"
