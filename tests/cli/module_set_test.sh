#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: module_set_test.sh IMAGE
# The modules of --profile network equal an independent reference: the patterns of the features expanded by the shell
# in the kernel's tree, and what modprobe itself would load for each match.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need modprobe kmod
need cpio cpio
find_test_kernel
image=$1
tree=$kernel_root/lib/modules/$kernel_version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

features=$(sed -n 's/^features: *\[\(.*\)\]$/\1/p' "$source_dir/profiles/network.yaml" | tr ',' ' ')
[[ -n $features ]] || fail "profiles/network.yaml has no line 'features: [...]'"

# What the shell finds for one pattern: modules, compressed or not; a folder stands for all below it.
expand() {
    local pattern=${1#\?} match
    pattern=${pattern#/}
    shopt -s nullglob
    local suffixes=("")
    [[ $pattern != *.ko ]] || suffixes=("" .gz .xz .zst)
    # Expanded here, on purpose. A word without wildcards stays itself, found or not.
    for match in $(printf '%s\n' "${suffixes[@]/#/$pattern}"); do
        if [[ -d $match ]]; then
            find "$match" -type f -name '*.ko*'
        elif [[ -f $match && $match == *.ko* ]]; then
            echo "$match"
        fi
    done
}
(
    cd "$tree"
    for feature in $features; do
        [[ -f $source_dir/features.d/$feature.modules ]] || continue
        while read -r line; do
            [[ -z $line || $line == \#* ]] || expand "$line"
        done <"$source_dir/features.d/$feature.modules"
    done
) | sort -u >"$work/matched"
[[ -s $work/matched ]] || fail "no pattern of the features $features matches a module of $kernel_version"

# An empty configuration: modprobe.d of this machine says nothing about the kernel that is packed.
mkdir "$work/modprobe.d"
sed 's|.*/||; s|\.ko.*||' "$work/matched" |
    xargs modprobe --dirname "$kernel_root" --set-version "$kernel_version" --config "$work/modprobe.d" \
        --all --show-depends >"$work/modprobe" || fail "modprobe cannot resolve what the patterns match"
{
    cat "$work/matched"
    awk '$1 == "insmod" { print $2 }' "$work/modprobe" | sed "s|.*/lib/modules/$kernel_version/||"
} | sort -u >"$work/expected"

zcat "$image" | cpio --list --quiet |
    sed -nE "s|^(usr/)?lib/modules/$kernel_version/(.*\.ko(\.[a-z]+)?)$|\2|p" | sort >"$work/found"

diff -u --label "expected (shell + modprobe)" --label "in the image" "$work/expected" "$work/found" >"$work/diff" ||
    fail "$(grep -c '^[-+][^-+]' "$work/diff") modules differ" "$(head -n 40 "$work/diff")"
echo "$(wc -l <"$work/found") modules: $(wc -l <"$work/matched") by patterns, the rest by dependency"
