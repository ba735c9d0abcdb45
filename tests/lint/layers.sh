#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: layers.sh [SOURCE_DIR]
# Holds the rules of docs/architecture.md: which layer may include which, who sees C libraries, what a stage may know,
# and that the document names every file. layers_test.sh plants a breach of each.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

breaches=0
breach() {
    printf '%s\n' "$@"
    breaches=$((breaches + 1))
}

# forbid RULE REGEX PATH...: no file below the paths includes a header that the regex describes from its first
# character on. grep says 1 when it found nothing; 2 is a path that is not there, and then the rule is not held.
forbid() {
    local rule=$1 regex=$2 hits status=0
    shift 2
    hits=$(grep -rnE --include='*.[ch]pp' --include='*.[ch]' \
        "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" "$@" 2>&1) || status=$?
    case $status in
    0) breach "$rule:" "$hits" ;;
    1) ;;
    *) breach "$rule: cannot be checked:" "$hits" ;;
    esac
}

layer() { printf '([^">]*/)?(%s)/' "$1"; }

# Who may include whom.
forbid "base includes no other layer" "$(layer 'wrap|generator|image|deploy|netboot|cli')" \
    src/base include/mkpxerd/base include/mkpxerd/*.hpp
forbid "wrap includes base alone" "$(layer 'generator|image|deploy|netboot|cli')" src/wrap include/mkpxerd/wrap
forbid "image includes wrap and base alone" "$(layer 'generator|deploy|netboot|cli')" src/image include/mkpxerd/image
forbid "generator includes wrap and base alone" "$(layer 'netboot|image|deploy|cli')" src/generator include/mkpxerd/generator
forbid "deploy includes wrap and base alone" "$(layer 'generator|image|netboot|cli')" src/deploy include/mkpxerd/deploy
forbid "netboot includes wrap and base alone" "$(layer 'generator|image|deploy|cli')" src/netboot include/mkpxerd/netboot
forbid "cli never sees netboot" "$(layer netboot)" src/cli

# Who sees C libraries. The headers of wrap are read by everyone, so they count as outside.
c_libraries='libkmod\.h|archive(_entry)?\.h|(lib|g)elf\.h|zlib\.h|libdeflate\.h|zstd[a-z_]*\.h|lzma\.h|lz4[a-z]*\.h|bzlib\.h|lzo/'
c_libraries+='|openssl/|blkid/|ares[a-z_]*\.h|netlink/'
forbid "headers of C libraries are included in src/wrap only" "$c_libraries" \
    src/base src/generator src/image src/deploy src/netboot src/cli include

# Stages of the generator know values, never each other; pipeline.cpp alone knows their order.
stages=(profile_loader feature_resolver kernel_finder module_resolver file_collector elf_closure image_builder image_writer)
for stage in "${stages[@]}"; do
    [[ -f include/mkpxerd/generator/$stage.hpp ]] || breach "there is no stage include/mkpxerd/generator/$stage.hpp"
done
stage_header=$(IFS='|'; printf '([^">]*/)?(%s)\.hpp' "${stages[*]}")
while IFS= read -r hit; do
    # file:line:#include ".../stage.hpp"; its own header is what a stage's source begins with.
    file=${hit%%:*} header=${hit%.hpp*}
    name=${file##*/}
    [[ ${name%.*} == "${header##*[/\"<]}" || $file == src/generator/pipeline.cpp ]] ||
        breach "a stage includes no other stage: $hit"
done < <(grep -rnE --include='*.[ch]pp' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$stage_header" \
    src/generator include/mkpxerd/generator)

# The document names every file by its path without directory of kind, with or without ending: `generator/image_writer`,
# `cli/main.cpp`; a contract by its name alone: `boot_config` for include/mkpxerd/boot_config.hpp and
# src/base/boot_config.cpp; what lies in a directory of a layer also by the directory: `src/wrap/compress/`.
named() {
    local path=${1#src/}
    path=${path#include/mkpxerd/}
    local name=${path%.*} directory=${1%/*}/
    [[ ! -f include/mkpxerd/${name#base/}.hpp ]] || name=${name#base/}
    [[ $document == *"\`$name\`"* || $document == *"\`$path\`"* ||
        $directory == src/*/*/ && $document == *"\`$directory\`"* ]]
}
document=$(cat docs/architecture.md) || breach "docs/architecture.md cannot be read"
while IFS= read -r file; do
    named "$file" || breach "docs/architecture.md does not name $file"
done < <(find src include -name '*.[ch]pp' | LC_ALL=C sort)

((breaches == 0)) || { echo "$breaches breaches"; exit 1; }
echo "layers: no breach"
