#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: options_test.sh MKPXERD
# Options are told in five places: --help-all, mkpxerd(8), and the completions of bash, zsh and fish. All five name the same
# commands, and for each command the same options. --help names a part of those of the build. The keys of profiles stand in mkpxerd.yaml(5).
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need zsh zsh
need fish fish
mkpxerd=$(realpath "$1")
manual=$source_dir/docs/man/mkpxerd.8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C HOME=$work

same() { # WHAT EXPECTED FOUND
    diff -u --label "--help" --label "$1" "$2" "$3" >"$work/diff" || fail "$1 and --help differ: $(cat "$work/diff")"
}

# Help on standard input -> options, one a line.
options_of_text() { sed -nE 's/^  (-[^ ]+).*/\1/p' | tr ',' '\n' | sort -u; }
# options_of_help [COMMAND]: its own, without those that it takes for a build.
options_of_help() { "$mkpxerd" "$@" --help-all | sed '/^Build options/,$d' | options_of_text; }
commands_of_help() { "$mkpxerd" --help | sed -n '/^Commands/,$ s/^  \([a-z][^ ]*\) .*/\1/p' | sort; }

# Fl macros of mdoc lines on standard input -> options: "Fl o , -output Ar FILE" is -o and --output.
options_of_mdoc() {
    awk '{ on = 0
        for (i = 1; i <= NF; i++) {
            if ($i == "Fl") on = 1
            else if ($i ~ /^(Ar|Oc|Op|Ns|Oo|Cm|It)$/) on = 0
            else if (on && $i !~ /^[,;|]$/) print "-" $i
        } }' | sort -u
}
takes_build_options() { grep -qE "^    $1\) specs=\(\\\$specs" "$work/zsh"; } # COMMAND
options_of_manual() { # [COMMAND]
    if (($# == 0)); then
        sed -n '/^\.Sh DESCRIPTION/,/^\.Sh COMMANDS/p' "$manual" | grep '^\.It Fl' | options_of_mdoc
    else
        {
            # The line of the command, and the lists below it, up to the next command.
            sed -n '/^\.Sh COMMANDS/,/^\.Sh FEATURES/p' "$manual" |
                awk -v command="$1" -v commands=" $(tr '\n' ' ' <"$work/commands")" '
                    /^\.It Cm / && index(commands, " " $3 " ") { inside = $3 == command; if (inside) print }
                    /^\.It Fl / && inside'
            # What every command has stands before the list of commands.
            takes_build_options "$1" || echo '.It Fl q , -quiet , Fl v , -verbose'
            echo '.It Fl h , -help , Fl -help-all'
        } | options_of_mdoc
    fi
}

"$mkpxerd" completion bash >"$work/bash"
"$mkpxerd" completion zsh >"$work/zsh"
"$mkpxerd" completion fish >"$work/fish"
bash -n "$work/bash" && zsh -n "$work/zsh" && fish --no-execute "$work/fish" || fail "a completion is not valid in its shell"
# shellcheck disable=SC1091
. "$work/bash"
bash_words() { # WORD...: what the last one can become
    COMP_WORDS=(mkpxerd "$@")
    COMP_CWORD=$#
    _mkpxerd
    printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
# fish completes short options on "-" alone and long ones on "--".
fish_words() {
    fish --private -c "set -g PATH $(dirname "$mkpxerd") \$PATH; source $work/fish; complete -C '$*'" | cut -f1 | sort -u
}
zsh_options() { # [COMMAND]
    if (($# == 0)); then
        sed -n '/^    specs=($/,/^    )$/p' "$work/zsh"
    else
        sed -n "/^    $1) specs=(/,/^    ) ;;/p" "$work/zsh"
    fi | sed -nE "s/^ *'\*(-[^[]+)\[.*/\1/p" | sort -u
}

commands_of_help >"$work/commands"
(($(wc -l <"$work/commands") >= 9)) || fail "--help names only $(wc -l <"$work/commands") commands"
sed -n '/^\.Sh COMMANDS/,/^\.Sh FEATURES/p' "$manual" | sed -nE 's/^\.It Cm ([a-z]+).*/\1/p' |
    grep -Fxf "$work/commands" | sort >"$work/found" # nested lists have other words
same "commands of mkpxerd(8)" "$work/commands" "$work/found"
bash_words "" >"$work/found"
same "commands of bash" "$work/commands" "$work/found"
fish_words "mkpxerd " >"$work/found"
same "commands of fish" "$work/commands" "$work/found"
sed -n '/^    commands=($/,/^    )$/p' "$work/zsh" | sed -nE "s/^ *'([a-z]+):.*/\1/p" | sort >"$work/found"
same "commands of zsh" "$work/commands" "$work/found"

# One screen, of which every option is explained by --help-all.
(($("$mkpxerd" --help | wc -l) <= 40 && $("$mkpxerd" --help | wc -L) <= 80)) || fail "--help does not fit on a screen"
"$mkpxerd" --help | options_of_text >"$work/found"
[[ -s $work/found && -z $(options_of_help | comm -13 - "$work/found") ]] || fail "--help has other options than --help-all"

# Output that cannot be written is no success, be it at the end or, as output longer than any buffer, before.
for words in --version --help explain "completion bash"; do
    # shellcheck disable=SC2086  # words
    "$mkpxerd" $words >/dev/full 2>"$work/log" && fail "mkpxerd $words: exit code 0 on a full disk"
    [[ $(cat "$work/log") == "mkpxerd: error: standard output: cannot write"* ]] ||
        fail "mkpxerd $words on a full disk: $(cat "$work/log")"
    [[ $words != --version || $(cat "$work/log") == *": No space left on device" ]] ||
        fail "mkpxerd $words on a full disk gives no reason: $(cat "$work/log")"
done

total=0
# shellcheck disable=SC2086  # no command: the build itself
for command in "" $(cat "$work/commands"); do
    options_of_help $command >"$work/expected"
    options_of_manual $command >"$work/found"
    same "options of ${command:-the build} in mkpxerd(8)" "$work/expected" "$work/found"
    zsh_options $command >"$work/found"
    same "options of ${command:-the build} in zsh" "$work/expected" "$work/found"
    # Some commands take the options of the build as well.
    if [[ -n $command ]] && takes_build_options "$command"; then
        case $command in # they write no image
        why) refused='|-o|--(output|level|mode|allow-secrets|max-size|no-cache)' ;;
        lint) refused='|-o|--(output|level|max-size|no-cache)' ;;
        *) refused= ;;
        esac
        options_of_help | grep -vxE -- "-[hlL]|--(version|list|list-features|repro)$refused" | sort -u - "$work/expected" >"$work/all"
        "$mkpxerd" $command --help-all | options_of_text >"$work/found"
        same "all options of $command --help-all" "$work/all" "$work/found"
        options_of_help | sort -u - "$work/expected" >"$work/all"
        mv "$work/all" "$work/expected"
    fi
    bash_words $command - >"$work/found"
    same "options of ${command:-the build} in bash" "$work/expected" "$work/found"
    { fish_words "mkpxerd $command -" && fish_words "mkpxerd $command --"; } | grep '^-' | sort -u >"$work/found"
    same "options of ${command:-the build} in fish" "$work/expected" "$work/found"
    total=$((total + $(wc -l <"$work/expected")))
done
[[ $(bash_words -C "") == *zstd* && $(bash_words why x --firmware n) == $'net\nnone' ]] || fail "bash does not complete values"
PATH=$(dirname "$mkpxerd"):$PATH
[[ $(bash_words --profile mini) == minimal-virtio && $(bash_words -F dh) == dhcp ]] || fail "bash does not complete names"
[[ $(bash_words explain MPX-DHCP-0) == *MPX-DHCP-01* && $(bash_words snippet dhcp) == dhcpd.conf ]] || fail "bash does not complete codes and snippets"
[[ $(fish_words "mkpxerd --profile mini") == minimal-virtio ]] || fail "fish does not complete names"

# Every key that a profile can have stands in its manual.
sed -n '/^\.Sh KEYS/,/^\.Sh INSTALLED/p' "$source_dir/docs/man/mkpxerd.yaml.5" | sed -nE 's/^\.It Cm (.*)/\1/p' |
    tr -d ',' | tr ' ' '\n' | grep . | sort -u >"$work/found"
{
    sed -n '/setting_keys() {/,/^    };/p' "$source_dir/src/generator/request/settings.cpp" | grep -oE '"[a-z0-9-]+"' | tr -d '"'
    printf 'description\nextends\n' # of the profile itself
} | sort -u >"$work/expected"
same "keys in mkpxerd.yaml(5)" "$work/expected" "$work/found"
mv "$work/expected" "$work/keys"

# What docs/from-others.md offers in place of an option or a setting exists.
right_column() { # HEADING: the words between backticks there
    awk -v heading="### $1" '/^#/ { on = $0 == heading } on && /^\| `/' "$source_dir/docs/from-others.md" |
        sed -E 's/^.*[^\\] \| (.*) \|$/\1/' | grep -oE '`[^`]+`' | tr -d '`'
}
offered() { # WHAT FILE: those on standard input are in FILE
    sort -u >"$work/found"
    (($(wc -l <"$work/found") > 8)) || fail "docs/from-others.md offers few $1: $(cat "$work/found")"
    comm -13 "$2" "$work/found" >"$work/missing"
    [[ ! -s $work/missing ]] || fail "docs/from-others.md offers $1 that do not exist: $(cat "$work/missing")"
}
options_of_manual >"$work/options"
right_column Options | grep -oE '^-[^ ]+' | offered options "$work/options"
{ cat "$work/keys" && find "$source_dir/features.d" -type f -printf '%f\n' | sed 's/\..*//'; } | sort -u >"$work/names"
right_column Configuration | grep -oE '^[a-z0-9-]+(:|$)' | tr -d ':' | offered settings "$work/names"
echo "$(wc -l <"$work/commands") commands and $total options, the same in five places; $(wc -l <"$work/keys") keys of profiles"
