// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/apkovl_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

std::string apkovl() {
    return test::TarBuilder().directory("etc/").file("etc/hostname", "own\n").gzip();
}

struct Machine : test::BootBench {
    explicit Machine(const std::string& cmdline) : BootBench(cmdline) {
        mounted("/media/alpine");
        std::filesystem::create_directory(system.host("/newroot"));
    }
    Result<UnpackedApkovl> lay(const FoundApkovl& found = {}, bool for_apk = true) {
        ApkovlPhase phase(services, options, plan, trust, mounter(), objects);
        return run(phase.lay(found, for_apk));
    }
};

} // namespace

TEST_CASE("an apkovl by URL is unpacked, and its download removed") {
    Machine machine("alpine_dev=sda apkovl=http://h/{MAC}.apkovl.tar.gz");
    machine.served["http://h/52-54-00-12-34-56.apkovl.tar.gz"] = apkovl();
    const auto laid = machine.lay();
    REQUIRE(laid);
    CHECK(laid->names == std::vector<std::string>{"etc/", "etc/hostname"});
    CHECK_FALSE(laid->default_services);
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK_FALSE(machine.exists("/run/mkpxerd/downloads/apkovl/52-54-00-12-34-56.apkovl.tar.gz"));
}

TEST_CASE("a damaged apkovl is downloaded again by the next attempt") {
    Machine machine("alpine_dev=sda apkovl=http://h/a.apkovl.tar.gz");
    machine.served["http://h/a.apkovl.tar.gz"] = apkovl().substr(0, 60);
    CHECK(machine.lay().error().first().code == "MPX-TAR-01");
    machine.served["http://h/a.apkovl.tar.gz"] = apkovl();
    CHECK(machine.lay());
}

TEST_CASE("the apkovl found on the media is unpacked, and its file stays in place") {
    Machine machine("alpine_dev=sda");
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl());
    const auto laid = machine.lay({"/media/alpine/host.apkovl.tar.gz"}, false);
    REQUIRE(laid);
    CHECK(laid->names == std::vector<std::string>()); // nobody asks for them
    CHECK(machine.exists("/media/alpine/host.apkovl.tar.gz"));
    CHECK(machine.says("apkovl /media/alpine/host.apkovl.tar.gz: 2 files"));
}

TEST_CASE("without an apkovl the root gets default services, with one that asks for them too") {
    Machine machine("alpine_dev=sda");
    const auto none = machine.lay();
    REQUIRE(none);
    CHECK_FALSE(none->names);
    CHECK(none->default_services);
    CHECK(machine.says("no apkovl"));
    machine.served["http://h/a.apkovl.tar.gz"] =
        test::TarBuilder().directory("etc/").file("etc/.default_boot_services", "").gzip();
    machine.plan.apkovl = parse_file_source("apkovl", "http://h/a.apkovl.tar.gz").value();
    CHECK(machine.lay().value().default_services);
}

TEST_CASE("an apkovl may be absent when that is allowed, but not damaged") {
    Machine machine("alpine_dev=sda apkovl=http://h/a.apkovl.tar.gz mkpxerd.optional=apkovl");
    CHECK_FALSE(machine.lay().value().names);
    CHECK(machine.says("continuing without an apkovl"));
    machine.served["http://h/a.apkovl.tar.gz"] = "no archive";
    CHECK_FALSE(machine.lay());
    Machine strict("alpine_dev=sda apkovl=http://h/a.apkovl.tar.gz");
    CHECK(strict.lay().error().first().code == "MPX-HTTP-01");
}

TEST_CASE("a pinned apkovl that this boot does not take is an error") {
    Machine machine("root=/dev/sda");
    machine.trust = Trust::load(machine.system, {{"apkovl", std::string(64, 'a')}}).value();
    CHECK(machine.lay().error().first().code == "MPX-FETCH-14");
}
