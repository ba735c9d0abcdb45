// SPDX-License-Identifier: MIT
// Options in force, and the places that they name.
#include "option_values.hpp"

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {

std::string OptionValues::value(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

Result<std::string> OptionValues::read_place(const std::string& name) const {
    static const std::map<std::string_view, PlaceKind> kinds = {{"root", PlaceKind::Medium},
                                                                {"alpine_dev", PlaceKind::Medium},
                                                                {"ovl_dev", PlaceKind::Search},
                                                                {"apkovl", PlaceKind::File},
                                                                {"modloop", PlaceKind::File}};
    std::string text = value(name);
    if (name == "root" && text.empty()) text = value("fetch");
    if (name == "root" && leaves_root_to_nfsroot(text) && !is_diskless()) {
        const std::string ip = value("ip");
        const auto fields = split(ip, ':');
        return plain_nfsroot(value("nfsroot"), fields.size() > 1 ? fields[1] : std::string_view{});
    }
    const auto kind = kinds.find(name);
    if (text.empty() || kind == kinds.end() || (name == "modloop" && text == "none")) return text;
    return plain_place(kind->second, name, text);
}

std::vector<std::pair<std::string, std::string>> OptionValues::places() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string name :
         {"alpine_dev", "ovl_dev", "apkovl", "alpine_repo", "modloop", "root", "ssh_key", "mkpxerd.report"}) {
        const std::string text = place(name);
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

} // namespace mkpxerd::image
