#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: say_skipped.sh LOG
# ctest runs this after its tests: says why tests were skipped, once for each reason. Silent when none was.
sed -n 's/^SKIPPED: //p' "$1" | sort -u | sed 's/^/skipped because /'
