#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: growth_test.sh MKPXERD IMAGE INIT INIT_PLAIN
# Nothing grows, or shrinks, by more than 1 % unseen: bytes of the reference image and of both inits, and system calls on
# files in a build without a cache. growth.txt has the figures; a commit that means to change them runs
#   MKPXERD_WRITE_GROWTH=1 ctest --preset release -R '^cli.growth$'
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need strace strace
find_test_kernel
mkpxerd=$1 image=$2 init=$3 init_plain=$4 figures=$source_dir/tests/cli/growth.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# On one processor the program has one thread of each kind: the count is the same in every run.
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
taskset -c "$cpu" strace -f -c -e trace=%file,%desc -o "$work/calls" "$mkpxerd" --no-cache -o "$work/image" --profile network \
    --kernel-root "$kernel_root" "$kernel_version" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build under strace failed"; }
calls=$(awk '$NF == "total" { print $4 }' "$work/calls")
[[ $calls =~ ^[0-9]+$ ]] || { cat "$work/calls"; fail "strace's table cannot be read"; }

measured=$(printf '%s %s\n' image "$(stat -c %s "$image")" init "$(stat -c %s "$init")" \
    init-plain "$(stat -c %s "$init_plain")" system-calls "$calls")
if [[ -n ${MKPXERD_WRITE_GROWTH:-} ]]; then
    {
        sed -n '/^#/p' "$figures"
        printf 'kernel %s\n%s\n' "$kernel_version" "$measured"
    } >"$work/figures"
    cp "$work/figures" "$figures"
fi
kernel=$(awk '$1 == "kernel" { print $2 }' "$figures")
[[ $kernel == "$kernel_version" ]] || echo "measured with kernel $kernel_version, the figures are of $kernel"
awk -v figures="$figures" '
    NR == FNR { if (!/^#/ && $1 != "kernel") expected[$1] = $2; next }
    !($1 in expected) { print $1 ": no figure in " figures; wrong = 1; next }
    {
        change = 100 * ($2 - expected[$1]) / expected[$1]
        printf "%s: %d, was %d (%+.2f %%)\n", $1, $2, expected[$1], change
        if (change > 1 || change < -1) { print "FAILED: " $1 " changed by more than 1 %"; wrong = 1 }
    }
    END { if (wrong) { print "if that is meant: MKPXERD_WRITE_GROWTH=1 ctest --preset release -R ^cli.growth"; exit 1 } }
' "$figures" - <<<"$measured" || fail "figures of growth.txt are not kept"
