// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/command_words.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

std::vector<CommandLineWord> words(std::string_view text) {
    return split_command_line(text).words;
}

} // namespace

TEST_CASE("a command line is cut as the kernel cuts it") {
    CHECK(words("").empty());
    CHECK(words(" \t\n ").empty());
    CHECK(words("quiet  ip=dhcp\n") ==
          std::vector<CommandLineWord>{{"quiet", std::nullopt, 0}, {"ip", "dhcp", 7}});
    CHECK(words(R"(a="b c" d)") == std::vector<CommandLineWord>{{"a", "b c", 0}, {"d", std::nullopt, 8}});
    CHECK(words(R"("a=b c" d)") == std::vector<CommandLineWord>{{"a", "b c", 0}, {"d", std::nullopt, 8}});
    CHECK(words("a=") == std::vector<CommandLineWord>{{"a", "", 0}});
    CHECK(words("a=b=c") == std::vector<CommandLineWord>{{"a", "b=c", 0}});
    CHECK(words(R"(a=x"y z"w)") == std::vector<CommandLineWord>{{"a", R"(x"y z"w)", 0}});
    CHECK(words("=b") == std::vector<CommandLineWord>{{"=b", std::nullopt, 0}});
    CHECK(words(R"(")") == std::vector<CommandLineWord>{{"", std::nullopt, 0}});
}

TEST_CASE("arguments after two dashes belong to init") {
    const CommandLine line = split_command_line("quiet -- single ip=dhcp");
    CHECK(line.words.size() == 1);
    CHECK(line.init_args == std::vector<std::string>{"single", "ip=dhcp"});
}

TEST_CASE("a quote that never ends is found where it begins") {
    CHECK(split_command_line(R"(a="b c" d)").open_quote == std::nullopt);
    CHECK(split_command_line(R"(quiet a="b c d)").open_quote == std::optional<std::size_t>(8));
    CHECK(split_command_line(R"(a="b" c="d)").open_quote == std::optional<std::size_t>(8));
}
