# SPDX-License-Identifier: MIT
# Sourced by shell tests: results in ctest's form.
# shellcheck shell=bash

fail() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

# skip REASON: skips the test (77) because something is missing, or fails it where everything is required.
skip() {
    [[ ${MKPXERD_REQUIRE_ALL:-} == 1 ]] && fail "$*"
    printf 'SKIPPED: %s\n' "$*"
    exit 77
}

# need PROGRAM PACKAGE
need() {
    command -v "$1" >/dev/null || skip "$1 is missing (Debian package $2)"
}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Sets kernel_root and kernel_version to the kernel from scripts/test-kernel.
find_test_kernel() {
    kernel_root=${MKPXERD_TEST_KERNEL:-$source_dir/build/kernel}
    local dep
    for dep in "$kernel_root"/lib/modules/*/modules.dep; do
        [[ -s $dep ]] || skip "no kernel in $kernel_root (run: scripts/test-kernel $kernel_root)"
        dep=${dep%/modules.dep}
        # shellcheck disable=SC2034  # for the tests
        kernel_version=${dep##*/}
    done
}

# with_own_mounts "$@": starts the script again as root of a user and mount namespace, with "inside" as its last argument.
with_own_mounts() {
    [[ ${*: -1} != inside ]] || return 0
    unshare --user --map-root-user --mount true 2>/dev/null || skip "user namespaces are not available"
    exec unshare --user --map-root-user --mount "$0" "$@" inside
}
