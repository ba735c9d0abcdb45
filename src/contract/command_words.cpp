// SPDX-License-Identifier: MIT
// The kernel's rules for quotes, followed to the letter: the kernel and the init must read the same options.
#include "mkpxerd/contract/command_words.hpp"

namespace mkpxerd {
namespace {

// isspace() of the kernel.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The word from `at` on; `at` moves past it. An unclosed quote is reported by its position.
std::string_view next_raw_word(std::string_view text, std::size_t& at,
                               std::optional<std::size_t>& open_quote) {
    const std::size_t start = at;
    std::optional<std::size_t> quote;
    for (; at < text.size() && (quote || !is_space(text[at])); ++at)
        if (text[at] == '"') quote = quote ? std::nullopt : std::optional(at);
    if (quote) open_quote = quote;
    return text.substr(start, at - start);
}

CommandLineWord parse_word(std::string_view raw, std::size_t position) {
    if (raw.starts_with('"')) {
        raw.remove_prefix(1);
        if (raw.ends_with('"')) raw.remove_suffix(1);
    }
    const auto equals =
        raw.find('=', raw.empty() ? 0 : 1); // a leading '=' belongs to the name, as in the kernel
    if (equals == std::string_view::npos) return {std::string(raw), std::nullopt, position};
    std::string_view value = raw.substr(equals + 1);
    if (value.starts_with('"')) {
        value.remove_prefix(1);
        if (value.ends_with('"')) value.remove_suffix(1);
    }
    return {std::string(raw.substr(0, equals)), std::string(value), position};
}

} // namespace

CommandLine split_command_line(std::string_view text) {
    CommandLine line;
    bool for_init = false;
    for (std::size_t at = 0; at < text.size();) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        const std::size_t position = at;
        const std::string_view raw = next_raw_word(text, at, line.open_quote);
        if (for_init)
            line.init_args.emplace_back(raw);
        else if (raw == "--")
            for_init = true;
        else
            line.words.push_back(parse_word(raw, position));
    }
    return line;
}

} // namespace mkpxerd
