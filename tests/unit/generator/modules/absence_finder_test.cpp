// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/absence_finder.hpp"

#include <catch2/catch.hpp>

#include "kernel_tree.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// A kernel of four modules, one of them in the image.
struct Tree : test::KernelTree {
    Tree() {
        module("kernel/fs/nfs/nfs.ko");
        module("kernel/drivers/net/ethernet/r8169.ko",
               {.modinfo = {"firmware=rtl_nic/a.fw", "firmware=rtl_nic/gone.fw", "alias=pci:v000010ECd*"}});
        module("kernel/drivers/misc/lonely.ko");
        builtin("kernel/drivers/net/virtio_net.ko");
        depmod();
        dir().write("features.d/net.modules", "kernel/drivers/net\n");
        dir().write("features.d/rescue.files", "/usr/bin/strace\n");
        dir().write("lib/firmware/rtl_nic/a.fw", "a");
        dir().write("lib/firmware/odd/unused.bin", "u");
        dir().write("usr/bin/strace", "s");
        dir().write("usr/bin/other", "o");
        request.basedir = request.kernel_root = dir().path();
        request.feature_dirs = {TreePath(dir() / "features.d")};
    }
    std::string said(const std::string& wanted, const std::string& version = "6.1-test") const {
        ImageTree image;
        image.entries.emplace_back().path = "lib/modules/6.1-test/kernel/fs/nfs/nfs.ko";
        const auto found = AbsenceFinder::make(request, image, version)->find(wanted).value();
        return found ? to_text(*found) : "";
    }
    BuildRequest request;
};

} // namespace

TEST_CASE("a module that the image lacks is built in, or in the tree, with the feature that has it") {
    const Tree tree;
    CHECK(tree.said("virtio-net") ==
          "virtio-net: is built into kernel 6.1-test (kernel/drivers/net/virtio_net.ko) "
          "(it works without a module)");
    CHECK(tree.said("r8169.ko") ==
          "r8169.ko: is in the kernel's tree "
          "(lib/modules/6.1-test/kernel/drivers/net/ethernet/r8169.ko), but not in this "
          "image (-F +net brings it)");
    CHECK(tree.said("lonely").ends_with(
        "(no feature has it: put the line kernel/drivers/misc/lonely.ko into a list, "
        "/etc/mkinitfs/features.d/NAME.modules, and add -F +NAME)"));
    CHECK(
        tree.said("pci:v000010ECd00008168").starts_with("pci:v000010ECd00008168: means r8169, which is in"));
    CHECK(tree.said("r8168").empty());
}

TEST_CASE("of a module that no feature names, the features are told whose modules need it") {
    Tree tree;
    tree.module("kernel/drivers/nvme/host/nvme-core.ko", {.exports = {"nvme_start"}});
    tree.module("kernel/drivers/nvme/host/nvme.ko", {.imports = {"nvme_start"}});
    tree.depmod();
    tree.dir().write("features.d/disk.modules", "kernel/drivers/nvme/host/nvme.ko\n");
    CHECK(tree.said("nvme_core").ends_with("(-F +disk brings it: its modules need it)"));
}

TEST_CASE("a feature that the image has already is not said to bring anything") {
    Tree tree;
    tree.dir().write("features.d/wire.modules", "kernel/drivers/net/ethernet\n");
    tree.request.features = {{.name = "net", .origin = {}}};
    CHECK(tree.said("r8169").ends_with("(-F +wire brings it)"));
    tree.request.features.push_back({.name = "wire", .origin = {}});
    CHECK(tree.said("r8169").ends_with("(feature wire of this image names it; build the image again)"));
    tree.request.hardware = {TreePath(tree.dir() / "machine.modalias")};
    CHECK(tree.said("r8169").ends_with(
        "(feature wire of this image names it; --hardware leaves out what no listed machine needs)"));
}

TEST_CASE("firmware is told with the driver that asks for it, or that none does") {
    const Tree tree;
    const std::string driver =
        "is in the tree (/lib/firmware/rtl_nic/a.fw) for the driver r8169, which is not in "
        "this image (-F +net brings it)";
    CHECK(tree.said("rtl_nic/a.fw") == "rtl_nic/a.fw: " + driver);
    CHECK(tree.said("/lib/firmware/rtl_nic/a.fw").ends_with(driver));
    CHECK(tree.said("a.fw") == "a.fw: " + driver);
    CHECK(
        tree.said("unused.bin")
            .find(
                "is in the tree (/lib/firmware/odd/unused.bin), but no driver of kernel 6.1-test asks for it "
                "(no feature has it: put the line /lib/firmware/odd/unused.bin into a list") !=
        std::string::npos);
    CHECK(tree.said("gone.fw") ==
          "gone.fw: the driver r8169 asks for rtl_nic/gone.fw, but the tree does not have it "
          "(install the package with this firmware in the tree)");
    CHECK(tree.said("none.fw").empty());
}

TEST_CASE("a file of the system is told with the feature whose list names it") {
    const Tree tree;
    for (const char* wanted : {"/usr/bin/strace", "strace"})
        CHECK(tree.said(wanted) ==
              std::string(wanted) + ": is in the tree (/usr/bin/strace), but not in this image (-F +rescue "
                                    "brings it)");
    CHECK(tree.said("other").find(
              "put the line /usr/bin/other into a list, /etc/mkinitfs/features.d/NAME.files") !=
          std::string::npos);
    CHECK(tree.said("/usr/bin/none").empty());
    // A list may leave out the usr/ of a merged system.
    std::filesystem::create_symlink("other", tree.dir() / "usr/bin/short");
    tree.dir().write("features.d/brief.files", "/bin/short\n");
    CHECK(tree.said("short").ends_with("(-F +brief brings it)"));
    // An image without modules asks the system only.
    CHECK(tree.said("r8169", "").empty());
    CHECK(tree.said("strace", "").find("-F +rescue") != std::string::npos);
}
