// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/common_options.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <sstream>

#include "image_tool.hpp"
#include "mkpxerd/cli/command_table.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("each command has --quiet and --verbose, of its own or of the build") {
    ImageTool program;
    for (const cli::CommandRow& row : cli::command_table()) {
        INFO(row.name);
        REQUIRE(program.run({row.name, "--help-all"}) == 0);
        CHECK_THAT(program.out.str(),
                   Catch::Contains("\n  -q,--quiet ") && Catch::Contains("\n  -v,--verbose "));
    }
}

TEST_CASE("the options set what the commands read, and a command keeps its own") {
    std::ostringstream out;
    cli::CommandContext context{
        .out = out, .err = out, .data_dir = {}, .init_program = {}, .source_date_epoch = {}};
    CLI::App app;
    bool own = false;
    app.add_flag("-q,--quiet", own, "");
    cli::add_message_options(app, context);
    cli::add_json_option(app, context);
    app.parse("-q -v --json");
    CHECK(own);
    CHECK_FALSE(context.is_quiet);
    CHECK(context.is_verbose);
    CHECK(context.wants_json);
}

TEST_CASE("with --quiet a command that reads an image does not warn, and its result stays") {
    ImageTool program;
    const auto image = program.write("x.img", compressed_xz_crc64()); // the kernel does not unpack it
    REQUIRE(program.run({"ls", image}) == 0);
    const std::string listed = program.out.str();
    CHECK(program.err.str().starts_with("mkpxerd: warning: "));
    REQUIRE(program.run({"ls", "-q", image}) == 0);
    CHECK(program.out.str() == listed);
    CHECK(program.err.str().empty());
}

TEST_CASE("with --verbose the errors of every command name the line of the sources") {
    ImageTool program;
    const std::string none = (program.dir / "none").string();
    for (const std::vector<std::string>& command : {std::vector<std::string>{"ls", none},
                                                    {"size", none},
                                                    {"cat", none, "x"},
                                                    {"extract", none},
                                                    {"diff", none, none},
                                                    {"explain", "what"},
                                                    {"overlay", "-o", none, none},
                                                    {"lint", "quiet", none}}) {
        INFO(command.front());
        std::vector<std::string> arguments = command;
        CHECK(program.run(arguments) != 0);
        CHECK(program.err.str().find(".cpp:") == std::string::npos);
        arguments.push_back("-v");
        CHECK(program.run(arguments) != 0);
        CHECK(program.err.str().find(".cpp:") != std::string::npos);
    }
}
