// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>

#include "linted_image.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

std::string unknown(std::string_view line, const ImageFacts* facts = nullptr) {
    auto findings = check_command_line(line, facts);
    std::erase_if(findings, [](const Finding& finding) { return finding.kind != Finding::Kind::Unknown; });
    return text_of(findings);
}

// The words between backticks in a column (0, 1) of the tables below "### Command line".
std::vector<std::string> words_of(const std::string& document, std::size_t column) {
    std::vector<std::string> words;
    bool wanted = false;
    for (const std::string_view line : split_lines(document)) {
        if (line.starts_with('#')) wanted = line == "### Command line";
        if (!wanted || !line.starts_with("| `")) continue;
        const auto border = line.find(" | ");
        const auto pieces = split(column == 0 ? line.substr(0, border) : line.substr(border), '`');
        for (std::size_t i = 1; i < pieces.size(); i += 2)
            words.emplace_back(pieces[i]);
    }
    return words;
}

} // namespace

TEST_CASE("a word that nobody reads is named") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"xyzzy", "warning: xyzzy: is unknown to this init and to the kernel (only a program of the booted "
                  "system could read it)\n"},
        {"mitigation=off",
         "warning: mitigation: is unknown to this init and to the kernel (did you mean mitigations?)\n"},
        {"mkpxerd.colour=red", "warning: mkpxerd.colour: unknown option\n"},
        {"debug",
         "note: debug: makes the kernel print its debug messages (write debug_init for details of the "
         "init)\n"},
        {"apkovl=http://h/a b.tar.gz",
         "warning: 'b.tar.gz' is not an option (quote values with spaces: name=\"one two\")\n"},
        // The init, the kernel, its modules and the booted system read these.
        {"quiet noquiet rd.break modlop=x rd.luks=0 boot=local boot=live", ""},
        {"log-buf-len=1M mitigations=off fips=1 net.ifnames=0 printk.devkmsg=on zswap.enabled=1", ""},
        {"e1000.debug=16 usbcore.autosuspend=-1 nvidia-drm.modeset=1 androidboot.x=1 main.dyndbg=+p", ""},
        {"unheard_of.x=1",
         "warning: unheard_of.x: Linux 6.1 has no module unheard_of with parameters (a module of "
         "the booted system could have it)\n"},
        {"usbcroe.autosuspend=-1",
         "warning: usbcroe.autosuspend: Linux 6.1 has no module usbcroe with parameters "
         "(did you mean usbcore.autosuspend?)\n"},
        {"kernel.panic=5 net.ifnames=0 sysctl.vm.swappiness=1",
         "warning: kernel.panic: is a name of sysctl, which the kernel does not read in this form (write "
         "sysctl.kernel.panic=)\n"},
        {"systemd.unit=rescue.target softlevel=single 3 rhgb splash", ""},
        {"BOOT_IMAGE=vmlinuz initrd=pxerd vga=791 SYSUUID=x -- xyzzy", ""},
    }));
    INFO(line);
    CHECK(unknown(line) == expected);
}

TEST_CASE("parameters of a module that the image lacks are noted") {
    const ImageFacts facts = facts_of({.modules = network_modules});
    CHECK(unknown("e1000.debug=16 af_packet.x=1 printk.time=1 rcutree.x=1", &facts).empty());
    CHECK(unknown("i915.modeset=0", &facts) ==
          "note: i915.modeset: is a parameter of the module i915, which the "
          "image lacks (only the booted system can use it)\n");
    CHECK(unknown("unheard_of.x=1", &facts) == "warning: unheard_of.x: neither Linux 6.1 nor the image has a "
                                               "module unheard_of with parameters (a module "
                                               "of the booted system could have it)\n");
    const ImageFacts own = facts_of({.modules = {"extra/unheard_of.ko"}});
    CHECK(unknown("unheard_of.x=1", &own).empty());
    const ImageFacts silent = facts_of({.says_builtin = false});
    CHECK(unknown("i915.modeset=0", &silent).empty());
}

TEST_CASE("no word of the profiles and snippets is unknown") {
    static constexpr std::array<std::string_view, 4> starts = {"cmdline:", "APPEND", "kernel", "linux"};
    std::size_t lines = 0;
    const auto check = [&](const std::filesystem::path& file) {
        const std::string text = read_file(file).value();
        for (const std::string_view line : split_lines(text)) {
            const auto words = split_words(line);
            if (words.size() < 2 || std::ranges::find(starts, words[0]) == starts.end()) continue;
            ++lines;
            for (auto at = words.begin() + 1; at != words.end(); ++at) {
                if (*at == "||") break; // the end of a command of iPXE
                std::string word(*at);
                std::erase(word, '"');
                INFO(file.string() << ": " << word);
                const bool is_option = word.find_first_of("@$/") != 0 && !word.ends_with("/vmlinuz");
                if (is_option) CHECK(unknown(word).empty());
            }
        }
    };
    for (const char* directory : {"/profiles", "/snippets"})
        for (const auto& file :
             std::filesystem::directory_iterator(MKPXERD_SOURCE_DIR + std::string(directory)))
            if (file.is_regular_file()) check(file.path());
    CHECK(lines > 5);
}

TEST_CASE("a misspelt mkpxerd. is not taken for a module") {
    CHECK(unknown("mkpxred.timeout=3") ==
          "warning: mkpxred.timeout: unknown option (did you mean mkpxerd.timeout?)\n");
    CHECK(unknown("--- recovery nosplash ks=http://h/k").empty());
}

TEST_CASE("lint knows every word of docs/from-others.md") {
    const auto document = read_file(MKPXERD_SOURCE_DIR "/docs/from-others.md");
    REQUIRE(document);
    const auto words = words_of(*document, 0);
    CHECK(words.size() > 100);
    for (const std::string& word : words) {
        INFO(word);
        CHECK(unknown(word + "=1").find("warning") == std::string::npos);
    }
    // Nor does an image of any profile change that.
    for (const char* profile : {"live", "network", "nfs-root"}) {
        const std::string text =
            read_file(fmt::format("{}/profiles/{}.yaml", MKPXERD_SOURCE_DIR, profile)).value();
        const auto at = text.find("cmdline: \"");
        const std::string cmdline =
            at == std::string::npos ? "" : text.substr(at + 10, text.find('"', at + 10) - at - 10);
        const ImageFacts facts = facts_of({.modules = network_modules, .cmdline = cmdline});
        for (const std::string& word : words) {
            INFO(profile << ": " << word);
            CHECK(unknown(word + "=1", &facts).find("warning") == std::string::npos);
        }
    }
    // What it offers instead are options of ours.
    for (const std::string& word : words_of(*document, 1)) {
        if (std::string_view("-#U").find(word.front()) != std::string_view::npos)
            continue; // --ca, #sha256=, URL
        INFO(word);
        CHECK(find_boot_option(word.substr(0, word.find('='))) != nullptr);
    }
}
