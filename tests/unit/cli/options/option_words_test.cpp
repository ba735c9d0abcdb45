// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/option_words.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "mkpxerd/deploy/site/snippets.hpp"
#include "mkpxerd/wrap/compressor.hpp"

using namespace mkpxerd;
using namespace mkpxerd::cli;

TEST_CASE("the words of an option are those of the table that reads it") {
    CHECK(words_of_option("compression") == std::vector<std::string>{"gzip", "xz", "zstd", "lz4", "none"});
    for (const std::string& word : words_of_option("compression"))
        CHECK(wrap::parse_format(word));
    CHECK(words_of_option("firmware") == std::vector<std::string>{"all", "net", "none"});
    CHECK(words_of_option("modules") == std::vector<std::string>{"keep", "plain", "packed", "packed:xz"});
    CHECK(words_of_option("loader") ==
          std::vector<std::string>{"ipxe", "snponly", "pxelinux", "lpxelinux", "grub"});
    CHECK(words_of_option("pin") == std::vector<std::string>{"apkovl=", "modloop=", "root="});
    CHECK(words_of_option("name").size() == deploy::snippets().size());
    CHECK(words_of_option("output").empty());
    const auto codes = words_of_option("code");
    CHECK(codes[0] == "MPX-BUG");
    CHECK(codes[1] == "MPX-BUG-01");
    CHECK(std::ranges::count(codes, "MPX-DHCP") == 1);
    CHECK(std::ranges::count(codes, "MPX-DHCP-02") == 1);
}

TEST_CASE("a help has the words in place of its gap, if it has one") {
    CHECK(help_with_words("one of {} (default: all)", "firmware") == "one of all, net, none (default: all)");
    CHECK(help_with_words("a file", "firmware") == "a file");
}
