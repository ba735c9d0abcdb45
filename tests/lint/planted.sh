# SPDX-License-Identifier: MIT
# Sourced by the tests of lint scripts, as `planted.sh SCRIPT.sh`: breaches planted into a small tree, and what the script
# must say about each.
# shellcheck shell=bash

lint=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
planted=0

# fresh_tree: an empty tree as the working directory.
fresh_tree() {
    cd "$work"
    rm -rf tree
    mkdir tree
    cd tree
}

# expect STATUS TEXT: what the script must say about the tree as it is.
expect() {
    local output status=0
    output=$("$lint" "$work/tree" 2>&1) || status=$?
    if [[ $status != "$1" || $output != *"$2"* ]]; then
        printf 'FAILED: expected status %s and "%s", got %s:\n%s\n' "$1" "$2" "$status" "$output"
        failures=$((failures + 1))
    fi
}

# plant FILE LINE TEXT: the script says TEXT about a clean tree with one line more. Needs the function clean_tree.
plant() {
    clean_tree
    mkdir -p "$(dirname "$1")"
    printf '%s\n' "$2" >>"$1"
    expect 1 "$3"
    planted=$((planted + 1))
}

verdict() {
    ((failures == 0)) || exit 1
    echo "${lint##*/}: every one of $planted planted breaches is found"
}
