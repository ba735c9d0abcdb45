#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: initialisers.sh [SOURCE_DIR]
# Values whose members are alike are made by name, as {.object = ..., .text = ...}: problems, origins, reasons, mounts. No value
# is made with two empty members in a row. initialisers_test.sh plants a breach of each rule.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

mapfile -t sources < <(find src include -name '*.[ch]pp' | LC_ALL=C sort)
((${#sources[@]} > 0)) || { echo "no sources"; exit 1; }
# Comments and texts are no code. Arguments of functions have no names: those that end with the place of a problem are such.
if awk '{ code = $0; gsub(/"([^"\\]|\\.)*"/, "\"\"", code); sub(/\/\/.*/, "", code) }
    code ~ /(^|[^A-Za-z_:])(Problem|Origin|Reason|DeviceMount)( [a-z_]+)?\{ *[^.} ]/ && code !~ /^ *struct / {
        print FILENAME ":" FNR ": made without the names of its members:" $0; bad = 1 }
    code ~ /\{\}, \{\}/ && code !~ /\{\}, \{\}, place\)/ { print FILENAME ":" FNR ": two empty members in a row:" $0; bad = 1 }
    END { exit !bad }' "${sources[@]}"; then
    exit 1
fi
echo "initialisers: ${#sources[@]} sources"
