// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/command_table.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

using namespace mkpxerd;

TEST_CASE("each command has a name of its own, a help of one line, and options that CLI11 accepts") {
    std::ostringstream out;
    CLI::App app;
    cli::Arguments arguments(
        app, {.out = out, .err = out, .data_dir = {}, .init_program = {}, .source_date_epoch = {}});
    std::set<std::string_view> names;
    for (const cli::CommandRow& row : cli::command_table()) {
        CAPTURE(row.name);
        CHECK(names.insert(row.name).second);
        const std::string_view help = row.help;
        CHECK_FALSE(help.empty());
        CHECK(help.find('\n') == std::string_view::npos);
        CHECK(help.back() != '.');
        CHECK_NOTHROW(row.add_options(*app.add_subcommand(row.name, row.help), arguments));
        REQUIRE(row.duty != nullptr);
        REQUIRE(row.run != nullptr);
    }
    CHECK(names.contains("lint"));
}

TEST_CASE("only commands that plan an image take the options of a build") {
    for (const cli::CommandRow& row : cli::command_table()) {
        const bool plans = std::string_view(row.name) == "why" || std::string_view(row.name) == "lint" ||
                           std::string_view(row.name) == "bundle";
        CAPTURE(row.name);
        CHECK((row.build_options != cli::BuildOptions::Refused) == plans);
    }
}
