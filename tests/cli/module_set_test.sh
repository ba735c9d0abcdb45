#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: module_set_test.sh MKPXERD IMAGE
# The modules of --profile network (IMAGE), and of every feature by itself, equal an independent reference: the patterns
# expanded by the shell in the kernel's tree, and what modprobe itself would load for each match. That the patterns are
# the right ones is held by feature_modules.txt: modules that each feature must bring, by name.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need modprobe kmod
need cpio cpio
find_test_kernel
mkpxerd=$1
image=$2
tree=$kernel_root/lib/modules/$kernel_version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# What the shell finds for one pattern: modules, compressed or not; a directory stands for all below it.
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

# reference FEATURE...: the paths that must be in the image, below the module directory.
mkdir "$work/modprobe.d" # an empty configuration: that of this machine says nothing about the kernel that is packed
reference() {
    local feature line
    (
        cd "$tree"
        for feature in "$@"; do
            [[ -f $source_dir/features.d/$feature.modules ]] || continue
            while read -r line; do
                [[ -z $line || $line == \#* ]] || expand "$line"
            done <"$source_dir/features.d/$feature.modules"
        done
    ) | sort -u >"$work/matched"
    : >"$work/modprobe"
    [[ ! -s $work/matched ]] || sed 's|.*/||; s|\.ko.*||' "$work/matched" |
        xargs modprobe --dirname "$kernel_root" --set-version "$kernel_version" --config "$work/modprobe.d" \
            --all --show-depends >"$work/modprobe" || fail "$*: modprobe cannot resolve what the patterns match"
    # Of several softdep lines of a module modprobe takes the first alone (kmod-project/kmod#33): the others are added.
    local before=-1 count
    while :; do
        {
            cat "$work/matched"
            awk '$1 == "insmod" { print $2 }' "$work/modprobe" | sed "s|.*/lib/modules/$kernel_version/||"
        } | sort -u >"$work/reference"
        sed 's|.*/||; s|\.ko.*||' "$work/reference" | tr - _ | softdeps >"$work/soft"
        count=$(wc -l <"$work/soft")
        ((count > before)) || break
        before=$count
        # One that the kernel lacks is no matter.
        xargs -r -n 1 modprobe --dirname "$kernel_root" --set-version "$kernel_version" --config "$work/modprobe.d" \
            --all --show-depends <"$work/soft" >>"$work/modprobe" 2>/dev/null || true
    done
    sed -E 's|(\.ko)\.[a-z]+$|\1|' "$work/reference" | sort
}

# Names of modules on standard input -> what all their softdeps name.
softdeps() {
    awk 'NR == FNR { wanted[$1] = 1; next }
        $1 == "softdep" && $2 in wanted { for (i = 3; i <= NF; i++) if ($i !~ /^(pre|post):$/) print $i }' \
        - "$tree/modules.softdep" | sort -u
}

# Names of an image's entries on standard input -> modules, in the form of the reference: the image may have them packed.
modules_of() {
    sed -nE "s|^(usr/)?lib/modules/$kernel_version/(.*\.ko)(\.[a-z]+)?$|\2|p" | sort
}
compare() {
    diff -u --label "expected (shell + modprobe)" --label "in the image" "$work/expected" "$work/found" >"$work/diff" ||
        fail "$1: $(grep -c '^[-+][^-+]' "$work/diff") modules differ" "$(head -n 40 "$work/diff")"
}

features=$(sed -n 's/^features: *\[\(.*\)\]$/\1/p' "$source_dir/profiles/network.yaml" | tr ',' ' ')
[[ -n $features ]] || fail "profiles/network.yaml has no line 'features: [...]'"
# shellcheck disable=SC2086  # a list of names
reference $features >"$work/expected"
[[ -s $work/matched ]] || fail "no pattern of the features $features matches a module of $kernel_version"
zcat "$image" | cpio --list --quiet | modules_of >"$work/found"
compare "profile network"
echo "profile network: $(wc -l <"$work/found") modules, $(wc -l <"$work/matched") by patterns, the rest by dependency"

# names_in FEATURE: its line of the table, one module a line; nothing for "-".
must_have=$source_dir/tests/cli/feature_modules.txt
names_in() {
    local line
    line=$(grep "^$1: " "$must_have") || fail "feature $1 has no line in $must_have"
    tr ' ' '\n' <<<"${line#*: }" | tr - _ | grep -vx _ | sort -u || true
}

# Each feature by itself, without its files: they need a system that has them. What this kernel lacks is left out by both.
mkdir "$work/features"
with_modules=0
named=0
for list in "$source_dir"/features.d/*.modules; do
    feature=${list##*/}
    feature=${feature%.modules}
    : >"$work/features/$feature.files"
    reference "$feature" >"$work/expected"
    "$mkpxerd" --list --lenient -P "$work/features" -F "$feature" --kernel-root "$kernel_root" "$kernel_version" \
        >"$work/list" || fail "feature $feature cannot be listed"
    modules_of <"$work/list" >"$work/found"
    compare "feature $feature"
    names_in "$feature" >"$work/named"
    sed 's|.*/||; s|\.ko.*||' "$work/found" | tr - _ | sort -u >"$work/names"
    lacking=$(comm -23 "$work/named" "$work/names" | tr '\n' ' ')
    [[ -z $lacking ]] || fail "feature $feature lacks $lacking"
    [[ -s $work/named || ! -s $work/found ]] || fail "feature $feature has modules, and $must_have names none of them"
    named=$((named + $(wc -l <"$work/named")))
    [[ ! -s $work/found ]] || with_modules=$((with_modules + 1))
done
((with_modules >= 30)) || fail "only $with_modules features have modules of $kernel_version: the test saw too little"
echo "$with_modules features with modules, each as the reference has it; $named modules by name"
