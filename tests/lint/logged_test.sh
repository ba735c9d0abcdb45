#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: logged_test.sh
# `logged` of scripts/common.sh: on a terminal it shows how far ninja, ctest and apt-get are; in a pipe it is silent. The
# log is whole and a failure is a failure in both; it shows what each failed test wrote at last.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need script bsdutils
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/steps" <<'END'
#!/bin/sh
cat <<'LINES'
0 upgraded, 2 newly installed, 0 to remove
Get:1 http://deb.example a
Get:2 http://deb.example b
Setting up a (1) ...
Setting up b (1) ...
[9/120] Building CXX object a.cpp.o
[120/120] Linking a
      Start  8: unit.b
 7/33 Test  #7: unit.a ....   Passed    0.1 sec
 8/33 Test  #8: unit.b ....***Failed    0.1 sec
b says why

      Start 10: unit.c
LINES
for i in $(seq 10 80); do echo "$i/90 Test #$i: unit.c ....   Passed    0.1 sec"; done
echo "99% tests passed, 1 tests failed out of 33"
exit "$1"
END
cat >"$work/caller" <<END
set -euo pipefail
. "$source_dir/scripts/common.sh"
log_dir=$work/logs
logged steps sh "$work/steps" "\$1"
echo came through
END

run() { # STATUS EXPECTED OUTPUT: OUTPUT of a run whose step ends with STATUS
    [[ $1 != 0 || $3 == *"came through"* ]] || fail "$2: the caller did not go on: $3"
    [[ $1 == 0 || $3 != *"came through"* ]] || fail "$2: the caller went on after a failure: $3"
    [[ $1 == 0 || $3 == *"tests passed"*"the end of unit.b:"*"    b says why"* ]] || fail "$2: the failed test is silent: $3"
    [[ $1 == 0 || $3 != *"the end of unit."[ac]* ]] || fail "$2: a test that passed is shown as failed: $3"
    [[ $1 == 0 || $3 == *'" failed; its whole output is in '* ]] || fail "$2: the failure is not named: $3"
    cmp --silent "$work/logs/steps.log" <(sh "$work/steps" 0) || fail "$2: the log is not the output of the command"
}
for status in 0 1; do
    on_terminal=$(script -qec "bash $work/caller $status" /dev/null </dev/null || true)
    run "$status" "on a terminal" "$on_terminal"
    for shown in "2 packages downloaded" "1 of 2 packages installed" "2 of 2 packages installed" ": 9 of 120" \
        ": 120 of 120" ": 7 of 33"; do
        [[ $on_terminal == *"$shown"* ]] || fail "on a terminal \"$shown\" is not shown: $on_terminal"
    done
    in_pipe=$(bash "$work/caller" $status 2>&1 || true)
    run "$status" "in a pipe" "$in_pipe"
    [[ $in_pipe != *"caller: "[0-9]* ]] || fail "it counts in a pipe: $in_pipe"
done
[[ $(bash "$work/caller" 0) == "came through" ]] || fail "it is not silent in a pipe"
echo "counts on a terminal, silence in a pipe"
