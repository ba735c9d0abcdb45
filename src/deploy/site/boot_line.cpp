// SPDX-License-Identifier: MIT
// What loaders do with the words of a line:
//   iPXE      splits at whitespace, looks for "||", "&&", ";" and "#...", and only then replaces ${...}
//             (src/core/exec.c). It puts one space between words again. A setting that nobody sets is
//             empty, so ${empty} hides such a word and makes a second space.
//   gPXE      replaces ${...} before it splits, so a second space is lost; it has none of these operators.
//   GRUB      takes everything between single quotes as it is (script syntax), puts '"' around a word with
//             a space, and '\' before each '"', ''' and '\' that does not begin \xNN, which the kernel keeps
//             (grub-core/lib/cmdline.c).
//   PXELINUX  loads what follows the first "initrd=", wherever it stands (com32/elflink/ldlinux/kernel.c).
#include "mkpxerd/deploy/site/boot_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/command_words.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr const char* object = "kernel options";
constexpr std::string_view hidden = "${empty}";

// iPXE (bzimage.c) and PXELINUX (load_linux.c) take the size in the kernel's header, which is without the
// closing zero, for one with it.
constexpr std::size_t longest_line = command_line_size - 2;

// Text around the line, with a BOOTIF of an Ethernet card: that of machines is as long.
struct Addition {
    std::string_view loader;
    std::string_view snippet;
    const char* form; // {0}: the URL of the bundle
};
constexpr auto additions = std::to_array<Addition>({
    {"PXELINUX", "pxelinux", "BOOT_IMAGE=vmlinuz  initrd=pxerd BOOTIF=01-00-00-00-00-00-00"},
    {"lpxelinux", "lpxelinux", "BOOT_IMAGE={0}/vmlinuz  initrd={0}/pxerd BOOTIF=01-00-00-00-00-00-00"},
    {"GRUB", "grub.cfg", "BOOT_IMAGE=/vmlinuz BOOTIF=01-00:00:00:00:00:00 "},
    {"iPXE", "boot.ipxe", "vmlinuz initrd=pxerd BOOTIF=01-00-00-00-00-00-00 "},
});

// Whitespace between words becomes one space.
std::string with_single_spaces(std::string_view line) {
    std::string text;
    bool in_quotes = false;
    bool at_gap = false;
    for (const char c : line) {
        if (!in_quotes && (c == ' ' || c == '\t')) {
            at_gap = true;
            continue;
        }
        if (at_gap && !text.empty()) text += ' ';
        at_gap = false;
        in_quotes ^= c == '"';
        text += c;
    }
    return text;
}

bool is_hex_escape(std::string_view text) {
    const auto is_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
    return text.size() >= 4 && text[1] == 'x' && is_digit(text[2]) && is_digit(text[3]);
}

// The words as GRUB's script must give them to GRUB's command.
std::vector<std::string> grub_words(const std::string& line) {
    std::vector<std::string> words;
    const CommandLine parsed = split_command_line(line);
    for (const CommandLineWord& word : parsed.words)
        words.push_back(word.value ? fmt::format("{}={}", word.name, *word.value) : word.name);
    if (!parsed.init_args.empty()) words.emplace_back("--");
    words.insert(words.end(), parsed.init_args.begin(), parsed.init_args.end());
    return words;
}

// What of the word GRUB would change; empty: nothing.
std::string_view changed_by_grub(std::string_view word) {
    for (std::size_t at = 0; at < word.size(); ++at) {
        const char c = word[at];
        const bool is_changed =
            c == '"' || c == '\'' || c == '\t' || (c == '\\' && !is_hex_escape(word.substr(at)));
        if (is_changed) return word.substr(at, 1);
    }
    return {};
}

// A line goes through every loader of a bundle, or through the one of a snippet.
bool concerns(std::string_view snippet, std::string_view of_loader) {
    return snippet.empty() || snippet == of_loader || (snippet == "gpxe-script" && of_loader == "boot.ipxe");
}

void check_characters(const std::string& line, std::string_view snippet, Problems& problems) {
    std::string shown = line;
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    if (line.find_first_of("\r\n") != std::string::npos || split_command_line(line).open_quote)
        problems.add(object, "have a line break or an open quote");
    else if (!is_printable(shown))
        problems.add(object, "have a control character or invalid UTF-8");
    if (concerns(snippet, "boot.ipxe") && line.find("${") != std::string::npos)
        problems.add(object, "have ${, which iPXE replaces and other loaders do not",
                     "in URLs {MAC} and {UUID} are replaced by the init");
    if (line.find("initrd=") != std::string::npos)
        problems.add(object, "have initrd=, which is the loader's",
                     "mkpxerd --append FILE adds an archive to the image");
    if (!concerns(snippet, "grub.cfg")) return;
    for (const std::string& word : grub_words(line))
        if (const auto bad = changed_by_grub(word); !bad.empty())
            problems.add(object,
                         fmt::format("have {} in {}, which GRUB changes", bad == "\t" ? "a tab" : bad,
                                     printable(word)),
                         "/etc/mkpxerd.d/*.conf of an appended archive can have any character");
}

void check_length(const std::string& line, const std::string& url, std::string_view snippet,
                  Problems& problems) {
    std::size_t longest = 0;
    std::string_view loader;
    for (const Addition& addition : additions) {
        if (!concerns(snippet, addition.snippet)) continue;
        const std::size_t size = line.size() + fmt::format(fmt::runtime(addition.form), url).size();
        if (size <= longest) continue;
        longest = size;
        loader = addition.loader;
    }
    if (longest > longest_line)
        problems.add(object,
                     fmt::format("are {} bytes long, {} with what {} adds: at most {} are possible",
                                 line.size(), longest, loader, longest_line),
                     "options can also be put into /etc/mkpxerd.d/*.conf of an appended archive");
}

} // namespace

std::string make_boot_line(const SiteOptions& options, const std::string& url) {
    std::vector<std::string> words;
    const auto add = [&](const char* name, const std::string& value) {
        if (value.empty()) return;
        const bool needs_quotes = value.find_first_of(" \t") != std::string::npos;
        words.push_back(needs_quotes ? fmt::format("{}=\"{}\"", name, value)
                                     : fmt::format("{}={}", name, value));
    };
    const auto own_file = [&](const std::string& name) {
        const auto pin = options.pins.find(name);
        return fmt::format("{}/{}{}", url, name,
                           pin == options.pins.end() ? std::string() : "#sha256=" + pin->second);
    };
    const auto line = split_command_line(options.cmdline);
    if (std::none_of(line.words.begin(), line.words.end(),
                     [](const auto& word) { return word.name == "ip"; }))
        words.emplace_back("ip=dhcp");
    add("alpine_dev", options.alpine_dev);
    add("alpine_repo", options.repository);
    add("root", options.own_root.empty() ? options.root : own_file(options.own_root));
    add("apkovl", options.own_apkovl.empty() ? options.apkovl : own_file(options.own_apkovl));
    if (options.with_modloop) add("modloop", own_file("modloop"));
    if (!options.cmdline.empty()) words.push_back(options.cmdline);
    return with_single_spaces(fmt::format("{}", fmt::join(words, " ")));
}

std::string for_ipxe(const std::string& line, const std::string& url) {
    std::vector<std::string> words;
    for (const std::string_view piece : split(line, ' ')) {
        const bool is_special =
            piece.empty() || piece == "||" || piece == "&&" || piece == ";" || piece.starts_with('#');
        words.push_back(fmt::format("{}{}", is_special ? hidden : "", piece));
    }
    std::string text = fmt::format("{}", fmt::join(words, " "));
    if (url.empty()) return text;
    constexpr std::string_view base = "${base}/";
    const std::string own = url + "/";
    for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at)) {
        if (at > 0 && std::string_view("=,\"").find(text[at - 1]) != std::string_view::npos) {
            text.replace(at, own.size(), base);
            at += base.size();
        } else
            at += own.size();
    }
    return text;
}

std::string for_grub(const std::string& line) {
    std::string quoted;
    for (const std::string& word : grub_words(line))
        quoted += fmt::format("{}'{}'", quoted.empty() ? "" : " ", word);
    return quoted;
}

std::size_t init_args_at(std::string_view text) {
    bool in_quotes = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        in_quotes ^= text[at] == '"';
        const std::string_view rest = text.substr(at);
        if (!in_quotes && (rest.starts_with(" -- ") || rest == " --")) return at;
    }
    return text.size();
}

void check_boot_line(const std::string& line, const std::string& url, Problems& problems,
                     std::string_view snippet) {
    check_characters(line, snippet, problems);
    check_length(line, url, snippet, problems);
}

} // namespace mkpxerd::deploy
