// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/foreign_options.hpp"

#include <algorithm>
#include <array>

#include "foreign_table.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

using Kind = ForeignOption::Kind;

std::string plain_name(std::string_view name) {
    std::string plain = to_lower(name);
    std::replace(plain.begin(), plain.end(), '_', '-');
    return plain;
}

// The longest matching pattern is the most specific one.
const ForeignOption* find(std::string_view name) {
    const ForeignOption* best = nullptr;
    for (const ForeignOption& option : foreign::table) {
        const bool open = option.name.ends_with('*');
        const std::string_view start = option.name.substr(0, option.name.size() - (open ? 1 : 0));
        if (open ? !name.starts_with(start) : name != start) continue;
        if (best == nullptr || best->name.size() < option.name.size()) best = &option;
    }
    return best;
}

bool takes_back(std::string_view value) {
    for (const std::string_view word : {"0", "n", "no", "off", "false", "disabled", "disable"})
        if (value == word) return true;
    return false;
}

bool has_word(std::span<const CommandLineWord> line, std::string_view name, std::string_view part = {}) {
    return std::any_of(line.begin(), line.end(), [&](const CommandLineWord& word) {
        return word.name == name && word.value.value_or("").find(part) != std::string::npos;
    });
}

// boot= of initramfs-tools and live-boot names the default, or repeats what fetch= says; so does
// rd.live.image beside the URL of the squashfs.
bool is_redundant(std::string_view name, std::string_view value, std::span<const CommandLineWord> line) {
    if (name == "rd.live.image") return has_word(line, "root", "://");
    if (name != "boot") return false;
    const bool fetches = has_word(line, "fetch");
    return value == "local" || value == "nfs" || (value == "live" && fetches);
}

constexpr std::string_view text_of(Kind kind) {
    switch (kind) {
    case Kind::Verification:
        return "promises a verified boot in a way that is not supported";
    case Kind::Root:
        return "asks for a root in a way that is not supported";
    case Kind::Network:
        return "asks for a network in a way that is not supported";
    case Kind::Hint:
        break;
    }
    return "is not used by this init";
}

} // namespace

std::span<const ForeignOption> foreign_options() {
    return foreign::table;
}

bool is_foreign_option(std::string_view name) {
    return find(plain_name(name)) != nullptr;
}

std::optional<ForeignFinding> judge_foreign_option(const CommandLineWord& word,
                                                   std::span<const CommandLineWord> line) {
    const std::string name = plain_name(word.name);
    const ForeignOption* option = find(name);
    const std::string value = to_lower(word.value.value_or(""));
    if (option == nullptr || takes_back(value) || is_redundant(name, value, line)) return std::nullopt;
    const bool repeats_nfsroot = (name == "boot" || name == "netboot") && has_word(line, "nfsroot");
    return ForeignFinding{option->kind != Kind::Hint, text_of(option->kind),
                          repeats_nfsroot ? "leave it out: nfsroot= alone names the root" : option->instead};
}

} // namespace mkpxerd
