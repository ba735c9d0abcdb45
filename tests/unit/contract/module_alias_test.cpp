// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/module_alias.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("names of modules are compared with underscores, except in brackets") {
    CHECK(normal_module_name("nfs-common") == "nfs_common");
    CHECK(normal_module_name("a-b[0-9]c-d") == "a_b[0-9]c_d");
}

TEST_CASE("a module's name is that of its file, whatever compresses it") {
    for (const char* path : {"kernel/fs/nfs/nfs-layout.ko", "nfs-layout.ko.gz", "x/nfs-layout.ko.xz",
                             "/opt/nfs-layout.ko.zst", "nfs-layout", "fs/nfs_layout"})
        CHECK(module_name_of(path) == "nfs_layout");
    CHECK(plain_module_path("kernel/fs/nfs.ko.zst") == "kernel/fs/nfs.ko");
    CHECK(plain_module_path("lib/firmware/fw.bin.zst") == "lib/firmware/fw.bin.zst");
    CHECK(is_module_file("nfs.ko"));
    CHECK(is_module_file("nfs.ko.gz"));
    CHECK_FALSE(is_module_file("nfs.ko.bz2"));
    CHECK_FALSE(is_module_file("modules.dep.gz"));
}

TEST_CASE("an alias matches as the kernel and kmod have it: wildcards, and no difference between dash and "
          "underscore") {
    CHECK(alias_matches("pci:v00008086d*sv*sd*bc*sc*i*", "pci:v00008086d000010D3sv0sd0bc02sc00i00"));
    CHECK_FALSE(alias_matches("pci:v00008086d*", "pci:v000010ECd00008168"));
    CHECK(alias_matches("vio:TnetworkSIBM,l_lan", "vio:TnetworkSIBM,l-lan"));
    CHECK(alias_matches("fsl-mc:v00001957ddpni", "fsl_mc:v00001957ddpni"));
    CHECK(alias_matches("usb:v0BDAp815[2-3]d*", "usb:v0BDAp8153d3000"));
    CHECK(alias_matches("crc32c", "crc32c"));
    CHECK_FALSE(alias_matches("crc32c", "crc32"));
    CHECK_FALSE(alias_matches("crc32", "crc32c"));
    CHECK_FALSE(alias_matches("pci:v00008086D*", "pci:v00008086d1")); // hexadecimal digits are not folded
}
