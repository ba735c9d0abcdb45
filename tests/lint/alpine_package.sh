#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: alpine_package.sh
# The APKBUILD is a valid script of the shell, has the version of the project, and names exactly the packages of the Alpine
# column of scripts/packages.txt: `build` to build, `kernel` to run.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
cd "$source_dir"
recipe=packaging/alpine/APKBUILD

sh -n "$recipe" || fail "$recipe is no script"
# value NAME: what the recipe sets, one word a line, sorted.
value() { sh -c '. "$1"; eval "printf \"%s\n\" \$$2"' sh "./$recipe" "$1" | LC_ALL=C sort; }
column() { # PURPOSE
    awk -F'|' -v purpose="$1" '!/^#/ && NF == 3 { gsub(/[ \t]/, ""); if ($1 == purpose && $3 != "-") print $3 }' \
        scripts/packages.txt | LC_ALL=C sort -u
}
same() { # VARIABLE PURPOSE
    diff --label "scripts/packages.txt: $2" --label "$recipe: $1" -u <(column "$2") <(value "$1") ||
        fail "$1 and the Alpine column differ"
}
[[ -n $(column build) && -n $(column kernel) ]] || fail "no packages were read"
same makedepends build
same depends kernel
version=$(sed -nE 's/^project\(mkpxerd VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
[[ $(value pkgver) == "$version" ]] || fail "$recipe is for version $(value pkgver), the project is $version"
for variable in pkgname pkgrel pkgdesc url arch license source; do
    [[ -n $(value $variable) ]] || fail "$recipe sets no $variable"
done
echo "$(value makedepends | wc -l) packages to build, $(value depends | wc -l) to run"
