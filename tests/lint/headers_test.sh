#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: headers_test.sh
# Plants one breach of each rule into a small tree and expects headers.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" headers.sh

opening='// SPDX-License-Identifier: MIT
// One thing turned into another.'
clean_tree() {
    fresh_tree
    mkdir -p src include/net include/fetch tests bench
    local header number
    for header in net/types fetch/types net/reach fetch/stream; do
        printf '%s\n#pragma once\n' "$opening" >"include/$header.hpp"
    done
    for number in {1..20}; do
        seq -f '// %g' 300 >"src/source_$number.cpp"
    done
}
# header NAME TEXT BREACH: what headers.sh says about a header with this text.
header() {
    clean_tree
    printf '%s\n' "$2" >"include/$1.hpp"
    expect 1 "$3"
    planted=$((planted + 1))
}
clean_tree
expect 0 "4 say their purpose; 24 of 24 sources"
# One of them may be long.
seq -f '// %g' 301 >src/long.cpp
expect 0 "24 of 25 sources"

header net/new '#pragma once' "include/net/new.hpp: does not begin with the licence"
header net/new '// SPDX-License-Identifier: GPL-2.0' "include/net/new.hpp: does not begin with the licence"
header net/new $'\n'"$opening" "include/net/new.hpp: does not begin with the licence"
header net/new $'// SPDX-License-Identifier: MIT\n#pragma once' "include/net/new.hpp: no comment says its purpose"
header net/new $'// SPDX-License-Identifier: MIT\n//\n// ---\n#pragma once' "include/net/new.hpp: no comment says its"
header net/new $'// SPDX-License-Identifier: MIT\n#pragma once\n// Too late to say it.' "include/net/new.hpp: no comment says"
# The last one is judged as well.
header net/zzz $'// SPDX-License-Identifier: MIT' "include/net/zzz.hpp: no comment says its purpose"
header fetch/reach "$opening" "several headers have one name: include/fetch/reach.hpp include/net/reach.hpp"
for type in 'struct Route {' 'class Route : public Path {' 'class Route final {' 'enum class Route {' 'using Route = int;'; do
    clean_tree
    printf '%s\n' 'struct Route {' >>include/net/reach.hpp
    plant_type() { # FILE
        printf '%s\n' "$type" >>"$1"
        expect 1 "several types have the name Route: include/net/reach.hpp $1"
        planted=$((planted + 1))
    }
    plant_type include/net/types.hpp
    [[ $type == using* ]] && continue
    clean_tree
    printf '%s\n' 'struct Route {' >>include/net/reach.hpp
    plant_type src/source_1.cpp
done
# Two sources may each have a type for themselves, which headers and other types do not know.
clean_tree
printf '%s\n' 'struct Local {' 'using Names = int;' '    struct Route {' 'struct Route;' |
    tee src/source_1.cpp src/source_2.cpp >/dev/null
printf '%s\n' 'struct Names {' 'struct Route {' >>include/net/reach.hpp
expect 0 "4 say their purpose"
seq -f '// %g' 301 >"$work/long"
for place in src tests bench; do
    clean_tree
    cp "$work/long" "$place/long.cpp"
    cp "$work/long" include/net/stream_type.cpp
    expect 1 "2 of 26 sources have more than 300 lines; at most 1 may:"
    expect 1 "301 $place/long.cpp"
    planted=$((planted + 1))
done
verdict
