// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/trust.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "signer.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

const std::string medium_file = "/media/sda/boot/modloop-lts";

struct Machine {
    Trust trust(std::map<std::string, std::string> pins = {}) const {
        return Trust::load(system, std::move(pins)).value();
    }
    Result<std::string> copy(const Trust& trust) {
        return trust.verified_copy(system, log, "modloop", medium_file);
    }
    test::FakeSystem system;
    test::MemoryLog log;
};

} // namespace

TEST_CASE("an image without keys and pins takes what it gets") {
    Machine machine;
    const Trust trust = machine.trust();
    CHECK_FALSE(trust.covers("root"));
    CHECK(trust.pinned_sha256("root").empty());
    CHECK(machine.copy(trust).value() == medium_file);
}

TEST_CASE("a pin covers its object, `any` sets it free, a key covers all others") {
    Machine machine;
    machine.system.write("/etc/mkpxerd/keys/site.pem", test::Signer().public_key());
    const std::string hash(64, 'a');
    const Trust trust = machine.trust({{"root", std::string(pin_any)}, {"apkovl", hash}});
    CHECK_FALSE(trust.covers("root"));
    CHECK(trust.pinned_sha256("root").empty());
    CHECK(trust.covers("apkovl"));
    CHECK(trust.pinned_sha256("apkovl") == hash);
    CHECK(trust.covers("modloop"));
}

TEST_CASE("a pinned file of a medium is copied before it is used, and another one is refused") {
    Machine machine;
    machine.system.write(medium_file, "bytes");
    const auto copied = machine.copy(machine.trust({{"modloop", test::Signer::sha256("bytes")}}));
    CHECK(copied.value() == "/run/mkpxerd/downloads/modloop/modloop-lts");
    CHECK(read_file(machine.system.host(*copied)).value() == "bytes");
    const auto other = machine.copy(machine.trust({{"modloop", std::string(64, '0')}}));
    CHECK(other.error().first().code == "MPX-FETCH-08");
}

TEST_CASE("with a key a file of a medium needs a signature beside it, for its name") {
    const test::Signer signer;
    Machine machine;
    machine.system.write("/etc/mkpxerd/keys/site.pem", signer.public_key());
    machine.system.write(medium_file, "bytes");
    const Trust trust = machine.trust();
    CHECK(machine.copy(trust).error().first().code == "MPX-FETCH-10");
    machine.system.write(medium_file + ".sig", signer.sign_object("modloop", "/boot/other", "bytes"));
    CHECK(machine.copy(trust).error().first().code == "MPX-FETCH-09");
    machine.system.write(medium_file + ".sig", signer.sign_object("modloop", "/boot/modloop-lts", "bytes"));
    CHECK(machine.copy(trust));
    CHECK(machine.log.says("modloop: signed by site.pem"));
}

TEST_CASE("the absence of a pinned object is an error, unless it is optional") {
    Machine machine;
    const Trust trust = machine.trust({{"apkovl", std::string(64, 'a')}});
    BootOptions options;
    CHECK(trust.check_absence("apkovl", options).error().first().code == "MPX-FETCH-14");
    CHECK(trust.check_absence("modloop", options));
    options.optional_objects = {"apkovl"};
    CHECK(trust.check_absence("apkovl", options));
}

TEST_CASE("a plan with a root that cannot be verified is refused, each part of it named") {
    Machine machine;
    const Trust trust = machine.trust({{"root", std::string(64, 'a')}});
    BootOptions options;
    options.resume = "LABEL=swap";
    BootPlan plan;
    plan.root = parse_medium("root", "/dev/sda").value();
    const auto refused = trust.check_plan(options, plan);
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().problems().size() == 2);
    CHECK(refused.error().problems()[0].object == "root=/dev/sda");
    CHECK(refused.error().problems()[1].object == "resume=LABEL=swap");
    plan.root = parse_medium("root", "http://h/root.img").value();
    CHECK(trust.check_plan({}, plan));
    plan.root.reset();
    CHECK(trust.check_plan({}, plan).error().first().code == "MPX-FETCH-14");
}
