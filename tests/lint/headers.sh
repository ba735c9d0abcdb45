#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: headers.sh [SOURCE_DIR]
# Each header opens with its licence and its purpose, and has a name that no other header has, so that the name says which
# one it is (types.hpp, the values of a room, excepted). A type that a header declares has a name that no other file declares,
# local abbreviations (using, in a .cpp) excepted. At least 95 % of the sources have at most 300 lines.
# headers_test.sh plants a breach of each rule.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

mapfile -t sources < <(find src include tests bench -name '*.[ch]pp' | LC_ALL=C sort)
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.hpp$')
mapfile -t program < <(printf '%s\n' "${sources[@]}" | grep -E '^(src|include)/')
((${#headers[@]} > 0)) || { echo "no headers"; exit 1; }

breaches=0
while IFS= read -r breach; do
    echo "$breach"
    breaches=$((breaches + 1))
done < <(
    # The purpose: words in the comment between the licence and the first line of code.
    awk 'function finish() { if (file != "" && !purpose) print file ": no comment says its purpose before #pragma once" }
        FNR == 1 { finish(); file = FILENAME; purpose = 0; open = 1
                   if ($0 != "// SPDX-License-Identifier: MIT") print file ": does not begin with the licence"; next }
        open && /^\/\/.*[[:alpha:]]+ [[:alpha:]]+/ { purpose = 1 }
        !/^\/\// { open = 0 }
        END { finish() }' "${headers[@]}"
    printf '%s\n' "${headers[@]}" | awk -F/ '$NF != "types.hpp" { at[$NF] = at[$NF] " " $0; n[$NF]++ }
        END { for (name in n) if (n[name] > 1) print "several headers have one name:" at[name] }'
    # Only what stands at the margin is outside of other types.
    awk 'FNR == 1 { header = FILENAME ~ /\.hpp$/ }
        /^((enum )?class|struct|enum) [A-Z][A-Za-z0-9]*( final)?( : .*)? \{/ || (header && /^using [A-Z][A-Za-z0-9]* =/) {
            name = $1 == "enum" && $2 == "class" ? $3 : $2
            n[name]++; at[name] = at[name] " " FILENAME; in_header[name] = in_header[name] || header }
        END { for (name in n) if (n[name] > 1 && in_header[name]) print "several types have the name " name ":" at[name] }' \
        "${program[@]}"
    wc -l "${sources[@]}" | awk '$2 != "total" { n++; if ($1 > 300) { long++; names = names "\n  " $1 " " $2 } }
        END { if (long * 20 > n) print long " of " n " sources have more than 300 lines; at most " int(n / 20) " may:" names }'
)
((breaches == 0)) || exit 1
echo "headers: ${#headers[@]} say their purpose; $(wc -l "${sources[@]}" | awk '$2 != "total" && $1 <= 300' | wc -l) of" \
    "${#sources[@]} sources have at most 300 lines"
