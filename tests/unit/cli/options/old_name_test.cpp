// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/old_name.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("an old name works alone, is in no help, and is refused beside the new one") {
    const auto parse = [](std::vector<std::string> reversed, std::string& value) {
        CLI::App app;
        CLI::Option* option = app.add_option("--cmdline", value);
        cli::add_old_name(app, "--append", option, [&](const std::string& text) { value = text; });
        CHECK(app.help().find("--append") == std::string::npos);
        app.parse(reversed);
    };
    std::string value;
    parse({"a", "--append"}, value);
    CHECK(value == "a");
    parse({"b", "--cmdline"}, value);
    CHECK(value == "b");
    for (const std::vector<std::string>& both :
         {std::vector<std::string>{"b", "--cmdline", "a", "--append"}, {"a", "--append", "b", "--cmdline"}})
        CHECK_THROWS_WITH(parse(both, value), "--append: is the old name of --cmdline: give one of them");
}
