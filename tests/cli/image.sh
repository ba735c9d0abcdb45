#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: image.sh MKPXERD IMAGE
# Builds the image that several tests look at: profile network for the test kernel.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
find_test_kernel

mkdir -p "$(dirname "$2")"
"$1" --no-cache -o "$2" --profile network --kernel-root "$kernel_root" "$kernel_version"
[[ -s $2 ]] || fail "mkpxerd succeeded without writing $2"
