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

# logged NAME COMMAND...: writes the output to build/logs/NAME.log, and shows its end if the command fails, and of ctest the
# end of each failed test. On a terminal, a line with counts shows the progress.
logged() {
    local log=$log_dir/$1.log
    shift
    mkdir -p "$log_dir"
    if [[ -t 1 ]]; then
        "$@" 2>&1 </dev/null | tee "$log" | show_counts && return 0
    else
        "$@" >"$log" 2>&1 </dev/null && return 0
    fi
    tail -n 60 "$log" >&2
    show_failed_tests <"$log" >&2
    printf '%s: error: "%s" failed; its whole output is in %s\n' "${0##*/}" "$*" "$log" >&2
    return 1
}

# show_failed_tests: shows the last lines that each failed test wrote, from the output of ctest --output-on-failure.
show_failed_tests() {
    awk '
        function show(i) {
            if (failed != "") {
                print "the end of " failed ":"
                for (i = lines > 40 ? lines - 40 : 0; i < lines; i++) print "    " line[i]
            }
            failed = ""
            lines = 0
        }
        / Test +#[0-9]+: / { show(); if ($0 !~ / Passed /) failed = $4 }
        / Start +[0-9]+: / || /^[0-9]+% tests passed/ { show() }
        failed != "" && !/ Test +#[0-9]+: / { line[lines++] = $0 }
        END { show() }
    '
}

# show_counts: shows the progress of ninja, ctest and apt-get, from their output, in one line that overwrites itself and
# disappears at the end.
show_counts() {
    local line packages=0 got=0 installed=0
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] || $line =~ ^\ *([0-9]+)/([0-9]+)\ Test ]]; then
            printf '\r%s: %d of %d\e[K' "${0##*/}" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        elif [[ $line =~ ^[0-9]+\ upgraded,\ ([0-9]+)\ newly ]]; then
            packages=${BASH_REMATCH[1]}
        elif [[ $line == Get:* ]]; then
            printf '\r%s: %d packages downloaded\e[K' "${0##*/}" $((got += 1))
        elif [[ $line == 'Setting up '* ]]; then
            printf '\r%s: %d of %d packages installed\e[K' "${0##*/}" $((installed += 1)) "$packages"
        fi
    done
    printf '\r\e[K'
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

# install_packages PURPOSE...: installs the missing packages. Does not use the network if none is missing.
install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this is not a Debian system; install these packages and build with cmake (Alpine's names):" \
            "$(packages 3 "$@" | tr '\n' ' ')"
    local name missing=()
    for name in $(packages 2 "$@"); do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    if ((${#missing[@]} == 0)); then
        say "packages for $*: all installed"
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
    # If it stayed, no service of this machine could start: it is removed however this script ends.
    (
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        "$@"
    )
}
