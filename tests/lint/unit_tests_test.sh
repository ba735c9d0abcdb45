#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: unit_tests_test.sh
# Plants one breach of each rule into a small tree and expects unit_tests.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" unit_tests.sh

list() { printf 'mkpxerd_unit_tests(base\n  %s\n)\n' "$1" >>tests/CMakeLists.txt; }
clean_tree() {
    fresh_tree
    mkdir -p tests/unit/base tests/unit/netboot/net tests/support tests/lint tests/net bench include src/base src/netboot/net
    touch src/base/text.cpp src/netboot/net/reach.cpp src/netboot/net/{race,dhcp}.cpp tests/net/test_dhcp.py
    printf '%s\n' '# what a test of its own cannot reach' 'src/netboot/net/race.cpp: net.race # interfaces' \
        'src/netboot/net/dhcp.cpp: tests/net/test_dhcp.py' >tests/lint/tested_elsewhere.txt
    echo 'add_test(NAME net.race COMMAND true)' >tests/net/CMakeLists.txt
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
plant src/base/more.cpp '// more' "no test at the same path, and no line in tested_elsewhere.txt: src/base/more.cpp"
plant tests/lint/tested_elsewhere.txt 'src/base/text.cpp: net.race' "there is a test at the same path: src/base/text.cpp"
plant tests/lint/tested_elsewhere.txt 'src/base/gone.cpp: net.race' "there is no such source: src/base/gone.cpp"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp: net.race' "listed twice in tested_elsewhere.txt: src/netboot/net/race.cpp"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp: net.gone' "there is no such test: src/netboot/net/race.cpp: net.gone"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp: net.rac' "there is no such test: src/netboot/net/race.cpp: net.rac"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp: tests/net/gone.py' "there is no such test: src/netboot/net/race.cpp: tests/net/gone.py"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp' "not a line SOURCE: TEST in tested_elsewhere.txt: src/netboot/net/race.cpp"
plant tests/lint/tested_elsewhere.txt 'src/netboot/net/race.cpp: ' "not a line SOURCE: TEST in tested_elsewhere.txt: src/netboot/net/race.cpp:"
clean_tree
rm tests/unit/netboot/net/reach_test.cpp
sed -i '/reach_test/d' tests/CMakeLists.txt
expect 1 "no line in tested_elsewhere.txt: src/netboot/net/reach.cpp"
verdict
