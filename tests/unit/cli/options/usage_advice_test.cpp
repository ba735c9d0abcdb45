// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/usage_advice.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/cli/command_table.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

// What a wrong command line prints, without the line that points to --help.
struct Advice : test::Program {
    std::string of(const std::vector<std::string>& arguments) {
        CHECK(run(arguments) == 2);
        CHECK(out.str().empty());
        const std::string text = err.str();
        return text.substr(0, text.find('\n'));
    }
};

} // namespace

TEST_CASE("a misspelt command is named, whatever follows it") {
    Advice advice;
    const std::string bundle =
        "mkpxerd: bundel: is neither a command nor a kernel here (did you mean bundle?)";
    CHECK(advice.of({"bundel"}) == bundle);
    CHECK(advice.of({"bundel", "--server", "10.0.0.1", "-b", advice.root()}) == bundle);
    CHECK(advice.of({"bundel", "what"}) == bundle);
}

TEST_CASE("the commands of other programs lead to ours") {
    Advice advice;
    const auto hint = [&](const std::string& word) {
        const std::string text = advice.of({word, "x.img", "-b", advice.root()});
        return text.substr(text.find('('));
    };
    for (const auto& [word, ours] :
         std::initializer_list<std::pair<const char*, const char*>>{{"list", "ls"},
                                                                    {"lsinitrd", "ls"},
                                                                    {"inspect", "ls"},
                                                                    {"check", "lint"},
                                                                    {"unpack", "extract"},
                                                                    {"boot", "try"},
                                                                    {"compare", "diff"},
                                                                    {"help", "--help"}})
        CHECK(hint(word) == std::string("(did you mean ") + ours + "?)");
    for (const char* word : {"build", "create"})
        CHECK(hint(word) == "(a build has no command word: mkpxerd [OPTIONS] [KERNELVERSION])");
    // Each leads to a command that exists.
    std::set<std::string> known = {"--help", "--version", ""};
    for (const cli::CommandRow& row : cli::command_table())
        known.insert(row.name);
    for (const char* word : {"show", "verify", "print", "test", "info", "version"}) {
        const std::string text = hint(word);
        INFO(text);
        CHECK(known.contains(text.substr(14, text.size() - 16)));
    }
}

TEST_CASE("a kernel of that name is a kernel") {
    Advice advice;
    std::filesystem::create_directories(advice.kernel.dir() / "lib/modules/test");
    CHECK(advice.run({"test", "-b", advice.root(), "-o", advice.image()}) == 1);
    CHECK(advice.err.str().find("did you mean") == std::string::npos);
}

TEST_CASE("an option of a build before a command that would ignore it is refused") {
    Advice advice;
    const std::string image = advice.image();
    CHECK(advice.of({"--profile", "x", "ls", image}) == "mkpxerd: --profile: is not an option of ls");
    CHECK(advice.of({"-b", "/", "size", image}) == "mkpxerd: --basedir: is not an option of size");
    CHECK(advice.of({"-k", "size", image}) == "mkpxerd: -k: is not an option of size");
    CHECK(advice.of({"--json", "cat", image, "init"}) == "mkpxerd: --json: is not an option of cat");
    CHECK(advice.of({"6.1-test", "explain"}) == "mkpxerd: kernelversion: is not an option of explain");
    for (const std::vector<std::string>& accepted : {std::vector<std::string>{"--json", "explain"},
                                                     {"-q", "explain"},
                                                     {"--max-time", "9", "explain"},
                                                     {"-b", advice.root(), "why", "nfs"}}) {
        INFO(accepted[0]);
        CHECK(advice.run(accepted) == 0);
    }
}

TEST_CASE("an unknown option is named with the one that is near, or the command that has it") {
    Advice advice;
    CHECK(advice.of({"--profil", "x"}) == "mkpxerd: --profil: is not an option (did you mean --profile?)");
    CHECK(advice.of({"--profil=x"}) == "mkpxerd: --profil: is not an option (did you mean --profile?)");
    CHECK(advice.of({"--compr=xz"}) == "mkpxerd: --compr: is not an option (did you mean --compression?)");
    CHECK(advice.of({"ls", "--lnog", "x"}) ==
          "mkpxerd: --lnog: is not an option of ls (did you mean --long?)");
    CHECK(advice.err.str().ends_with("\nmkpxerd: see mkpxerd ls --help\n"));
    CHECK(advice.of({"ls", "--josn"}) == "mkpxerd: --josn: is not an option of ls (did you mean --json?)");
    CHECK(advice.of({"bundle", "--serve", "x"}) ==
          "mkpxerd: --serve: is not an option of bundle (did you mean --server?)");
    CHECK(advice.of({"why", "x", "--profil", "y"}) ==
          "mkpxerd: --profil: is not an option of why (did you mean --profile?)");
    CHECK(advice.of({"--subnet", "x"}) ==
          "mkpxerd: --subnet: is not an option (it is an option of bundle, snippet)");
    CHECK(advice.of({"size", "--profile", "x"}) ==
          "mkpxerd: --profile: is not an option of size (it is an option of a build)");
    CHECK(advice.of({"--nonsense\x1b"}) == "mkpxerd: --nonsense\\x1b: is not an option");
}

TEST_CASE("a word too many is named") {
    Advice advice;
    CHECK(advice.of({"diff", "a", "b", "c", "d"}) == "mkpxerd: c: is one word too many");
    CHECK(advice.of({"6.1-test", "more"}) == "mkpxerd: more: is one word too many");
}

TEST_CASE("an empty name of a file, a directory or anything else is wrong usage; an empty list of options is "
          "none") {
    Advice advice;
    const std::string image = advice.image();
    CHECK(advice.of({"-b", advice.root(), "-o", ""}) == "mkpxerd: --output: is empty");
    for (const char* option : {"--profile", "--key", "--ca", "--config", "--init", "--fstab", "--hardware",
                               "--feature-dir", "--kernel-root", "--basedir", "--max-size", "--repro"}) {
        INFO(option);
        CHECK(advice.of({"-o", image, option, ""}) == std::string("mkpxerd: ") + option + ": is empty");
    }
    CHECK(advice.of({"extract", image, "-C", ""}) == "mkpxerd: --directory: is empty");
    CHECK(advice.of({"ls", ""}) == "mkpxerd: IMAGE: is empty");
    CHECK(advice.of({"diff", image, ""}) == "mkpxerd: B: is empty");
    CHECK(advice.of({"bundle", "--out", ""}) == "mkpxerd: --out: is empty");
    CHECK(advice.of({""}) == "mkpxerd: KERNELVERSION: is empty");
    CHECK_FALSE(std::filesystem::exists(image));
    CHECK(advice.run({"-b", advice.root(), "-o", image, "--cmdline", ""}) == 0);
    CHECK(advice.run({"lint", "", image}) != 2);
    CHECK(advice.run({"lint", "--cmdline", "", image}) != 2);
}

TEST_CASE("options of a build that have no effect on a command are refused, before it and after it") {
    Advice advice;
    const auto refused = [&](const std::string& command, const char* option, const char* value) {
        const std::string text =
            std::string("mkpxerd: ") + option + ": has no effect on " + command + ", which writes no image";
        const std::string given = *value == '\0' ? option : std::string(option) + '=' + value;
        CHECK(advice.of({command, "quiet", "-b", advice.root(), given}) == text);
        CHECK(advice.of({"-b", advice.root(), given, command, "quiet"}) == text);
        REQUIRE(advice.run({command, "--help-all"}) == 0);
        CHECK(advice.out.str().find(std::string(option) + ' ') == std::string::npos);
    };
    for (const std::string command : {"lint", "why"}) {
        refused(command, "--output", "x");
        refused(command, "--level", "1");
        refused(command, "--max-size", "1M");
        refused(command, "--no-cache", "");
    }
    refused("why", "--mode", "0600");
    refused("why", "--allow-secrets", "");
    // What decides about modules and modes.
    CHECK(advice.run({"why", "nfs", "-b", advice.root(), "-C", "none"}) == 0);
    CHECK(advice.run({"lint", "quiet", "-b", advice.root(), "--mode", "0600", "-C", "none"}) != 2);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"cat", "x", "y"}, {"completion", "bash"}}) {
        const std::string text = "mkpxerd: --json: is not an option of " + command.front();
        std::vector<std::string> words = command;
        words.emplace_back("--json");
        CHECK(advice.of(words).starts_with(text));
        words = command;
        words.insert(words.begin(), "--json");
        CHECK(advice.of(words).starts_with(text));
    }
}

TEST_CASE("options about modules and firmware are refused beside the one that leaves out both") {
    Advice advice;
    for (const std::string option :
         {"--hardware=x", "--modules=keep", "--firmware=all", "--strict-firmware", "--kmod-index"})
        CHECK(advice.of({"-b", advice.root(), "-o", advice.image(), "-n", option}) ==
              "mkpxerd: " + option.substr(0, option.find('=')) +
                  ": has no effect with --no-kernel, which leaves out modules and firmware");
    CHECK(advice.run({"-b", advice.root(), "-o", advice.image(), "-n", "--strict-firmware=false"}) == 0);
    CHECK(advice.run({"-b", advice.root(), "-o", advice.image(), "--no-kernel=false", "--kmod-index"}) == 0);
}

TEST_CASE("a flag that is given as off is off") {
    Advice advice;
    CHECK(advice.run({"-b", advice.root(), "-o", advice.image(), "--no-kernel=false"}) == 0);
    CHECK(advice.out.str().find("  kernel   ") != std::string::npos);
    CHECK(advice.run({"-b", advice.root(), "-o", advice.image(), "--no-kernel=true"}) == 0);
    CHECK(advice.out.str().find("  kernel   ") == std::string::npos);
}

TEST_CASE("a long option with one dash is named, and not taken for a short one with its value") {
    Advice advice;
    CHECK(advice.of({"-profile", "network", "-b", advice.root(), "-o", advice.image()}) ==
          "mkpxerd: -profile: long options have two dashes: --profile");
    CHECK(advice.of({"-output=x", "-n"}) == "mkpxerd: -output: long options have two dashes: --output");
    CHECK(advice.of({"ls", "-long", "x"}) == "mkpxerd: -long: long options have two dashes: --long");
    CHECK(advice.run({"-b", advice.root(), "-o", advice.image(), "-pnetwork"}) == 0);
}

TEST_CASE("options of other generators lead to ours, but not on commands that build nothing") {
    Advice advice;
    for (const auto& [command, option] :
         {std::pair("extract", "--force"), {"ls", "-a"}, {"try", "-m"}, {"diff", "-r"}, {"overlay", "--add"}})
        CHECK(advice.of({command, option, "x"}) ==
              fmt::format("mkpxerd: {}: is not an option of {}", option, command));
    CHECK(advice.of({"overlay", "--compress", "xz"}) ==
          "mkpxerd: --compress: is not an option of overlay (did you mean --compression?)");
    CHECK(advice.of({"why", "--force", "x"}).find("needless") != std::string::npos);
    CHECK(advice.of({"--omit", "plymouth"}) ==
          "mkpxerd: --omit: is not an option (here: -F \"LIST\" is the whole list of features)");
    for (const auto& [foreign, ours] : std::initializer_list<std::pair<const char*, const char*>>{
             {"--add", "-F "},
             {"--force", "needless"},
             {"--include", "a line in a list NAME.files"},
             {"--hostonly", "--hardware FILE"},
             {"-H", "--hardware FILE"},
             {"--add-drivers", "a line in a list NAME.modules"},
             {"-g", "-o FILE"},
             {"-A", "-F "}}) {
        INFO(foreign);
        CHECK(advice.of({foreign}).find(std::string("(here: ") + ours) != std::string::npos);
    }
}

TEST_CASE("what CLI11 finds is said in plain words, with the names of the manual") {
    Advice advice;
    CHECK(advice.of({"--profile", "a", "--profile", "b"}) == "mkpxerd: --profile: is given more than once");
    CHECK(advice.of({"--profile"}) == "mkpxerd: --profile: needs a value");
    CHECK(advice.of({"diff"}) == "mkpxerd: diff: A is missing");
    CHECK(advice.of({"diff", "x"}) == "mkpxerd: diff: B is missing");
    CHECK(advice.of({"ls"}) == "mkpxerd: ls: IMAGE is missing");
    CHECK(advice.of({"try"}) == "mkpxerd: try: IMAGE | DIR is missing");
    CHECK(advice.of({"completion"}) == "mkpxerd: completion: SHELL is missing");
}

TEST_CASE("the word help before a command is --help after it") {
    Advice advice;
    REQUIRE(advice.run({"ls", "--help"}) == 0);
    const std::string help = advice.out.str();
    CHECK(advice.run({"help", "ls"}) == 0);
    CHECK(advice.out.str() == help);
    CHECK(advice.run({"help"}) == 0);
}

TEST_CASE("a snippet is found by the name of its program") {
    Advice advice;
    CHECK(advice.run({"snippet", "dnsmasq", "--server", "10.0.0.1"}) == 1);
    CHECK(advice.err.str().find("dnsmasq: is not a snippet (did you mean dnsmasq.conf?)") !=
          std::string::npos);
}
