#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: unit_tests_test.sh
# Plants one breach of each rule into a small tree and expects unit_tests.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" unit_tests.sh

list() { printf 'mkpxerd_unit_tests(base\n  %s\n)\n' "$1" >>tests/CMakeLists.txt; }
clean_tree() {
    fresh_tree
    mkdir -p tests/unit/base tests/unit/netboot/net tests/support bench src include
    for test in base/text netboot/net/reach; do
        echo 'TEST_CASE("a thing works") {}' >"tests/unit/${test}_test.cpp"
    done
    list unit/base/text_test.cpp
    list unit/netboot/net/reach_test.cpp
    printf 'set_source_files_properties(\n  unit/base/text_test.cpp PROPERTIES\n  A B)\n' >>tests/CMakeLists.txt
}
clean_tree
expect 0 "all 2 files"

plant tests/unit/base/more_test.cpp 'TEST_CASE("more") {}' "not in tests/CMakeLists.txt: unit/base/more_test.cpp"
plant tests/CMakeLists.txt $'mkpxerd_unit_tests(base\n  unit/base/gone_test.cpp)' "no such file: unit/base/gone_test.cpp"
plant tests/CMakeLists.txt $'mkpxerd_unit_tests(cli\n  unit/base/text_test.cpp\n)' "listed twice in tests/CMakeLists.txt: unit/base/text_test.cpp"
plant tests/unit/netboot/net/text_test.cpp 'TEST_CASE("text") {}' "two tests have this file name: text_test.cpp"
plant tests/unit/base/set_test.cpp 'TEST_CASE("set") {}' "not in tests/CMakeLists.txt: unit/base/set_test.cpp"
clean_tree
sed -i 's/unit.netboot.net.reach_test.cpp/unit\/base\/other/' tests/CMakeLists.txt
printf 'set_source_files_properties(\n  unit/netboot/net/reach_test.cpp PROPERTIES\n  A B)\n' >>tests/CMakeLists.txt
expect 1 "not in tests/CMakeLists.txt: unit/netboot/net/reach_test.cpp"
plant tests/unit/base/empty_test.cpp '// nothing' "no test case: tests/unit/base/empty_test.cpp"
plant tests/unit/base/odd.cpp 'TEST_CASE("odd") {}' "which ctest does not run: tests/unit/base/odd.cpp"
plant tests/support/help.hpp 'TEMPLATE_TEST_CASE("help", "", int) {}' "which ctest does not run: tests/support/help.hpp"
plant tests/unit/base/text_test.cpp 'TEST_CASE("hidden", "[.]") {}' "a tag that hides the case"
plant tests/unit/base/text_test.cpp 'TEST_CASE("hidden", "[!mayfail]") {}' "a tag that hides the case"
verdict
