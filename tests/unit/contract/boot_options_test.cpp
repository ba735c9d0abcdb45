// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/boot_options.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/cmdline.hpp"

using namespace mkpxerd;

namespace {

// "name", "name=..." or "noname" as a word of a line that begins with .It
bool is_item(std::string_view page, std::string_view name) {
    for (const std::string_view line : split_lines(page)) {
        if (!line.starts_with(".It ")) continue;
        for (std::string_view word : split_words(line))
            if (word == name || (word.starts_with(name) && word[name.size()] == '=')) return true;
    }
    return false;
}

// As the manual has it; empty: the default is that nothing was said.
struct DefaultText {
    BootOptions defaults = {};
    std::string operator()(std::string BootOptions::*field) const { return defaults.*field; }
    std::string operator()(unsigned BootOptions::*field) const {
        return defaults.*field == 0 ? "" : fmt::format("; {}.", defaults.*field);
    }
    std::string operator()(std::uint64_t BootOptions::*field) const {
        return fmt::format("{} MiB", defaults.*field >> 20);
    }
    template <class Other>
    std::string operator()(Other) const {
        return {};
    }
};

} // namespace

TEST_CASE("options that the init knows say what they mean") {
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        if (option.support != BootOption::Support::Others) CHECK(option.meaning.ends_with('.'));
    }
}

TEST_CASE("docs/cmdline.md has every option of the table with its state and its default") {
    const std::string document = read_file(MKPXERD_SOURCE_DIR "/docs/cmdline.md").value();
    const auto row_of = [&](std::string_view name) {
        const auto begin = document.find(fmt::format("| `{}` | supported | ", name));
        REQUIRE(begin != std::string::npos);
        return document.substr(begin, document.find('\n', begin) - begin);
    };
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        if (option.support == BootOption::Support::Supported)
            CHECK(row_of(option.name).find(std::visit(DefaultText(), option.field)) != std::string::npos);
        if (option.support == BootOption::Support::Known)
            CHECK(document.find(fmt::format("`{}`", option.name), document.find("not supported yet")) !=
                  std::string::npos);
    }
    // And no row beside them.
    for (auto at = document.find("\n| `"); at != std::string::npos; at = document.find("\n| `", at + 1)) {
        const auto begin = at + 4;
        const auto end = document.find('`', begin + 1);
        if (document.compare(end, 15, "` | supported |") == 0)
            CHECK(find_boot_option(document.substr(begin, end - begin)) != nullptr);
    }
}

TEST_CASE("the manuals have the bound of every number") {
    const std::string document = read_file(MKPXERD_SOURCE_DIR "/docs/cmdline.md").value();
    const std::string page = read_file(MKPXERD_SOURCE_DIR "/docs/man/pxerd-cmdline.7").value();
    std::size_t numbers = 0;
    for (const BootOption& option : boot_options()) {
        if (option.support != BootOption::Support::Supported || option.form != BootOption::Form::Number)
            continue;
        INFO(option.name);
        const auto row = document.find(fmt::format("| `{}` | supported | ", option.name));
        REQUIRE(row != std::string::npos);
        CHECK(document.substr(row, document.find('\n', row) - row).find(option.bound.range()) !=
              std::string::npos);
        const auto item = page.find(fmt::format(" {}= ", option.name));
        REQUIRE(item != std::string::npos);
        CHECK(page.substr(item, page.find("\n.It ", item) - item).find(option.bound.range()) !=
              std::string::npos);
        ++numbers;
    }
    CHECK(numbers == 5);
}

TEST_CASE("the default of a number is within its bound") {
    const BootOptions defaults;
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        if (const auto* field = std::get_if<unsigned BootOptions::*>(&option.field))
            CHECK(option.bound.refusal(std::to_string(defaults.**field)).empty());
        if (const auto* field = std::get_if<std::uint64_t BootOptions::*>(&option.field))
            CHECK(option.bound.refusal(std::to_string(defaults.**field)).empty());
    }
}

TEST_CASE("the manual page has every option of the table") {
    const std::string page = read_file(MKPXERD_SOURCE_DIR "/docs/man/pxerd-cmdline.7").value();
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        if (option.support == BootOption::Support::Supported) CHECK(is_item(page, option.name));
        if (option.support == BootOption::Support::Known) CHECK(page.find(option.name) != std::string::npos);
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
    CHECK(find_boot_option("noapic")->support == BootOption::Support::Others);
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
