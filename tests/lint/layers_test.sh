#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: layers_test.sh
# Plants one breach of each rule into a small tree and expects layers.sh to name it; the clean tree must pass.
set -euo pipefail
lint=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/layers.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stages=(profile_loader feature_resolver kernel_finder module_resolver file_collector elf_closure image_builder image_writer)
make_tree() {
    local layer stage
    mkdir -p docs src/{base,wrap,image,generator,deploy,netboot,cli} include/mkpxerd/{base,wrap,image,generator,deploy,netboot}
    for layer in base wrap image generator deploy netboot cli; do
        echo '#include <string>' >"src/$layer/a.cpp"
        echo "\`$layer/a\`" >>docs/architecture.md
    done
    echo '#include "mkpxerd/base/a.hpp"' >include/mkpxerd/boot_config.hpp
    echo "\`boot_config\` \`generator/pipeline\`" >>docs/architecture.md
    echo '#include <zlib.h>' >>src/wrap/a.cpp
    for stage in "${stages[@]}"; do
        echo '#include "mkpxerd/generator/types.hpp"' >"include/mkpxerd/generator/$stage.hpp"
        echo "#include \"mkpxerd/generator/$stage.hpp\"" >"src/generator/$stage.cpp"
        echo "#include \"mkpxerd/generator/$stage.hpp\"" >>src/generator/pipeline.cpp
        echo "\`generator/$stage\`" >>docs/architecture.md
    done
}
mkdir "$work/clean"
cd "$work/clean"
make_tree
clean_tree() {
    cd "$work"
    rm -rf tree
    cp -r clean tree
    cd tree
}

failures=0
# expect STATUS TEXT: what layers.sh must say about the tree as it is.
expect() {
    local output status=0
    output=$("$lint" "$work/tree" 2>&1) || status=$?
    if [[ $status != "$1" || $output != *"$2"* ]]; then
        printf 'FAILED: expected status %s and "%s", got %s:\n%s\n' "$1" "$2" "$status" "$output"
        failures=$((failures + 1))
    fi
}
# plant FILE LINE TEXT
plant() {
    clean_tree
    echo "$2" >>"$1"
    expect 1 "$3"
}

clean_tree
expect 0 "no breach"

plant src/netboot/a.cpp '#include "mkpxerd/generator/types.hpp"' "netboot includes"
plant src/deploy/a.cpp '#include "mkpxerd/image/types.hpp"' "deploy includes"
plant include/mkpxerd/netboot/a.hpp '#include <mkpxerd/generator/types.hpp>' "netboot includes"
plant src/netboot/a.cpp '#include "../generator/a.hpp"' "netboot includes"
plant src/generator/a.cpp '#include "mkpxerd/netboot/types.hpp"' "generator includes"
plant src/generator/a.cpp '  #  include "mkpxerd/netboot/types.hpp"' "generator includes"
plant src/image/a.cpp '#include "mkpxerd/generator/types.hpp"' "image includes"
plant src/wrap/a.cpp '#include "mkpxerd/image/a.hpp"' "wrap includes"
plant src/base/a.cpp '#include "mkpxerd/wrap/elf.hpp"' "base includes"
plant include/mkpxerd/boot_config.hpp '#include "mkpxerd/generator/types.hpp"' "base includes"
plant src/cli/a.cpp '#include "mkpxerd/netboot/types.hpp"' "cli never"
for header in libkmod.h archive.h archive_entry.h libelf.h gelf.h zlib.h libdeflate.h zstd.h lzma.h lz4frame.h \
    openssl/evp.h blkid/blkid.h ares.h netlink/route/link.h; do
    plant src/generator/a.cpp "#include <$header>" "C libraries"
done
plant include/mkpxerd/wrap/a.hpp '#include <zstd.h>' "C libraries"
plant src/generator/image_writer.cpp '#include "mkpxerd/generator/image_builder.hpp"' "no other stage"
plant include/mkpxerd/generator/elf_closure.hpp '#include "mkpxerd/generator/file_collector.hpp"' "no other stage"
plant src/generator/a.cpp '#include "mkpxerd/generator/file_collector.hpp"' "no other stage"
plant src/netboot/unnamed.cpp '#include <string>' "does not name src/netboot/unnamed.cpp"
clean_tree
mkdir src/wrap/zip
touch src/wrap/zip/b.cpp
expect 1 "does not name src/wrap/zip/b.cpp"
echo "\`src/wrap/zip/\`" >>docs/architecture.md
expect 0 "no breach"

for directory in src/{base,wrap,image,generator,netboot,cli} include/mkpxerd/{base,wrap,generator,netboot}; do
    clean_tree
    rm -r "$directory"
    expect 1 "cannot be checked"
done
clean_tree
rm include/mkpxerd/generator/elf_closure.hpp
expect 1 "there is no stage"
clean_tree
rm docs/architecture.md
expect 1 "cannot be read"

((failures == 0)) && echo "layers: every planted breach is found"
