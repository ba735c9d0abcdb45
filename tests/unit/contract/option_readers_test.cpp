// SPDX-License-Identifier: MIT
// Through the parser of the command line, which calls each reader for its option.
#include <catch2/catch.hpp>

#include "mkpxerd/contract/cmdline.hpp"

using namespace mkpxerd;

namespace {

Result<BootOptions> read(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    return parse_boot_options(sources);
}
BootOptions parse(std::string text) {
    auto options = read(std::move(text));
    REQUIRE(options);
    return *options;
}
std::string refusal(std::string text) {
    const auto options = read(std::move(text));
    return options ? "" : options.error().first().text;
}

} // namespace

TEST_CASE("modules carry their parameters") {
    const auto options = parse("modules=a,e1000:debug=1:copybreak=256,,b");
    CHECK(options.modules ==
          std::vector<ModuleRequest>{{"a", ""}, {"e1000", "debug=1 copybreak=256"}, {"b", ""}});
}

TEST_CASE("alpine_repo=auto is as if nothing was said, and root_size goes into rootflags") {
    CHECK(parse("alpine_repo=auto").repositories.empty());
    CHECK(parse("alpine_repo=http://a/main,http://a/community").repositories.size() == 2);
    CHECK(parse("root_size=1g rootflags=noatime").rootflags == "noatime,size=1g");
}

TEST_CASE("repositories have their scheme in lower case, as apk has it, and empty items are none") {
    CHECK(parse("alpine_repo=HTTP://H/Main,,/media/x").repositories ==
          std::vector<std::string>{"http://H/Main", "/media/x"});
    CHECK(parse("alpine_repo=").repositories.empty());
    CHECK(parse("alpine_repo=auto,http://h/x").repositories.size() == 2); // auto counts alone
}

TEST_CASE("an init is an absolute path, and an empty one is the usual one") {
    CHECK(parse("init=/bin/sh").init == "/bin/sh");
    CHECK(parse("init=").init == BootOptions().init);
    CHECK_THAT(refusal("init=sh"), Catch::StartsWith("is not an absolute path"));
    CHECK(parse("init_args=\"  -a   b \"").init_args == std::vector<std::string>{"-a", "b"});
    CHECK(parse("init_args=").init_args.empty());
}

TEST_CASE("panic= is read as the kernel reads it: 0 waits for ever, a negative number not at all") {
    CHECK(parse("panic=0").on_fail.seconds == -1);
    CHECK(parse("panic=-5").on_fail.seconds == 0);
    CHECK(parse("panic=5").on_fail.seconds == 5);
    for (const char* bad : {"panic=", "panic=5s", "panic=99999999999999", "panic=+5"}) {
        CAPTURE(bad);
        CHECK_FALSE(refusal(bad).empty());
    }
}

TEST_CASE("what follows a failure takes seconds behind reboot: and nothing behind the others") {
    CHECK(parse("mkpxerd.onfail=reboot:0").on_fail.seconds == 0);
    for (const char* bad : {"mkpxerd.onfail=reboot:", "mkpxerd.onfail=reboot:-1", "mkpxerd.onfail=reboot:1s",
                            "mkpxerd.onfail=retry:1", "mkpxerd.onfail=Shell"}) {
        CAPTURE(bad);
        CHECK_FALSE(refusal(bad).empty());
    }
}

TEST_CASE("a console is a device, without its speed") {
    CHECK(parse("console=ttyS0,115200n8 console=tty1").consoles == std::vector<std::string>{"ttyS0", "tty1"});
}

TEST_CASE("serial lines are looked for, and only if that is not denied") {
    CHECK(parse("autodetect_serial").autodetect_serial);
    CHECK(parse("autodetect_serial=yes").autodetect_serial);
    CHECK_FALSE(parse("autodetect_serial=no").autodetect_serial);
    CHECK(parse("autodetect_serial=setconsole").warnings.size() == 1);
}

TEST_CASE("the offset of an image to resume from is a number") {
    CHECK(parse("resume_offset=4096").resume_offset == "4096");
    for (const char* bad : {"resume_offset=4k", "resume_offset=-1", "resume_offset=0x10"})
        CHECK_FALSE(refusal(bad).empty());
}

TEST_CASE("objects that may be absent are three, and a wrong one is named") {
    CHECK(parse("mkpxerd.optional=apkovl,,packages").optional_objects ==
          std::set<std::string>{"apkovl", "packages"});
    CHECK_THAT(refusal("mkpxerd.optional=modloop,root"), Catch::Contains("'root' cannot be optional"));
}

TEST_CASE("a flag of tiny-cloud is on by any of its options") {
    CHECK(parse("tinycloud").tiny_cloud);
    CHECK_FALSE(parse("tinycloud=no").tiny_cloud);
    CHECK_FALSE(parse("quiet").tiny_cloud);
}
