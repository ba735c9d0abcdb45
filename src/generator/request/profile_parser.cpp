// SPDX-License-Identifier: MIT
// YAML profiles. The only file that uses yaml-cpp; its exceptions end here.
#include <algorithm>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_problems = 100; // in a file that is not a profile, every line has one

unsigned line_of(const YAML::Mark& mark) {
    return mark.line < 0 ? 0 : static_cast<unsigned>(mark.line) + 1;
}

// A scalar, or a list of scalars. An alias of five bytes may stand for a scalar of any length: copies at most
// room bytes.
std::optional<Setting> setting_of(const YAML::Node& node, const Origin& origin, std::size_t& room) {
    const auto take = [&](const std::string& text) {
        const bool fits = text.size() < room;
        room = fits ? room - text.size() - 1 : 0;
        return fits;
    };
    if (node.IsScalar())
        return take(node.Scalar()) ? std::optional(Setting{node.Scalar(), origin}) : std::nullopt;
    if (!node.IsSequence()) return std::nullopt;
    Setting setting{{}, origin};
    for (const auto& item : node) {
        if (!item.IsScalar() || !take(item.Scalar())) return std::nullopt;
        if (!setting.value.empty()) setting.value += ' ';
        setting.value += item.Scalar();
        setting.items.push_back(item.Scalar());
    }
    return setting;
}

Result<Profile> read(const YAML::Node& root, const std::string& file) {
    if (!root.IsMap()) return fail(file, "a profile must be a list of 'key: value' lines");
    Profile profile;
    Problems problems;
    std::size_t room = max_settings_bytes;
    for (const auto& item : root) {
        if (problems.list().size() >= max_problems) break;
        const Origin origin{.file = file, .line = line_of(item.first.Mark())};
        if (!item.first.IsScalar()) {
            problems.add(origin.text(), "a key must be a word");
            continue;
        }
        const std::string& key = item.first.Scalar();
        const auto setting = setting_of(item.second, origin, room);
        if (room == 0) {
            problems.add(
                origin.text(),
                fmt::format("the values expand to more than {} bytes up to here", max_settings_bytes),
                "write them without aliases");
            break;
        }
        const auto& keys = setting_keys();
        if (key != "description" && key != "extends" &&
            std::find(keys.begin(), keys.end(), key) == keys.end()) {
            std::vector<std::string> known = keys;
            known.insert(known.end(), {"description", "extends"});
            const auto near = nearest(key, known);
            problems.add(origin.text(), fmt::format("unknown key '{}'", excerpt(key)),
                         near ? fmt::format("did you mean '{}'?", *near) : "mkpxerd.yaml(5) lists all keys");
        } else if (!setting) {
            problems.add(origin.text(),
                         fmt::format("the value of '{}' must be a text or a list of texts", key));
        } else if (key == "description") {
            profile.description = setting->value;
        } else if (key == "extends") {
            profile.extends = setting->value;
            profile.extends_origin = origin;
        } else if (!profile.settings.emplace(key, *setting).second) {
            problems.add(origin.text(), fmt::format("'{}' is set twice", key));
        }
    }
    MKPXERD_TRY(problems.finish());
    return profile;
}

} // namespace

Result<Profile> parse_profile(const std::string& text, const std::string& file) {
    if (text.size() > max_settings_bytes)
        return fail(file, fmt::format("is larger than {} bytes", max_settings_bytes));
    // yaml-cpp 0.7 recurses for each level of nesting; a profile needs two.
    if (std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; }) > 200)
        return fail(file, "is nested too deeply for a profile");
    try {
        return read(YAML::Load(text), file);
    } catch (const YAML::Exception& error) {
        return fail(Origin{.file = file, .line = line_of(error.mark)}.text(),
                    "is not valid YAML: " + error.msg);
    }
}

} // namespace mkpxerd::generator
