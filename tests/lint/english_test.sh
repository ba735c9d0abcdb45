#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: english_test.sh
# Plants breaches of each rule into a small tree and expects english.sh to name them; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" english.sh

clean_tree() {
    fresh_tree
    mkdir -p docs/man src/net include/net
    echo 'Marshall lists the placeholder_folder of a subfolder.' | tee README.md docs/man/a.8 >docs/a.md
    echo 'fail("is not a URL", "this is nothing"); // is it? no' | tee src/net/a.cpp >include/net/a.hpp
}
clean_tree
expect 0 "nothing found"
for file in README.md docs/a.md docs/man/a.8 src/net/a.cpp include/net/a.hpp; do
    for word in shall folder folders; do
        plant "$file" "A file $word be there." "$file:2:A file $word"
    done
done
for file in src/net/a.cpp include/net/a.hpp; do
    plant "$file" 'fail(text, "is no URL");' "$file:2:fail(text, \"is no URL\")"
    plant "$file" 'fail(text, "the mask is none");' "$file:2:fail(text, \"the mask is none\")"
done
clean_tree
rm -r docs
expect 1 "No such file"
verdict
