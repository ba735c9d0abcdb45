#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: layers_test.sh
# Plants one breach of each rule into a small tree and expects layers.sh to name it; the clean tree must pass.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/planted.sh" layers.sh

mapfile -t rooms < <(sed -n "/^rooms='/,/^'/p" "$lint" | grep -oE '^[a-z/]+:' | tr -d :)
((${#rooms[@]} > 20)) || { echo "the table of rooms cannot be read"; exit 1; }
mkdir -p "$work/clean"/{src,include/mkpxerd}
cd "$work/clean"
for room in "${rooms[@]}"; do
    case $room in
    version) ;;
    */types | */pipeline)
        mkdir -p "src/${room%/*}" "include/mkpxerd/${room%/*}"
        echo '#include "mkpxerd/base/a.hpp"' >"src/$room.cpp"
        echo '#include <string>' >"include/mkpxerd/$room.hpp"
        ;;
    *)
        mkdir -p "src/$room" "include/mkpxerd/$room"
        echo '#include "mkpxerd/base/a.hpp"' >"src/$room/a.cpp"
        echo '#include "private.hpp"' >>"src/$room/a.cpp"
        echo '#include <string>' >"include/mkpxerd/$room/a.hpp"
        ;;
    esac
done
echo '#include <zlib.h>' >>src/wrap/a.cpp
echo '#include "mkpxerd/netboot/net/a.hpp"' >>src/netboot/boot/a.cpp
echo '#include "mkpxerd/version.hpp"' >>src/cli/a.cpp

clean_tree() {
    fresh_tree
    cp -r ../clean/. .
}

clean_tree
expect 0 "no breach"

plant src/netboot/net/a.cpp '#include "mkpxerd/generator/types.hpp"' "netboot/net may not include generator/types"
plant include/mkpxerd/netboot/types.hpp '#include <mkpxerd/generator/types.hpp>' "netboot/types may not include"
plant src/netboot/net/a.cpp '#include "../fetch/a.hpp"' "by a relative path"
plant src/netboot/net/a.cpp '#include "./a.hpp"' "by a relative path"
plant src/netboot/net/a.cpp '#include "mkpxerd/netboot/fetch/a.hpp"' "netboot/net may not include netboot/fetch"
plant src/netboot/runtime/a.cpp '#include "mkpxerd/netboot/options/a.hpp"' "netboot/runtime may not include"
plant src/netboot/root/a.cpp '#include "mkpxerd/netboot/boot/a.hpp"' "netboot/root may not include"
plant src/generator/pipeline.cpp '#include "mkpxerd/netboot/types.hpp"' "generator/pipeline may not include"
plant src/generator/files/a.cpp '  #  include "mkpxerd/generator/modules/a.hpp"' "generator/files may not include"
plant include/mkpxerd/generator/request/a.hpp '#include "mkpxerd/generator/pipeline.hpp"' "generator/request may not"
plant src/image/a.cpp '#include "mkpxerd/generator/types.hpp"' "image may not include"
plant src/deploy/trial/a.cpp '#include "mkpxerd/image/a.hpp"' "deploy/trial may not include"
plant src/deploy/site/a.cpp '#include "mkpxerd/deploy/bundle/a.hpp"' "deploy/site may not include"
plant src/cli/images/a.cpp '#include "mkpxerd/cli/bundle/a.hpp"' "cli/images may not include"
plant src/wrap/a.cpp '#include "mkpxerd/image/a.hpp"' "wrap may not include"
plant src/base/a.cpp '#include "mkpxerd/contract/a.hpp"' "base may not include"
plant src/contract/a.cpp '#include "mkpxerd/wrap/a.hpp"' "contract may not include"
plant src/cli/a.cpp '#include "mkpxerd/netboot/types.hpp"' "cli may not include"
plant src/cli/a.cpp '#include "mkpxerd/attic/a.hpp"' "no room in the table for what"
for header in libkmod.h archive.h archive_entry.h libelf.h gelf.h zlib.h libdeflate.h zstd.h lzma.h lz4frame.h \
    openssl/evp.h blkid/blkid.h ares.h netlink/route/link.h; do
    plant src/generator/files/a.cpp "#include <$header>" "C libraries"
done
plant include/mkpxerd/wrap/a.hpp '#include <zstd.h>' "C libraries"
for file in src/netboot/a.cpp include/mkpxerd/a.hpp src/attic.cpp src/generator/attic/a.cpp; do
    mkdir -p src/generator/attic
    clean_tree
    mkdir -p "${file%/*}"
    touch "$file"
    expect 1 "no room in the table for $file"
done

for room in contract secrets netboot/root; do
    clean_tree
    rm -r "src/$room" "include/mkpxerd/$room"
    expect 1 "there is no file in the room $room"
done
clean_tree
rm -r include
expect 1 "No such file"

verdict
