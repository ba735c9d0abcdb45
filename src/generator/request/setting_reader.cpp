// SPDX-License-Identifier: MIT
// Values from an untrusted tree are bounded, and name only files of that tree.
#include "mkpxerd/generator/request/setting_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/request/tree_files.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_files_of_tree = 100; // in one list

constexpr std::array<std::string_view, 4> words_of_yes = {"yes", "true", "on", "1"};
constexpr std::array<std::string_view, 5> words_of_no = {"no", "false", "off", "0", ""};

} // namespace

const Setting* SettingReader::find(const std::string& key) const {
    const auto found = settings_.find(key);
    return found == settings_.end() ? nullptr : &found->second;
}

std::string SettingReader::text(const std::string& key, const std::string& otherwise) const {
    const Setting* setting = find(key);
    return setting != nullptr ? setting->value : otherwise;
}

Origin SettingReader::origin(const std::string& key) const {
    const Setting* setting = find(key);
    return setting != nullptr ? setting->origin : Origin{};
}

// A wrong guess could publish secrets.
bool SettingReader::flag(const std::string& key) {
    const std::string value = to_lower(text(key));
    if (std::ranges::find(words_of_no, value) != words_of_no.end()) return false;
    if (std::ranges::find(words_of_yes, value) != words_of_yes.end()) return true;
    problems_.add(origin(key).text(),
                  fmt::format("'{}' is neither yes nor no, which '{}' needs", excerpt(text(key)), key),
                  "write yes, true, on or 1; or no, false, off or 0");
    return false;
}

std::vector<std::string> SettingReader::items(const std::string& key) const {
    const Setting* setting = find(key);
    if (setting == nullptr) return {};
    if (!setting->items.empty()) return setting->items;
    const auto words = split_words(setting->value);
    return {words.begin(), words.end()};
}

std::optional<TreePath> SettingReader::file(const Setting& setting, const std::string& named) {
    if (!setting.of_tree) return TreePath(named);
    auto found = file_of_tree(tree_, named, setting.origin);
    if (found) return std::move(*found);
    problems_.add(found.error());
    return std::nullopt;
}

// A tree could name one large file many times.
std::vector<TreePath> SettingReader::files(const std::string& key) {
    std::vector<TreePath> found;
    const Setting* setting = find(key);
    const auto all = items(key);
    if (setting != nullptr && setting->of_tree && all.size() > max_files_of_tree) {
        problems_.add(setting->origin.text(),
                      fmt::format("{} files, more than {}", all.size(), max_files_of_tree));
        return found;
    }
    for (const std::string& named : all) {
        auto place = file(*setting, named);
        if (!place) continue;
        if (setting->of_tree && std::find(found.begin(), found.end(), *place) != found.end())
            problems_.add(setting->origin.text(), fmt::format("'{}' is named twice", excerpt(named)));
        else
            found.push_back(std::move(*place));
    }
    return found;
}

void SettingReader::refuse_of_tree(const std::string& key, const char* what, const char* option) {
    if (find(key)->of_tree)
        problems_.add(origin(key).text(), fmt::format("a tree cannot ask for {}", what),
                      fmt::format("give {} on the command line if you mean it", option));
}

} // namespace mkpxerd::generator
