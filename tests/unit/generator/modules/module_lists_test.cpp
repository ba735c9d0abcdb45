// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_lists.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::generator;

namespace {

// The lists of an image with these modules.
std::map<std::string, std::string> lists(std::vector<std::pair<std::string, std::string>> modules,
                                         const KernelLists& kernel) {
    ModuleSet set;
    for (auto& [name, path] : modules) {
        Module& module = set.modules.emplace_back();
        module.name = std::move(name);
        module.path = std::move(path);
    }
    const auto reduced = add_module_lists(std::move(set), kernel).lists;
    return {reduced.begin(), reduced.end()};
}

} // namespace

TEST_CASE("dependencies are those that the image has, spelled as it has them") {
    KernelLists kernel;
    kernel.texts["modules.dep"] = "kernel/a.ko.xz: kernel/b.ko.xz kernel/c.ko.xz\n"
                                  "kernel/b.ko.xz:\n"
                                  "kernel/gone.ko.xz: kernel/a.ko.xz\n"
                                  "no colon\n"
                                  "/opt/x.ko: kernel/b.ko.xz\n";
    const auto all =
        lists({{"a", "kernel/a.ko"}, {"b", "kernel/b.ko.xz"}, {"x", "external/opt/x.ko"}}, kernel);
    CHECK(all.at("modules.dep") ==
          "kernel/a.ko: kernel/b.ko.xz\nkernel/b.ko.xz:\nexternal/opt/x.ko: kernel/b.ko.xz\n");
}

TEST_CASE("lines of modules that the image lacks go, comments and the order stay") {
    KernelLists kernel;
    kernel.texts["modules.alias"] =
        "# Aliases\nalias pci:z* b\nalias pci:a* a\nalias pci:b* gone\nalias usb:x* a\n";
    kernel.texts["modules.softdep"] = "# Soft\nsoftdep gone pre: a\nsoftdep a pre: gone\nsoftdep\n";
    kernel.texts["modules.weakdep"] = "weakdep b a\nweakdep gone a\n";
    kernel.texts["modules.devname"] = "# Devices\na tun c10:200\ngone x c1:1\n";
    const auto all = lists({{"a", "kernel/a.ko"}, {"b", "kernel/b.ko"}}, kernel);
    CHECK(all.at("modules.alias") == "# Aliases\nalias pci:z* b\nalias pci:a* a\nalias usb:x* a\n");
    CHECK(all.at("modules.softdep") == "# Soft\nsoftdep a pre: gone\n");
    CHECK(all.at("modules.weakdep") == "weakdep b a\n");
    CHECK(all.at("modules.devname") == "# Devices\na tun c10:200\n");
}

TEST_CASE("what is built in stays whole, also when it is nothing, and other empty lists are left out") {
    KernelLists kernel;
    kernel.texts["modules.builtin"] = "";
    kernel.texts["modules.builtin.modinfo"] = "gone.license=GPL";
    kernel.texts["modules.softdep"] = "";
    kernel.texts["modules.order"] = "";
    const auto all = lists({}, kernel);
    CHECK(all == std::map<std::string, std::string>{{"modules.builtin", ""},
                                                    {"modules.builtin.modinfo", "gone.license=GPL"}});
}

TEST_CASE(
    "the order names modules as the build made them, and those of elsewhere by the place the kernel has") {
    KernelLists kernel;
    kernel.texts["modules.order"] = "kernel/b.ko\nkernel/gone.ko\nkernel/drivers/net/x.ko\nkernel/a.ko\n";
    kernel.homes = {{"updates/x.ko", "kernel/drivers/net/x.ko"}, {"updates/y.ko", "kernel/drivers/net/y.ko"}};
    const std::vector<std::pair<std::string, std::string>> modules = {
        {"a", "kernel/a.ko.gz"}, {"b", "kernel/b.ko"}, {"x", "updates/x.ko.xz"}, {"y", "updates/y.ko"}};
    CHECK(lists(modules, kernel).at("modules.order") ==
          "kernel/b.ko\nkernel/drivers/net/x.ko\nkernel/a.ko\nkernel/drivers/net/y.ko\n");
    kernel.texts.erase("modules.order");
    CHECK(lists(modules, kernel).at("modules.order") == "kernel/drivers/net/x.ko\nkernel/drivers/net/y.ko\n");
    kernel.homes.clear();
    CHECK_FALSE(lists(modules, kernel).contains("modules.order"));
}
