// SPDX-License-Identifier: MIT
// YAML profiles of a foreign tree: known keys alone, lines that are there, and no more text than a limit
// allows, whatever its anchors say.
#include "harness.hpp"

#include "mkpxerd/generator/request/settings.hpp"

using namespace mkpxerd::fuzz;
using namespace mkpxerd::generator;

namespace {

std::string in_quotes(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + "\"";
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(text_of(data, size));
    const auto profile = parse_profile(text, "profile.yaml");
    if (!profile) {
        for (const auto& problem : profile.error().problems())
            require(problem.object.starts_with("profile.yaml"));
        return 0;
    }
    const auto& keys = setting_keys();
    std::size_t told = profile->description.size() + profile->extends.size();
    std::string again;
    bool plain = true;
    for (const auto& [key, setting] : profile->settings) {
        require(std::find(keys.begin(), keys.end(), key) != keys.end());
        // A carriage return ends a line of YAML as well.
        require(setting.origin.line >= 1 && setting.origin.line <= count(text, '\n') + count(text, '\r') + 1);
        std::size_t items = 0;
        again += key + ":";
        for (const std::string& item : setting.items) {
            items += item.size() + 1;
            again += (items == item.size() + 1 ? " [" : ", ") + in_quotes(item);
            plain = plain && is_printable(item);
        }
        require(setting.items.empty() || items == setting.value.size() + 1);
        again += setting.items.empty() ? " " + in_quotes(setting.value) + "\n" : "]\n";
        plain = plain && is_printable(setting.value) && setting.items.size() < 100;
        told += setting.value.size() + items;
    }
    require(told <= 2 * max_settings_bytes); // a list has its texts twice
    if (!plain || again.empty() || count(again, '[') + count(again, '{') > 200) return 0;
    const auto same = parse_profile(again, "profile.yaml");
    require(same && same->settings.size() == profile->settings.size());
    for (const auto& [key, setting] : same->settings) {
        const auto& before = profile->settings.at(key);
        require(before.value == setting.value && before.items == setting.items);
    }
    return 0;
}
