// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/modprobe_config.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("modprobe.d lines are read, commands only warned of") {
    ModprobeConfig config;
    parse_modprobe_config(
        "# comment\noptions e1000-x debug=1\noptions e1000_x copybreak=2\nblacklist  pcspkr\n"
        "alias net-pf-* af-packet\nsoftdep a-b pre: c d post: e\ninstall sr /bin/false\n"
        "options b \\\n  x=1\nblacklist\nwhatever x y\n",
        "f.conf", config);
    CHECK(config.options.at("e1000_x") == "debug=1 copybreak=2");
    CHECK(config.options.at("b") == "x=1");
    CHECK(config.blacklist.contains("pcspkr"));
    CHECK(config.aliases == std::vector<std::pair<std::string, std::string>>{{"net_pf_*", "af_packet"}});
    CHECK(config.softdeps.at("a_b") == Softdep{{"c", "d"}, {"e"}});
    REQUIRE(config.warnings.size() == 3);
    CHECK(config.warnings[0].object == "f.conf:7");
    CHECK(config.warnings[1].text == "'blacklist' names no module");
    CHECK(config.warnings[2].text == "'whatever' is not supported");
}

TEST_CASE("of two files with one name the one in the first directory counts") {
    const test::TempDir dir;
    dir.write("etc/a.conf", "blacklist one\n");
    dir.write("lib/a.conf", "blacklist two\n");
    dir.write("lib/b.conf", "blacklist three\n");
    dir.write("lib/c.txt", "blacklist four\n");
    const auto config = read_modprobe_config({dir / "etc", dir / "missing", dir / "lib"});
    CHECK(config.blacklist == std::set<std::string, std::less<>>{"one", "three"});
}

TEST_CASE("the kernel command line has parameters of modules") {
    ModprobeConfig config;
    parse_module_parameters(
        "quiet e1000-x.debug=1 e1000_x.flag mkpxerd.timeout=1 modprobe.blacklist=a-b,c .x=1 "
        "m.text=\"a b\"",
        config);
    CHECK(config.options.at("e1000_x") == "debug=1 flag");
    CHECK(config.options.at("m") == "text=\"a b\"");
    CHECK(config.options.size() == 2);
    CHECK(config.blacklist == std::set<std::string, std::less<>>{"a_b", "c"});
}
