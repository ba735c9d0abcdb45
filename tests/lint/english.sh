#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: english.sh [SOURCE_DIR]
# Two rules of CONTRIBUTING.md's "English" that a machine can hold: documents and sources say "must" or the present tense,
# and "directory"; messages say "X is not a Y". english_test.sh plants a breach of each.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

breaches=0
# forbidden WHY REGEX PATH...: grep says 1 when it found nothing; 2 is a path that does not exist.
forbidden() {
    local why=$1 regex=$2 hits status=0
    shift 2
    hits=$(grep -rnE "$regex" "$@" 2>&1) || status=$?
    ((status != 1)) || return 0
    printf '%s:\n%s\n' "$why" "$hits"
    breaches=$((breaches + 1))
}
forbidden 'write "must" or the present tense, and "directory"' '(^|[^[:alnum:]_])(shall|folders?)($|[^[:alnum:]_])' \
    README.md docs src include
forbidden 'write "X is not a Y"' '"[^"]*\<is (no|none)\>' src include

((breaches == 0)) || exit 1
echo "english: nothing found"
