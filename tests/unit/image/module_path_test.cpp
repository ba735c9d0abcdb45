// SPDX-License-Identifier: MIT
#include "mkpxerd/image/module_path.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::image;

TEST_CASE("module paths tell name and family") {
    const auto [path, name, family] = GENERATE(table<const char*, const char*, const char*>({
        {"lib/modules/6.1/kernel/drivers/net/ethernet/intel/e1000/e1000.ko", "e1000", "net/ethernet"},
        {"usr/lib/modules/6.1/kernel/drivers/net/virtio_net.ko.zst", "virtio_net", "net/other"},
        {"lib/modules/6.1/kernel/drivers/net/usb/cdc-phonet.ko.xz", "cdc_phonet", "net/usb"},
        {"lib/modules/6.1/kernel/net/sunrpc/sunrpc.ko.gz", "sunrpc", "net (protocols)"},
        {"lib/modules/6.1/kernel/crypto/lz4.ko", "lz4", "crypto"},
        {"lib/modules/6.1/kernel/arch/x86/crypto/crc32c-intel.ko", "crc32c_intel", "crypto"},
        {"lib/modules/6.1/kernel/lib/libcrc32c.ko", "libcrc32c", "lib"},
        {"lib/modules/6.1/kernel/fs/nfs/nfs.ko", "nfs", "fs"},
        {"lib/modules/6.1/kernel/drivers/scsi/sd_mod.ko", "sd_mod", "scsi"},
        {"lib/modules/6.1/extra/zfs/zfs.ko", "zfs", "extra"},
        {"lib/modules/6.1/modules.dep", "", ""},
        {"lib/firmware/x.ko", "x", ""},
        {"lib/modules/6.1", "", ""},
    }));
    INFO(path);
    CHECK(module_name(path) == name);
    CHECK(module_family(path) == family);
}

TEST_CASE("the directory of a kernel's modules is one component below lib/modules") {
    const auto place = module_directory_path("usr/lib/modules/6.1.0-9/kernel/fs/nfs.ko");
    REQUIRE(place);
    CHECK(place->version == "6.1.0-9");
    CHECK(place->rest == "kernel/fs/nfs.ko");
    CHECK(module_directory_path("lib/modules/6.1")->rest.empty());
    CHECK(module_directory_path("lib/modules/6.1/")->rest.empty());
    for (const char* other : {"lib/modules", "lib/modules/", "lib/modules//x", "lib/module/6.1",
                              "usr/modules/6.1", "srv/lib/modules/6.1", "usr/usr/lib/modules/6.1", ""})
        CHECK_FALSE(module_directory_path(other));
}

TEST_CASE("firmware lies below lib/firmware") {
    CHECK(firmware_path("lib/firmware/intel/ice.pkg") == "intel/ice.pkg");
    CHECK(firmware_path("usr/lib/firmware/x.bin.zst") == "x.bin.zst");
    for (const char* other : {"lib/firmware", "lib/firmware/", "lib/firmwares/x", "etc/firmware/x", ""})
        CHECK(firmware_path(other).empty());
}
