#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: architecture_test.sh
# Plants a breach of each rule into a small tree and expects architecture.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" architecture.sh

clean_tree() { # [NAMES]: how many types the walks name; 8, with a file and a function beside them, make a walk
    fresh_tree
    mkdir -p docs src/net include/mkpxerd/net
    {
        echo '## Before'
        echo '`net/absent` `Absent`'
        for title in 'A line of features.d, to bytes' 'apkovl=URL, to files'; do
            printf '## %s\n\n`net/reach`, `reach()`, `/lib/modules/VERSION`, `apkovl=`, `features.d`\n' "$title"
            seq -f '`Type%g`' "${1:-8}"
        done
    } >docs/architecture.md
    echo 'bool reach();' >include/mkpxerd/net/reach.hpp
    seq -f 'struct Type%g {};' 20 >>include/mkpxerd/net/reach.hpp
    echo '// struct Talk: class Talk of no code; talk() is not a function' >src/net/other.cpp
}
clean_tree
expect 0 "10 names"
clean_tree
echo '`net/other`, `net`, `src/net`, `net/reach`, `Outer::Type4`' >>docs/architecture.md
sed -i 's/, `src.net`//' docs/architecture.md
expect 0 "12 names"

for name in net/absent Absent Outer::Absent 'absent()' lib/absent Talk 'talk()' Typ; do
    plant docs/architecture.md "a sentence with \`$name\`" "names \`$name\`, which does not exist"
done
clean_tree 7
expect 1 "the walk \"A line of features.d\" names 9 files and types"
expect 1 "the walk \"apkovl=\" names 9 files and types"
clean_tree
sed -i 's/^## apkovl=.*/## Something else/' docs/architecture.md
expect 1 "the walk \"apkovl=\" names 0"
clean_tree
sed -i 's/^## A line/### A line/' docs/architecture.md
expect 1 "the walk \"A line of features.d\" names 0"
verdict
