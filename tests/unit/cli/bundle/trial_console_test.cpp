// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/bundle/trial_console.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

struct Lab {
    std::vector<std::string> shown{};
    cli::TrialConsole console;
    explicit Lab(const std::string& expected = "", bool shows_all = false)
        : console(expected, shows_all, [this](std::string_view line) { shown.emplace_back(line); }) {}
    void take(const std::vector<std::string>& lines) {
        for (const std::string& line : lines)
            console.take(line);
    }
};

} // namespace

TEST_CASE("the init's lines are shown, the kernel's only when they are asked for") {
    Lab lab;
    lab.take({"[    0.0] Linux version 6.1", "[    0.1] Command line: root=x mkpxerd: no",
              "[    4.5] mkpxerd: eth0: up", "mkpxerd: arrived: ok"});
    CHECK(lab.shown == std::vector<std::string>{"[    4.5] mkpxerd: eth0: up", "mkpxerd: arrived: ok"});
    CHECK(lab.console.own_lines() == lab.shown);
    lab.shown.clear();
    lab.console.show_rest("rest:");
    CHECK(lab.shown == std::vector<std::string>{"rest:", "[    0.0] Linux version 6.1",
                                                "[    0.1] Command line: root=x mkpxerd: no"});
    lab.shown.clear();
    lab.console.show_rest("rest:");
    CHECK(lab.shown.empty());
}

TEST_CASE("with -v every line is shown once, and an expected text is shown in any case") {
    Lab all("", true);
    all.take({"a", "mkpxerd: b"});
    all.console.show_rest("rest:");
    CHECK(all.shown == std::vector<std::string>{"a", "mkpxerd: b"});
    Lab expecting("login:");
    expecting.take({"a", "host login: "});
    CHECK(expecting.shown == std::vector<std::string>{"host login: "});
}

TEST_CASE("of a long log the end is kept") {
    Lab lab;
    for (int i = 0; i < 1000; ++i)
        lab.console.take("line " + std::to_string(i));
    lab.console.show_rest("rest:");
    CHECK(lab.shown.size() == 41);
    CHECK(lab.shown.back() == "line 999");
}
