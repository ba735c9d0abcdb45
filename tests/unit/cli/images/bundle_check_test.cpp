// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/images/bundle_check.hpp"

#include <catch2/catch.hpp>

#include "linted_image.hpp"

using namespace mkpxerd;

namespace {

// An image with all that a line by DHCP and HTTP needs.
image::ImageFacts image_with(const std::string& baked) {
    return test::facts_of(
        {.builtin = {"kernel/drivers/net/ethernet/intel/e1000/e1000.ko", "kernel/net/packet/af_packet.ko"},
         .cmdline = baked});
}

std::string errors_of(const std::string& line, const std::string& baked = {}) {
    const auto checked = cli::check_boot_line(line, image_with(baked));
    return checked ? "" : checked.error().text();
}

} // namespace

TEST_CASE("a line without a system is only a warning, since the machine's own script may add one") {
    const auto checked = cli::check_boot_line("ip=dhcp", image_with(""));
    REQUIRE(checked);
    REQUIRE(checked->size() == 1);
    CHECK(checked->front().object == "command line");
    CHECK(checked->front().text.starts_with("asks for nothing to boot"));
    CHECK_THAT(errors_of("ip=dhcp root=nfs:10.0.0.1:/srv"), Catch::Contains("no module nfs"));
    CHECK(cli::check_boot_line("ip=dhcp apkovl=http://10.0.0.1/x.tar.gz", image_with(""))->empty());
}

TEST_CASE("without a system, drivers may come with the machine's own script as well") {
    const image::ImageFacts bare = test::facts_of({.builtin = {}});
    const auto checked = cli::check_boot_line("ip=dhcp", bare);
    REQUIRE(checked);
    std::string said;
    for (const Problem& warning : *checked)
        said += to_text(warning) + "\n";
    CHECK_THAT(said, Catch::Contains("no driver of a network card"));
    const auto rooted = cli::check_boot_line("ip=dhcp root=http://10.0.0.1/x.tar.gz", bare);
    REQUIRE_FALSE(rooted);
    CHECK_THAT(rooted.error().text(), Catch::Contains("no driver of a network card"));
}

TEST_CASE("a line whose other options ask for a root is an error without one") {
    for (const char* baked : {"overlaytmpfs", "rootfstype=squashfs", "rootflags=vers=3", "usrflags=ro"}) {
        INFO(baked);
        CHECK_THAT(errors_of("ip=dhcp", baked), Catch::Contains("asks for nothing to boot"));
    }
}

TEST_CASE("an error of lint is one here, and its warnings come along") {
    CHECK_THAT(errors_of("ip=dhcp vlan=5 rd.shell"), Catch::StartsWith("vlan: "));
    CHECK_THAT(errors_of("ip=dhcp root=https://10.0.0.1/x.tar.gz"),
               Catch::Contains("certificate authorities"));
    const auto checked =
        cli::check_boot_line("ip=dhcp apkovl=http://10.0.0.1/x.tar.gz rd.shell", image_with(""));
    REQUIRE(checked);
    REQUIRE(checked->size() == 1);
    CHECK(checked->front().object == "rd.shell");
}

TEST_CASE("a modloop is of no use to an image that cannot mount it") {
    const auto useless = cli::find_useless_modloop(image_with(""));
    REQUIRE(useless);
    CHECK_THAT(useless->text, Catch::Contains("no module squashfs"));
    const auto needs_loop =
        cli::find_useless_modloop(test::facts_of({.builtin = {"kernel/fs/squashfs/squashfs.ko"}}));
    REQUIRE(needs_loop);
    CHECK_THAT(needs_loop->text, Catch::Contains("no module loop"));
    CHECK_FALSE(cli::find_useless_modloop(
        test::facts_of({.builtin = {"kernel/fs/squashfs/squashfs.ko", "kernel/drivers/block/loop.ko"}})));
}
