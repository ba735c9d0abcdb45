// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/help_text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "image_tool.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/command_table.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

std::string help(const std::vector<std::string>& arguments) {
    ImageTool program;
    CHECK(program.run(arguments) == 0);
    CHECK(program.err.str().empty());
    return program.out.str();
}

std::size_t widest(const std::string& text) {
    std::size_t width = 0;
    for (const std::string_view line : split_lines(text))
        width = std::max(width, line.size());
    return width;
}

} // namespace

TEST_CASE("the help of the program fits on a screen, in the groups of the manual") {
    const std::string text = help({"--help"});
    CHECK(std::ranges::count(text, '\n') <= 40);
    CHECK(widest(text) <= 80);
    std::size_t at = 0;
    for (const char* heading : {"Usage: mkpxerd [OPTIONS]", "\nContents of the image:\n", "\nThe output:\n",
                                "\nMessages:\n", "\nCommands"}) {
        at = text.find(heading, at);
        CHECK(at != std::string::npos);
    }
    for (const std::string_view name : cli::usual_options()) {
        INFO(name);
        CHECK(text.find("--" + std::string(name)) != std::string::npos);
    }
    for (const cli::CommandRow& row : cli::command_table())
        CHECK(text.find(std::string("\n  ") + row.name + ' ') != std::string::npos);
}

TEST_CASE("option --help-all shows every option that is not hidden, and no longer lines") {
    const std::string text = help({"--help-all"});
    for (const char* option : {"--max-memory SIZE", "-t DIR", "--repro FILE.tar", "--key FILE", "-h,--help",
                               "--allow-secrets", "\nConfinement:\n"})
        CHECK_THAT(text, Catch::Contains(option));
    CHECK(widest(text) <= 80);
}

TEST_CASE("the help of a command has its options, and those of the build that it takes") {
    const std::string ls = help({"ls", "--help"});
    CHECK(ls.starts_with("Usage: mkpxerd ls [OPTIONS] IMAGE ...\nlist the entries"));
    CHECK_THAT(ls, Catch::Contains("\n  -l,--long ") && Catch::Contains("\n  --json "));
    CHECK(ls.find("Build options") == std::string::npos);
    CHECK(ls.find("--long") < ls.find("--max-memory")); // what is only for this command comes first
    // The names of mkpxerd(8).
    for (const auto& [command, usage] :
         std::initializer_list<std::pair<const char*, const char*>>{{"lint", "[CMDLINE] [IMAGE]"},
                                                                    {"why", "[WHAT ...]"},
                                                                    {"diff", "A B"},
                                                                    {"try", "IMAGE | DIR"},
                                                                    {"chart", "REPORT"},
                                                                    {"explain", "[CODE | KIND ...]"},
                                                                    {"overlay", "PATH ..."},
                                                                    {"completion", "SHELL"}})
        CHECK(help({command, "--help"})
                  .starts_with(std::string("Usage: mkpxerd ") + command + " [OPTIONS] " + usage + '\n'));
    CHECK(ls.find("--profile") == std::string::npos);
    const std::string bundle = help({"bundle", "--help"});
    CHECK_THAT(bundle, Catch::Contains("\n  --gateway ADDRESS ") &&
                           Catch::Contains("(all: mkpxerd bundle --help-all)") &&
                           Catch::Contains("\n  -p,--profile NAME|FILE"));
    CHECK(bundle.find("--strict-firmware") == std::string::npos);
    CHECK_THAT(help({"bundle", "--help-all"}), Catch::Contains("--strict-firmware"));
    // An option of the command's own hides that of the build.
    CLI::App app("a program", "program");
    app.formatter(std::make_shared<cli::HelpText>());
    std::string file;
    app.add_option("--output", file, "of the build");
    app.add_option("--profile", file, "of both");
    CLI::App* command = app.add_subcommand("command", "a command");
    command->fallthrough();
    command->add_option("--output", file, "of the command");
    const std::string text = command->help("", CLI::AppFormatMode::All);
    CHECK_THAT(text, Catch::Contains("of the command") && Catch::Contains("of both"));
    CHECK(text.find("of the build") == std::string::npos);
    for (const cli::CommandRow& row : cli::command_table()) {
        INFO(row.name);
        CHECK(widest(help({row.name, "--help"})) <= 80);
    }
}

TEST_CASE("hidden options stay out of the help, and a range is not part of an option's type") {
    CLI::App app("a program", "program");
    app.formatter(std::make_shared<cli::HelpText>());
    int number = 0;
    app.add_option("--old", number, "as before")->group("");
    app.add_option("--new", number, "as now")->type_name("N")->check(CLI::Range(1, 9))->group("Messages");
    app.add_option("--at", number, "where")->type_name("ADDRESS[:PORT]")->group("Messages");
    const std::string text = app.help("", CLI::AppFormatMode::All);
    CHECK(text.find("  --at ADDRESS[:PORT]       where\n") != std::string::npos);
    CHECK(text.find("--old") == std::string::npos);
    CHECK(text.find("  --new N                   as now\n") != std::string::npos);
}
