# SPDX-License-Identifier: MIT
# Sourced by the other scripts: messages, logged commands, packages.
# shellcheck shell=bash

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$source_dir/build
log_dir=$build_dir/logs

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
die() {
    printf '%s: error: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# logged NAME COMMAND...: the output goes to build/logs/NAME.log and is shown when the command fails.
logged() {
    local log=$log_dir/$1.log
    shift
    mkdir -p "$log_dir"
    "$@" >"$log" 2>&1 </dev/null && return 0
    tail -n 60 "$log" >&2
    printf '%s: error: "%s" failed; its whole output is in %s\n' "${0##*/}" "$*" "$log" >&2
    return 1
}

# packages COLUMN PURPOSE...: names from packages.txt; column 2 is Debian, 3 Alpine.
packages() {
    local column=$1
    shift
    awk -F'|' -v column="$column" -v purposes=" $* " '
        /^#/ || NF < 3 { next }
        { for (i = 1; i <= NF; i++) gsub(/[ \t]/, "", $i) }
        index(purposes, " " $1 " ") && $column != "-" && !seen[$column]++ { print $column }
    ' "$source_dir/scripts/packages.txt"
}

# install_packages PURPOSE...: installs what is missing. Asks the network for nothing when nothing is missing.
install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this is no Debian system; install these packages and build with cmake (names of Alpine):" \
            "$(packages 3 "$@" | tr '\n' ' ')"
    local name missing=()
    for name in $(packages 2 "$@"); do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    if ((${#missing[@]} == 0)); then
        say "packages for $*: all there"
        return 0
    fi
    ((EUID == 0)) ||
        die "packages are missing; run as root: apt-get install --no-install-recommends ${missing[*]}"
    say "packages for $*: installing ${#missing[@]}"
    logged apt-update apt-get -q -o Acquire::Retries=3 update
    without_daemons logged apt-install env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}"
}

# Tests start their own servers inside namespaces; the packages must not start them on the machine.
# Debian asks this file before a package starts its daemon (101: forbidden).
without_daemons() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then
        "$@"
        return
    fi
    # Left behind, it would keep every service of this machine from starting: whatever ends this, it goes.
    (
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        "$@"
    )
}
