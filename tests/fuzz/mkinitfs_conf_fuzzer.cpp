// SPDX-License-Identifier: MIT
// mkinitfs.conf of a foreign tree: known names alone, no more text than a limit allows however variables
// double, and what is written between quotes is read as it stands.
#include "harness.hpp"

#include "mkpxerd/generator/request/settings.hpp"

using namespace mkpxerd::fuzz;
using namespace mkpxerd::generator;

namespace {

std::string in_quotes(std::string_view value) {
    std::string text = "'";
    for (const char c : value)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    const auto settings = parse_mkinitfs_conf(text, "mkinitfs.conf");
    const std::size_t lines = count(text, '\n') + 1;
    if (!settings) {
        require(settings.error().problems().size() <= 2 * lines);
        for (const auto& problem : settings.error().problems())
            require(problem.object.starts_with("mkinitfs.conf"));
        return 0;
    }
    std::size_t told = 0;
    const auto& keys = setting_keys();
    for (const auto& [key, setting] : *settings) {
        require(std::find(keys.begin(), keys.end(), key) != keys.end());
        require(setting.origin.line >= 1 && setting.origin.line <= lines);
        told += setting.value.size();
    }
    require(told <= max_settings_bytes + size); // so much variables may bring
    // features is a name that both mkinitfs and profiles know.
    const std::string value(text.substr(0, text.find('\0')));
    const auto same = parse_mkinitfs_conf("features=" + in_quotes(value) + "\n", "mkinitfs.conf");
    require(same && same->size() == 1 && same->at("features").value == value);
    return 0;
}
