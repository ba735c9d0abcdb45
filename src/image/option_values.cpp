// SPDX-License-Identifier: MIT
// Options in force, and the places that they name.
#include "option_values.hpp"

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {

std::string OptionValues::value(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

std::vector<std::pair<std::string, std::string>> OptionValues::places() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string name :
         {"alpine_dev", "ovl_dev", "apkovl", "alpine_repo", "modloop", "root", "ssh_key", "mkpxerd.report"}) {
        const std::string text = value(name);
        // Repositories stand between commas; any other place may have substitutes behind '|'.
        for (const auto piece : split(text, name == "alpine_repo" ? ',' : '|'))
            all.emplace_back(name, piece);
    }
    return all;
}

std::string OptionValues::network_user() const {
    for (const auto& [option, place] : places())
        if (is_url(place) || is_nfs(place)) return option;
    return has("ip") && !is_network_off() ? "ip" : "";
}

std::string_view scheme_of(std::string_view value) {
    const auto end = value.find("://");
    if (end == std::string_view::npos || end == 0) return {};
    const auto scheme = value.substr(0, end);
    const auto belongs = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'; };
    return std::ranges::all_of(scheme, belongs) ? scheme : std::string_view{};
}

} // namespace mkpxerd::image
