#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: format.sh
# Every source is as clang-format 14 writes it with the .clang-format of the project.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
cd "$source_dir"
need clang-format-14 clang-format-14

directories=()
for directory in src include tests bench; do
    [[ ! -d $directory ]] || directories+=("$directory")
done
mapfile -t files < <(find "${directories[@]}" -name '*.[ch]pp' | LC_ALL=C sort)
((${#files[@]} > 0)) || fail "no sources in ${directories[*]}"
if ! said=$(clang-format-14 --dry-run -Werror --ferror-limit=1 --style=file "${files[@]}" 2>&1); then
    wrong=$(sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error:.*/\1/p' <<<"$said" | sort -u | tr '\n' ' ')
    fail "${wrong:+not formatted; run: clang-format-14 -i }${wrong:-$said}"
fi
echo "format: ${#files[@]} files"
