// SPDX-License-Identifier: MIT
// The commands that look into images know a module in every form of --modules, whatever the form of the tree.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;

namespace {

// A tree with one driver. It lies outside kernel/, so that only its symbols tell what it drives.
struct Vendor : test::CommandRunner {
    test::KernelTree kernel;
    std::string plain; // the driver before it was compressed
    explicit Vendor(bool is_compressed) {
        kernel.module("extra/vendor_net.ko", {.imports = {"alloc_etherdev_mqs"}});
        kernel.builtin("kernel/net/packet/af_packet.ko");
        kernel.depmod();
        plain = read_file(kernel.directory() / "extra/vendor_net.ko").value();
        if (is_compressed) kernel.pack("zstd -q --rm", ".zst");
        std::filesystem::remove(kernel.directory() / "modules.order");
        kernel.dir().write("init", "init");
        kernel.dir().write("share/features.d/vendor.modules", "extra/vendor_net.ko\n");
    }
    int run(std::vector<std::string> arguments, const std::string& form) {
        arguments.insert(arguments.end(),
                         {"-F", "vendor", "-b", kernel.dir().path().string(), "--modules", form});
        return run_with(kernel.dir() / "share", kernel.dir() / "init", arguments);
    }
};

} // namespace

TEST_CASE("lint of build options knows a driver in every form, whatever the form of the tree") {
    for (const bool is_compressed : {false, true}) {
        Vendor program(is_compressed);
        for (const char* form : {"packed", "keep", "plain"}) {
            INFO(form << (is_compressed ? " of a compressed tree" : " of a plain tree"));
            CHECK(program.run({"lint", "apkovl=http://h/x"}, form) == 0);
            CHECK(program.out.str() == "errors: 0, warnings: 0\n");
        }
    }
}

TEST_CASE("lint of build options judges archives beside modules in the form that the build writes") {
    Vendor packed(true);
    Vendor program(false);
    const std::string module = "lib/modules/6.1-test/extra/vendor_net.ko";
    test::NewcBuilder b;
    for (const char* directory : {"lib", "lib/modules", "lib/modules/6.1-test", "lib/modules/6.1-test/extra"})
        b.directory(directory);
    b.file(module + ".zst", read_file(packed.kernel.directory() / "extra/vendor_net.ko.zst").value());
    const auto archive = program.kernel.dir().write("fix.cpio", b.trailer().text()).string();
    const std::vector<std::string> line = {"lint", "apkovl=http://h/x", "--append", archive};
    CHECK(program.run(line, "packed") == 0);
    CHECK(program.out.str() == "errors: 0, warnings: 0\n");
    CHECK(program.run(line, "plain") == 0);
    CHECK_THAT(program.out.str(), Catch::Contains("/" + module + ".zst: modules.dep does not name it"));
}

TEST_CASE("why --json has the plain size of a compressed module, of a plan and of an image") {
    Vendor program(true);
    const std::string plain = fmt::format("\"plain\": {},", program.plain.size());
    const auto& dir = program.kernel.dir();
    const std::string image = (dir / "image").string();
    REQUIRE(program.run({"-o", image}, "keep") == 0);
    REQUIRE(program.run({"why", "--json", "vendor-net"}, "keep") == 0);
    CHECK(program.out.str().find(plain) != std::string::npos);
    REQUIRE(program.run({"why", "--json", "vendor_net.ko"}, "plain") == 0);
    CHECK(program.out.str().find("\"plain\"") == std::string::npos);
    REQUIRE(program.run_with(dir / "share", dir / "init",
                             {"why", "--json", "--image", image, "-b", dir.path().string(),
                              "lib/modules/6.1-test/extra/vendor_net.ko"}) == 0);
    CHECK(program.out.str().find(plain) != std::string::npos);
}
