// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/option_words.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"
#include "mkpxerd/deploy/site/snippets.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::cli {
namespace {

using Words = std::vector<std::string>;

Words strings(const std::vector<std::string_view>& views) {
    return {views.begin(), views.end()};
}

// Each object of a pin, with the "=" that follows it.
Words pins() {
    Words words;
    for (const auto object : split_words(generator::pin_objects))
        words.push_back(std::string(object) + '=');
    return words;
}

Words snippet_names() {
    Words names;
    for (const deploy::Snippet& snippet : deploy::snippets())
        names.emplace_back(snippet.name);
    return names;
}

// With the families that several codes have in common: MPX-DHCP.
Words failure_code_words() {
    Words words;
    for (const FailureCode& code : failure_codes()) {
        const std::string_view family = code.code.substr(0, code.code.rfind('-'));
        if (words.empty() || !words.back().starts_with(family)) words.emplace_back(family);
        words.emplace_back(code.code);
    }
    return words;
}

struct Row {
    std::string_view option;
    Words (*words)();
};
constexpr auto table = std::to_array<Row>({
    {"code", failure_code_words},
    {"compression", [] { return strings(wrap::format_names()); }},
    {"firmware", [] { return strings(split_words(generator::firmware_words)); }},
    {"loader", [] { return strings(deploy::loader_names()); }},
    {"modules", [] { return strings(split_words(generator::module_words)); }},
    {"name", snippet_names},
    {"nic", [] { return strings(split_words("virtio-net-pci e1000 e1000e rtl8139")); }}, // QEMU has more
    {"pin", pins},
    {"shell", [] { return strings(split_words(shell_words)); }},
});

} // namespace

Words words_of_option(std::string_view option) {
    const auto row = std::ranges::find(table, option, &Row::option);
    return row == table.end() ? Words() : row->words();
}

std::string help_with_words(std::string_view help, std::string_view option) {
    const auto place = help.find("{}");
    if (place == std::string_view::npos) return std::string(help);
    return fmt::format("{}{}{}", help.substr(0, place), fmt::join(words_of_option(option), ", "),
                       help.substr(place + 2));
}

} // namespace mkpxerd::cli
