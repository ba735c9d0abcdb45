// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/apkovl.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the one apkovl of a device is found, several are ignored and named") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/media/sda1/readme", "");
    system.write("/media/sda1/dir/x.apkovl.tar.gz", "");
    CHECK_FALSE(find_apkovl(system, log, "/media/sda1"));
    system.write("/media/sda1/a.apkovl.tar.gz", "");
    system.write("/media/sda1/a.apkovl.tar.gz.sig", "");
    CHECK(find_apkovl(system, log, "/media/sda1") == "/media/sda1/a.apkovl.tar.gz");
    CHECK_FALSE(log.says("is ignored"));
    system.write("/media/sda1/b.apkovl.tar.gz", "");
    CHECK_FALSE(find_apkovl(system, log, "/media/sda1"));
    CHECK(log.says("a.apkovl.tar.gz, b.apkovl.tar.gz are ignored"));
}

TEST_CASE("an apkovl is unpacked over the root, and its files are listed") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/newroot/etc/hostname", "old");
    system.write("/tmp/a.apkovl.tar.gz",
                 test::TarBuilder().directory("etc/").file("/etc/hostname", "new").gzip());
    CHECK(apply_apkovl(system, log, "/tmp/a.apkovl.tar.gz").value().names ==
          std::vector<std::string>{"etc/", "etc/hostname"});
    CHECK(read_file(system.host("/newroot/etc/hostname")).value() == "new");
    CHECK(log.says("/tmp/a.apkovl.tar.gz: absolute names (tar -P): 1 taken"));
}

TEST_CASE("what is wrong with an apkovl names it") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/newroot/x", "");
    system.write("/tmp/a.apkovl.tar.gz", test::TarBuilder().file("../etc/passwd", "bad").gzip());
    const auto bad = apply_apkovl(system, log, "/tmp/a.apkovl.tar.gz");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().first().code == "MPX-TAR-02");
    CHECK(bad.error().first().object == "/tmp/a.apkovl.tar.gz: ../etc/passwd");
    // The bytes tell, not the name.
    system.write("/tmp/b.apkovl.tar.gz", "Salted__12345678" + std::string(1000, 'x'));
    const auto encrypted = apply_apkovl(system, log, "/tmp/b.apkovl.tar.gz");
    REQUIRE_FALSE(encrypted);
    CHECK(encrypted.error().first().code == "MPX-OVL-01");
    CHECK(encrypted.error().first().object.ends_with("/tmp/b.apkovl.tar.gz"));
    system.write("/tmp/c.apkovl.tar.gz.old", test::TarBuilder().file("a", "").gzip());
    CHECK(apply_apkovl(system, log, "/tmp/c.apkovl.tar.gz.old"));
}

TEST_CASE("an apkovl of another form on a device is named, and not taken") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/media/sda1/a.apkovl.tar.gz.aes-256-cbc", "");
    system.write("/media/sda1/b.apkovl.tar.xz", "");
    CHECK_FALSE(find_apkovl(system, log, "/media/sda1"));
    CHECK(log.says("a.apkovl.tar.gz.aes-256-cbc is ignored: an apkovl must be a .tar.gz without encryption"));
    CHECK(log.says("b.apkovl.tar.xz is ignored"));
}
