// SPDX-License-Identifier: MIT
// The opposite of boot_line.cpp, as far as the scripts of a bundle go.
#include "mkpxerd/deploy/bundle/bundle_lines.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/command_words.hpp"
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::string_view first_script = "boot.ipxe";

enum class Language { Ipxe, Pxelinux, Grub };
struct Script {
    std::string_view path;
    Language language;
};
constexpr std::array scripts = {Script{first_script, Language::Ipxe}, Script{"gpxe-script", Language::Ipxe},
                                Script{"pxelinux.cfg/default", Language::Pxelinux},
                                Script{"lpxelinux/pxelinux.cfg/default", Language::Pxelinux},
                                Script{"grub/grub.cfg", Language::Grub}};

// What boot.ipxe and the script of a machine set.
struct ScriptSettings {
    std::string base; // the URL of the bundle
    std::string more; // options of one machine
};

// Replaces ${NAME}; a setting that nobody sets is empty.
std::string without_settings(std::string_view text, const ScriptSettings& settings) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find("${", at), text.size());
        const std::size_t end = text.find('}', open);
        plain += text.substr(at, open - at);
        if (open == text.size() || end == std::string_view::npos) return plain.append(text.substr(open));
        const std::string_view name = text.substr(open + 2, end - open - 2);
        if (name == "base") plain += settings.base;
        if (name == "more") plain += settings.more;
        if (name.find("/mac") != std::string_view::npos) plain += "52-54-00-12-34-56";
        at = end + 1;
    }
    return plain;
}

// Of several lines that begin with this word, the first: what follows it. Case does not matter in PXELINUX.
std::optional<std::string_view> rest_of_line(std::string_view script, std::string_view word,
                                             bool any_case = false) {
    for (const std::string_view line : split_lines(script)) {
        const std::string_view text = trim(line);
        const std::string_view start = text.substr(0, word.size());
        if (start == word || (any_case && to_lower(start) == word)) return text.substr(start.size());
    }
    return std::nullopt;
}

// What follows the first word: the kernel's name.
std::string_view after_kernel(std::string_view text) {
    const std::string_view words = trim(text);
    return words.substr(std::min(words.find(' '), words.size()));
}

std::string base_of(std::string_view script) {
    return std::string(trim(rest_of_command(script, "set base ").value_or("")));
}

std::optional<std::string> ipxe_line(std::string_view script, const ScriptSettings& settings) {
    const auto options = kernel_options(script);
    return options ? std::optional(without_settings(*options, settings)) : std::nullopt;
}

// The script of one machine adds to the others' line, or boots by its own.
std::optional<std::string> machine_line(std::string_view script, std::string_view others,
                                        ScriptSettings settings) {
    settings.more = without_settings(rest_of_command(script, "set more ").value_or(""), settings);
    if (auto own = ipxe_line(script, settings)) return own;
    return settings.more.empty() ? std::nullopt : ipxe_line(others, settings);
}

// A quoted word with a space reaches the kernel between double quotes.
std::optional<std::string> grub_line(std::string_view script) {
    const auto kernel = rest_of_line(script, "linux ");
    if (!kernel) return std::nullopt;
    std::vector<std::string> words;
    const auto pieces = split(after_kernel(*kernel), '\'');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool is_quoted = i % 2 == 1;
        const std::string word(trim(pieces[i]));
        if (is_quoted)
            words.push_back(word.find(' ') == std::string::npos ? word : fmt::format("\"{}\"", word));
        else if (!word.empty())
            words.push_back(word);
    }
    std::string line = fmt::format("{}", fmt::join(words, " "));
    constexpr std::string_view address = "$net_default_mac";
    if (const auto at = line.find(address); at != std::string::npos)
        line.replace(at, address.size(), "52:54:00:12:34:56");
    return line;
}

std::optional<std::string> line_of(const Script& script, std::string_view text) {
    switch (script.language) {
    case Language::Ipxe:
        return ipxe_line(text, {.base = base_of(text), .more = {}});
    case Language::Grub:
        return grub_line(text);
    case Language::Pxelinux:
        break;
    }
    const auto options = rest_of_line(text, "append ", true);
    return options ? std::optional<std::string>(*options) : std::nullopt;
}

// The loader's own word is not for the init.
std::string without_initrd(const std::string& line) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(line, ' '))
        if (!word.empty() && !word.starts_with("initrd=")) words.push_back(word);
    return fmt::format("{}", fmt::join(words, " "));
}

// Equal for lines that differ only in what loaders add.
std::vector<std::string> own_words(const std::string& line) {
    const CommandLine parsed = split_command_line(line);
    std::vector<std::string> words;
    for (const CommandLineWord& word : parsed.words)
        if (word.name != "BOOTIF")
            words.push_back(fmt::format("{}{}{}", word.name, word.value ? "=" : "", word.value.value_or("")));
    words.insert(words.end(), parsed.init_args.begin(), parsed.init_args.end());
    return words;
}

void add_line(std::vector<BundleLine>& lines, BundleLine line) {
    line.text = without_initrd(line.text);
    if (std::ranges::none_of(
            lines, [&](const BundleLine& other) { return own_words(other.text) == own_words(line.text); }))
        lines.push_back(std::move(line));
}

// Path below the bundle -> text of each script of a machine. PXELINUX names them as it likes.
Result<std::map<std::string, std::string>> read_machine_scripts(const std::filesystem::path& directory,
                                                                Language language) {
    const bool is_ipxe = language == Language::Ipxe;
    std::vector<std::string_view> places = {"mac"};
    if (!is_ipxe) places = {"pxelinux.cfg", "lpxelinux/pxelinux.cfg"};
    std::map<std::string, std::string> texts;
    std::error_code ignored;
    for (const std::string_view place : places)
        for (std::filesystem::directory_iterator at(directory / place, ignored), end; at != end;
             at.increment(ignored)) {
            const auto file = at->path().filename();
            if (is_ipxe ? file.extension() != ".ipxe" : file == "default") continue;
            if (!at->is_regular_file(ignored)) continue; // nor waits for a FIFO
            MKPXERD_TRY_ASSIGN(texts[fmt::format("{}/{}", place, file.string())], read_file(at->path()));
        }
    return texts;
}

Result<void> add_machines(const std::filesystem::path& directory, std::vector<BundleLine>& lines) {
    MKPXERD_TRY_ASSIGN(const std::string others, read_file(directory / first_script));
    MKPXERD_TRY_ASSIGN(const auto machines, read_machine_scripts(directory, Language::Ipxe));
    for (const auto& [name, text] : machines)
        if (auto line = machine_line(text, others, {.base = base_of(others), .more = {}}))
            add_line(lines, {.script = name, .text = std::move(*line), .is_of_machine = true});
    MKPXERD_TRY_ASSIGN(const auto pxelinux, read_machine_scripts(directory, Language::Pxelinux));
    for (const auto& [name, text] : pxelinux)
        if (auto line = line_of({name, Language::Pxelinux}, text))
            add_line(lines, {.script = name, .text = std::move(*line), .is_of_machine = true});
    return {};
}

} // namespace

std::optional<std::string_view> rest_of_command(std::string_view script, std::string_view word) {
    for (const std::string_view line : split_lines(script)) {
        const auto at = line.find(word);
        if (at == std::string_view::npos) continue;
        const std::string_view before = trim(line.substr(0, at));
        if (before.empty() || before.ends_with("||") || before.ends_with("&&"))
            return line.substr(at + word.size());
    }
    return std::nullopt;
}

std::optional<std::string_view> kernel_options(std::string_view script) {
    const auto kernel = rest_of_command(script, "kernel ");
    if (!kernel) return std::nullopt;
    const std::string_view options = after_kernel(*kernel);
    return options.substr(0, options.find(" || "));
}

bool is_bundle(const std::filesystem::path& directory) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(directory / first_script, ignored);
}

Problem no_bundle(const std::filesystem::path& directory) {
    return {.object = directory.string(),
            .text = fmt::format("is not a bundle: it has no {}", first_script),
            .hint = "mkpxerd bundle creates one"};
}

Result<std::vector<BundleLine>> read_bundle_lines(const std::filesystem::path& directory) {
    if (!is_bundle(directory)) return fail(Error(no_bundle(directory)));
    std::vector<BundleLine> lines;
    for (const Script& script : scripts) {
        const std::filesystem::path file = directory / script.path;
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
        auto line = line_of(script, text);
        if (!line && lines.empty())
            return fail(file.string(), "loads no kernel", "mkpxerd bundle writes it again");
        if (line) add_line(lines, {.script = std::string(script.path), .text = std::move(*line)});
    }
    MKPXERD_TRY(add_machines(directory, lines));
    return lines;
}

std::string archive_of(std::string_view script) {
    if (kernel_options(script)) return {}; // it boots by itself
    const std::string_view name = trim(rest_of_command(script, "set archive ").value_or(""));
    return name.find("${") == std::string_view::npos ? std::string(name) : std::string();
}

std::optional<Problem> find_missing_archive(const std::filesystem::path& directory, const std::string& name,
                                            std::string_view script) {
    const std::string archive = archive_of(script);
    const std::filesystem::path file = directory / archive;
    std::error_code ignored;
    if (archive.empty() || std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
    return Problem{
        .object = name,
        .text = fmt::format("the bundle has no archive {}, for which iPXE asks again and again", archive),
        .hint = fmt::format("mkpxerd overlay -o {} DIRECTORY writes it", file.string())};
}

Result<std::vector<Problem>> find_missing_archives(const std::filesystem::path& directory) {
    MKPXERD_TRY_ASSIGN(const auto machines, read_machine_scripts(directory, Language::Ipxe));
    std::vector<Problem> missing;
    for (const auto& [name, text] : machines)
        if (auto problem = find_missing_archive(directory, name, text))
            missing.push_back(std::move(*problem));
    return missing;
}

std::vector<Problem> find_stale_pins(const std::filesystem::path& directory,
                                     const std::vector<BundleLine>& lines) {
    constexpr std::string_view mark = "#sha256=";
    const std::string own = base_of(read_file(directory / first_script).value_or("")) + '/';
    const auto sums = read_sums(directory).value_or(std::map<std::string, std::string>());
    std::vector<Problem> stale;
    for (const BundleLine& line : lines)
        for (const CommandLineWord& word : split_command_line(line.text).words) {
            const std::string_view value = word.value ? std::string_view(*word.value) : "";
            const auto at = value.find(mark);
            if (at == std::string_view::npos || !value.starts_with(own)) continue;
            const std::string name(value.substr(own.size(), at - own.size()));
            const auto sum = sums.find(name);
            if (sum == sums.end() || sum->second == value.substr(at + mark.size())) continue;
            stale.push_back(
                {.object = fmt::format("{} in {}", word.name, line.script),
                 .text = fmt::format("has the hash of another {}, so the init refuses the file", name),
                 .hint = line.script == first_script ? "mkpxerd bundle writes it again"
                                                     : "it has changed: copy the hash from boot.ipxe"});
        }
    return stale;
}

} // namespace mkpxerd::deploy
