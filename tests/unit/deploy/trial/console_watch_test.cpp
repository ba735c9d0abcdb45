// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/console_watch.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd::deploy;
using Kind = Verdict::Kind;

namespace {

Verdict verdict_of(std::string_view console, std::string expected = {}) {
    ConsoleWatch watch(std::move(expected));
    watch.feed(console);
    REQUIRE(watch.verdict());
    return *watch.verdict();
}

constexpr std::string_view handover = "[    5.1] mkpxerd: handover to /sbin/init on tmpfs after 1.500 s\r\n";

} // namespace

TEST_CASE("a handover is the end when no text is expected") {
    CHECK(verdict_of(handover) ==
          Verdict{Kind::HandedOver, {}, "mkpxerd: handover to /sbin/init on tmpfs after 1.500 s"});
}

TEST_CASE("a failure has its code and its text") {
    CHECK(verdict_of("[    5.1] mkpxerd: failed MPX-DHCP-03 network: eth0: no answer\r\n") ==
          Verdict{Kind::Failed, "MPX-DHCP-03", "network: eth0: no answer"});
    CHECK(verdict_of("mkpxerd: failed MPX-DHCP-03\n") == Verdict{Kind::Failed, "MPX-DHCP-03", ""});
}

TEST_CASE("a message of the kernel within a line hides nothing of it") {
    const std::string ready = "[    3.607805] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready\r\n";
    const std::string down = "[   13.659372][    T1] reboot: Power down\r\n";
    const Verdict failed{Kind::Failed, "MPX-DHCP-03", "network: eth0: no answer"};
    CHECK(verdict_of("[    5.100] mkpxerd: fai" + ready + "led MPX-DHCP-03 network: eth0: no answer\r\n") ==
          failed);
    CHECK(verdict_of("[    5.100] mkpxerd: failed MPX-DHCP-" + ready + down +
                     "03 network: eth0: no answer\r\n") == failed);
    CHECK(verdict_of("[    5.100] mkpxerd: failed MPX-DHCP-03 net" + ready + "work: eth0: " + down +
                     "no answer\r\n") == failed);
    CHECK(verdict_of("lab log" + ready + "in: ", "login:") == Verdict{Kind::Arrived, {}, "lab login: "});
    CHECK(verdict_of("lab login: " + ready, "login:") == Verdict{Kind::Arrived, {}, "lab login: "});
    CHECK(verdict_of("lab login: [    5.200000] Kernel panic - not syncing: c\n").kind == Kind::Panicked);
    ConsoleWatch watch({});
    CHECK(watch.feed("mkpxerd: a" + ready + "b\r\n") ==
          std::vector<std::string>{"mkpxerd: a" + ready.substr(0, ready.size() - 2), "b"});
}

TEST_CASE("what looks like a stamp of the kernel and is none stays in its line") {
    for (const std::string text :
         {"[    5.100] ", "[5.1000000] ", "[.100000] ", "[5.100000 ", "[5.10000x] ", "[ ", "[5."})
        CHECK(verdict_of("mkpxerd: failed MPX-A-01 b: " + text + "c\n") ==
              Verdict{Kind::Failed, "MPX-A-01", "b: " + text + "c"});
}

TEST_CASE("the first failure is the verdict, whatever follows") {
    const std::string console =
        "mkpxerd: failed MPX-OPT-01 options: nothing to boot\n" + std::string(handover);
    CHECK(verdict_of(console).code == "MPX-OPT-01");
    CHECK(verdict_of("mkpxerd: failed MPX-OPT-01 a: b\nKernel panic - not syncing: c\n").kind ==
          Kind::Failed);
}

TEST_CASE("a handover that ends in a panic is no success") {
    const std::string console =
        std::string(handover) + "[    5.2] Kernel panic - not syncing: Attempted to kill init!\n";
    CHECK(verdict_of(console) == Verdict{Kind::Panicked, {}, "Attempted to kill init!"});
}

TEST_CASE("an expected text is waited for beyond the handover") {
    ConsoleWatch watch("login:");
    watch.feed(handover);
    CHECK_FALSE(watch.verdict());
    watch.feed("lab lo");
    CHECK_FALSE(watch.verdict());
    watch.feed("gin: ");
    REQUIRE(watch.verdict());
    CHECK(*watch.verdict() == Verdict{Kind::Arrived, {}, "lab login: "});
    watch.feed("root\n");
    CHECK(watch.verdict()->text == "lab login: root");
    watch.feed("other login: x\n");
    CHECK(watch.verdict()->text == "lab login: root");
}

TEST_CASE("firmware without anything to boot is said") {
    CHECK(verdict_of("Booting from ROM...\nNo bootable device.\n").kind == Kind::NoLoader);
    CHECK(verdict_of("http://10.0.0.1/vmlinuz... failed\nmkpxerd: nothing to boot from\n") ==
          Verdict{Kind::NoLoader, {}, "mkpxerd: nothing to boot from"});
}

TEST_CASE("lines come without escape sequences, whole ones only") {
    ConsoleWatch watch("");
    CHECK(watch.feed("\x1b[2J\x1b[01;01HSea").empty());
    CHECK(watch.rest() == "Sea");
    CHECK(watch.feed("BIOS\x1b(B\r\n\x1b"
                     "c|\tx\x07\n") == std::vector<std::string>{"SeaBIOS", "|\tx"});
    CHECK(watch.rest().empty());
    CHECK(without_controls("a\x1b") == "a");
    CHECK(without_controls("a\x1b[") == "a");
    CHECK(without_controls("a\x1b(") == "a");
    CHECK(without_controls("\xc3\xa4") == "\xc3\xa4");
    CHECK(without_controls("a\xc2\x9b"
                           "2J\x9b") == "a\\xc2\\x9b"
                                        "2J\\x9b"); // C1
}
