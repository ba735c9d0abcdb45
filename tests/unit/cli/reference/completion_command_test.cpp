// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/reference/completion_command.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("a completion names every command and the words of an option, in the form of its shell") {
    Program program;
    const auto completion = [&](const char* shell) {
        CHECK(program.run({"completion", shell}) == 0);
        return program.out.str();
    };
    const std::string bash = completion("bash");
    CHECK(bash.starts_with("# Completion of mkpxerd for bash"));
    CHECK(bash.find(R"(compgen -W "gzip xz zstd lz4 none" -- "$cur")") != std::string::npos);
    CHECK(bash.find(R"(commands="why overlay ls cat )") != std::string::npos);
    const std::string zsh = completion("zsh");
    CHECK(zsh.starts_with("#compdef mkpxerd\n"));
    CHECK(zsh.find(R"(:value:(gzip xz zstd lz4 none)')") != std::string::npos);
    CHECK(zsh.find("    why) specs=($specs\n") != std::string::npos);
    CHECK(zsh.find("    ls) specs=(\n") != std::string::npos);
    const std::string fish = completion("fish");
    CHECK(fish.find("-s C -l compression -x -a 'gzip xz zstd lz4 none' -d ") != std::string::npos);
    CHECK(fish.find("complete -c mkpxerd -n '__fish_seen_subcommand_from cat' -F\n") != std::string::npos);
    for (const std::string& script : {bash, zsh, fish})
        CHECK(script.find("\n%") == std::string::npos); // no form is left over
    for (const std::string& script : {bash, zsh, fish})
        for (const char* word : {"MPX-DHCP MPX-DHCP-01", " dhcpd.conf "}) // of explain, of snippet
            CHECK(script.find(word) != std::string::npos);
    CHECK(program.run({"completion", "tcsh"}) == 1);
}

TEST_CASE("hidden options are not completed") {
    Program program;
    CLI::App app("a program", "mkpxerd");
    bool set = false;
    app.add_flag("--old", set, "the name before")->group("");
    app.add_flag("--new", set, "the name now");
    const cli::CommandContext context{.out = program.out,
                                      .err = program.err,
                                      .data_dir = program.path("share/mkpxerd"),
                                      .init_program = {},
                                      .source_date_epoch = {}};
    for (const char* shell : {"bash", "zsh", "fish"}) {
        INFO(shell);
        program.out.str("");
        CHECK(cli::run_completion(app, shell, context) == 0);
        CHECK(program.out.str().find("new") != std::string::npos);
        CHECK(program.out.str().find("old") == std::string::npos);
    }
}

TEST_CASE("a template of completions that lacks a form or its end is an error") {
    Program program;
    const auto& dir = program.kernel.dir();
    std::filesystem::remove(dir / "share/mkpxerd/completions");
    CHECK(program.run({"completion", "fish"}) == 1);
    dir.write("share/mkpxerd/completions/fish", "%option[@nobody@]\n@lines@\n");
    CHECK(program.run({"completion", "fish"}) == 1);
    CHECK(program.err.str().find("/completions/fish: has no form 'in-build'\n") != std::string::npos);
    CHECK(program.err.str().find("/completions/fish: has an unknown placeholder @nobody@\n") !=
          std::string::npos);
    dir.write("share/mkpxerd/completions/fish", "%option[a\n");
    CHECK(program.run({"completion", "fish"}) == 1);
    CHECK(program.err.str().find("has a form without an end") != std::string::npos);
}
