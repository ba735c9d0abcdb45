#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: initialisers_test.sh
# Plants one breach of each rule into a small tree and expects initialisers.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" initialisers.sh

clean_tree() {
    fresh_tree
    mkdir -p src include
    cat >src/clean.cpp <<'EOF'
Problem a{.object = "b", .text = "{}, {}"}; // Problem{x, y}, {}, {}
const Origin none = Origin{};
return fail(name_, text, {}, {}, place);
struct Reason { int x; };
Error(Problem{
    .object = name});
EOF
}
clean_tree
expect 0 "initialisers: 1 sources"

plant src/new.cpp 'problems.add(Problem{name, text});' "src/new.cpp:1: made without the names of its members"
plant include/new.hpp 'const Origin origin{file, 1};' "include/new.hpp:1: made without the names"
plant src/new.cpp 'x = Reason{ kind};' "src/new.cpp:1: made without the names"
plant src/new.cpp 'mount(DeviceMount{device, target});' "src/new.cpp:1: made without the names"
plant src/new.cpp 'list.push_back({name, {}, {}});' "src/new.cpp:1: two empty members in a row"
fresh_tree
mkdir src include
expect 1 "no sources"
verdict
