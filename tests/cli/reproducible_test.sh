#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: reproducible_test.sh MKPXERD IMAGE
# Builds IMAGE again under other circumstances: the bytes are the same whatever the user, umask, time zone, language,
# directory and time, and every time they are made anew, not taken from a cache.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
find_test_kernel
mkpxerd=$1 image=$2
other_user=65534
as_other_user=(setpriv --reuid="$other_user" --regid="$other_user" --clear-groups)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

arguments=(--profile network --kernel-root "$kernel_root" "$kernel_version")
build() { "$mkpxerd" --no-cache -o "$1" "${arguments[@]}" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build of $1 failed"; }; }
same() { cmp "$image" "$2" || fail "the image differs $1"; }

build "$work/again"
same "in a second build" "$work/again"

# Another user who can read the program; otherwise a user namespace, where this process is nobody by name.
mkdir "$work/other"
if ((EUID == 0)) && "${as_other_user[@]}" test -x "$mkpxerd"; then
    chmod 711 "$work"
    chown $other_user:$other_user "$work/other"
elif unshare --user true 2>/dev/null; then
    as_other_user=(unshare --user)
else
    skip "there is no other user to build as (needs root, or user namespaces)"
fi
(
    umask 077
    cd "$work/other"
    [[ $("${as_other_user[@]}" id -u) == "$other_user" ]] || fail "the other user is $("${as_other_user[@]}" id -u)"
    "${as_other_user[@]}" env -u HOME TZ=Pacific/Kiritimati LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 \
        "$mkpxerd" --no-cache -o image "${arguments[@]}"
) >"$work/log" 2>&1 || { cat "$work/log"; fail "the build as user $other_user failed"; }
same "for user $other_user, umask 077, another time zone, language and directory" "$work/other/image"

# The option that is meant to change it does, and everything else still does not.
export SOURCE_DATE_EPOCH=1700000000
build "$work/dated"
cmp --silent "$image" "$work/dated" && fail "SOURCE_DATE_EPOCH changes nothing"
build "$work/dated again"
cmp "$work/dated" "$work/dated again" || fail "two builds with SOURCE_DATE_EPOCH differ"
echo "same bytes: $(sha256sum <"$image")"
