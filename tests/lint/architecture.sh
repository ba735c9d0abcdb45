#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: architecture.sh [SOURCE_DIR]
# The two walks in docs/architecture.md are true: each `room/file`, each `Type` and each `function()` that they name in
# backticks exists, and each walk names at least ten of them. architecture_test.sh plants a breach of each rule.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
document=docs/architecture.md

breaches=0
breach() {
    echo "$document: $*"
    breaches=$((breaches + 1))
}
# walk TITLE: what stands in backticks below the heading that begins with TITLE, up to the next one.
walk() {
    awk -v title="## $1" '/^## / { inside = index($0, title) == 1; next } inside' "$document" | tr '\n' ' ' |
        grep -oE '`[^`]+`' | tr -d '`' | LC_ALL=C sort -u
}
declared() { # REGEX: in a line of code, not in a comment
    grep -rqE --include='*.[ch]pp' "^([^/\"]|/[^/])*$1" src include
}
exists() { # NAME; true for what is neither a file, a type nor a function
    case $1 in
    *'()') declared "\<${1%'()'}\(" ;;
    *::*) exists "${1##*::}" ;;
    *) if [[ $1 =~ ^[a-z0-9_]+(/[a-z0-9_]+)+$ ]]; then
        [[ -f include/mkpxerd/$1.hpp || -f src/$1.cpp || -d src/$1 ]]
    elif [[ $1 =~ ^[A-Z][a-z0-9]+([A-Z][a-z0-9]*)*$ ]]; then
        declared "(struct|class|using|enum( class)?) $1\>"
    fi ;;
    esac
}
is_name() { [[ $1 == *'()' || $1 =~ ^[a-z0-9_]+(/[a-z0-9_]+)+$ || $1 =~ ^([A-Za-z0-9_]+::)*[A-Z][a-z0-9]+([A-Z][a-z0-9]*)*$ ]]; }

for title in 'A line of features.d' 'apkovl='; do
    names=0
    while IFS= read -r name; do
        is_name "$name" || continue
        names=$((names + 1))
        exists "$name" || breach "\"$title\" names \`$name\`, which does not exist"
    done < <(walk "$title" || true)
    ((names >= 10)) || breach "the walk \"$title\" names $names files and types, fewer than 10"
    echo "$document: \"$title\": $names names"
done
((breaches == 0))
