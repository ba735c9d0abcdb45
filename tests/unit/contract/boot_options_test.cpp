// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <set>

#include "mkpxerd/contract/boot_options.hpp"

using namespace mkpxerd;

namespace {

std::vector<CommandLineWord> words(std::string_view text) {
    return split_command_line(text).words;
}

} // namespace

TEST_CASE("every option of the table stands in it once, and served ones say what they mean") {
    std::set<std::string_view> names;
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        CHECK(names.insert(option.name).second);
        if (option.support == BootOption::Support::Served || option.support == BootOption::Support::Named)
            CHECK(option.meaning.ends_with('.'));
    }
}

TEST_CASE("the options of the guide and of mkinitfs are known") {
    for (const char* name : {"ip",
                             "BOOTIF",
                             "apkovl",
                             "alpine_dev",
                             "ovl_dev",
                             "alpine_repo",
                             "modloop",
                             "modules",
                             "quiet",
                             "nomodeset",
                             "console",
                             "root",
                             "rootfstype",
                             "rootflags",
                             "usrflags",
                             "overlaytmpfs",
                             "overlaytmpfsflags",
                             "init",
                             "init_args",
                             "blacklist",
                             "debug_init",
                             "single",
                             "s",
                             "1",
                             "panic",
                             "pkgs",
                             "ssh_key",
                             "keep_apk_new",
                             "usbdelay",
                             "autodetect_serial",
                             "uevent_buf_size",
                             "ds",
                             "tinycloud",
                             "resume",
                             "mkpxerd.timeout"}) {
        INFO(name);
        CHECK(find_boot_option(name) != nullptr);
    }
    CHECK(find_boot_option("modlop") == nullptr);
}

TEST_CASE("no before a flag finds the flag, before anything else it does not") {
    REQUIRE(find_boot_option("noquiet") != nullptr);
    CHECK(find_boot_option("noquiet")->name == "quiet");
    CHECK(find_boot_option("nokeep_apk_new") != nullptr);
    CHECK(find_boot_option("nomodloop") == nullptr);
    CHECK(find_boot_option("noapic")->support == BootOption::Support::Kernel);
}

TEST_CASE("a misspelt option finds the served one that was meant") {
    const auto [wrong, right] = GENERATE(table<const char*, const char*>({
        {"modlop", "modloop"},
        {"apkvol", "apkovl"},
        {"apk_ovl", "apkovl"},
        {"alpine-dev", "alpine_dev"},
        {"alpinedev", "alpine_dev"},
        {"ovldev", "ovl_dev"},
        {"alpine_repos", "alpine_repo"},
        {"bootif", "BOOTIF"},
        {"rootfstyp", "rootfstype"},
        {"overlaytmpf", "overlaytmpfs"},
        {"mkpxerd.timout", "mkpxerd.timeout"},
        {"keep_apknew", "keep_apk_new"},
        {"mkpxerd.onfial", "mkpxerd.onfail"},
        {"onfail", "mkpxerd.onfail"},
    }));
    INFO(wrong);
    CHECK(nearest_boot_option(wrong) == std::optional<std::string>(right));
}

TEST_CASE("words that resemble nothing have no nearest option") {
    for (const char* word : {"x", "foo", "acpi_enforce_resources", "hello_world", "mkpxerd.colour"}) {
        INFO(word);
        CHECK_FALSE(nearest_boot_option(word));
    }
}

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

TEST_CASE("what follows two dashes belongs to init") {
    const CommandLine line = split_command_line("quiet -- single ip=dhcp");
    CHECK(line.words.size() == 1);
    CHECK(line.init_args == std::vector<std::string>{"single", "ip=dhcp"});
}

TEST_CASE("a quote that never ends is found where it begins") {
    CHECK(split_command_line(R"(a="b c" d)").open_quote == std::nullopt);
    CHECK(split_command_line(R"(quiet a="b c d)").open_quote == std::optional<std::size_t>(8));
    CHECK(split_command_line(R"(a="b" c="d)").open_quote == std::optional<std::size_t>(8));
}
