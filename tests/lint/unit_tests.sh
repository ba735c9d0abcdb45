#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: unit_tests.sh [SOURCE_DIR]
# ctest runs every unit test: each file with a TEST_CASE is called NAME_test.cpp, lies below tests/unit and is listed once
# in tests/CMakeLists.txt, which runs it by its name. So the names are unique, and no tag hides a case.
# Each source has its test at the same path, tests/unit/ROOM/NAME_test.cpp, or a line "SOURCE: TEST" in
# tests/lint/tested_elsewhere.txt. TEST is a file, or the name that CMakeLists.txt gives to ctest.
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

sources() { find src -name '*.cpp' | LC_ALL=C sort; }
mirrored() { files | sed -n 's/^unit\/\(.*\)_test\.cpp$/src\/\1.cpp/p' | LC_ALL=C sort; }
exceptions() { sed 's/[[:space:]]*#.*//; /^$/d' tests/lint/tested_elsewhere.txt; }
# Of lines "SOURCE: TEST", those whose test does not exist.
without_test() {
    local line test
    while IFS= read -r line; do
        test=${line#*: }
        case $test in
            */*) [[ -f $test ]] || echo "$line" ;;
            *) grep -rqF "add_test(NAME $test " tests --include=CMakeLists.txt || echo "$line" ;;
        esac
    done
}

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
each "not a line SOURCE: TEST in tested_elsewhere.txt" < <(exceptions | grep -vE '^src/[^: ]+: [^ ]+$' || true)
excepted=$(exceptions | sed 's/:.*//' | LC_ALL=C sort)
each "no test at the same path, and no line in tested_elsewhere.txt" < <(
    comm -23 <(comm -23 <(sources) <(mirrored)) <(uniq <<<"$excepted"))
each "listed twice in tested_elsewhere.txt" < <(uniq -d <<<"$excepted")
each "in tested_elsewhere.txt, but there is a test at the same path" < <(comm -12 <(mirrored) <(uniq <<<"$excepted"))
each "in tested_elsewhere.txt, but there is no such source" < <(comm -13 <(sources) <(uniq <<<"$excepted" | sed '/^$/d'))
each "in tested_elsewhere.txt, but there is no such test" < <(exceptions | grep -E '^src/[^: ]+: [^ ]+$' | without_test)

((breaches == 0)) || { echo "$breaches breaches"; exit 1; }
echo "unit tests: all $count files are run"
