// SPDX-License-Identifier: MIT
// Three sources: the user, by the command line and the files that it names; the installation; and the tree.
// Each setting carries its source.
#include "mkpxerd/generator/request/setting_sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/request/tree_files.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

constexpr const char* default_profile = "network"; // used without a profile and a configuration
constexpr unsigned max_extends = 8;
constexpr const char* configuration = "etc/mkinitfs/mkinitfs.conf"; // these two: below the tree
constexpr const char* profiles_of_tree = "etc/mkpxerd/profiles";

// names: of all profiles.
std::string hint_for_profile(const std::string& name, const std::vector<std::string>& names) {
    constexpr std::size_t shown = 12;
    if (names.empty()) return "none is installed";
    std::string hint =
        "there are " +
        fmt::format("{}",
                    fmt::join(names.begin(),
                              names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), shown)),
                              ", ")) +
        "; mkpxerd -L describes all";
    // "linux", "linux-lts": mkinitcpio -p names a file that says what to build.
    if (name.starts_with("linux")) hint += "; a preset of mkinitcpio is --profile and -o here";
    return hint;
}

class Sources {
  public:
    Sources(const CommandOptions& command, SettingsRecord& record)
        : command_(command), record_(record), tree_(command.basedir),
          is_foreign_(!is_this_machine(command.basedir)) {}

    Result<SettingsText> read_configuration() const {
        if (command_.config) return read_named(*command_.config);
        return read_of_tree(tree_.file(configuration));
    }

    // A name or a file: inside the tree if a tree names it, otherwise on this machine.
    Result<SettingsText> read_profile(const std::string& name, const Origin& origin,
                                      bool named_by_tree) const {
        if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
            if (!named_by_tree) return read_named(name);
            MKPXERD_TRY_ASSIGN(const TreePath file, file_of_tree(tree_, name, origin));
            return read_of_tree(file);
        }
        const std::string own = fmt::format("{}/{}.yaml", profiles_of_tree, name);
        MKPXERD_TRY_ASSIGN(const bool is_own, is_there(tree_.file(own)));
        if (is_own) return read_of_tree(tree_.file(own));
        const fs::path installed = command_.data_dir / "profiles" / (name + ".yaml");
        MKPXERD_TRY_ASSIGN(const bool is_installed, is_there(installed));
        if (is_installed) return read_named(installed);
        std::vector<std::string> names;
        for (const auto& [known, file] : known_profiles(command_))
            names.push_back(known);
        auto near = nearest(name, names);
        const auto holds = std::ranges::find_if(
            names, [&](const std::string& known) { return known.find(name) != std::string::npos; });
        if (!near && name.size() > 2 && holds != names.end()) near = *holds;
        return fail(origin.text(), fmt::format("unknown profile '{}'", excerpt(name)),
                    near ? fmt::format("did you mean '{}'?", *near) : hint_for_profile(name, names));
    }

  private:
    Result<SettingsText> read_named(const fs::path& file) const {
        MKPXERD_TRY_ASSIGN(std::string text, read_file(file, max_settings_bytes));
        return noted({std::move(text), file.string(), false});
    }
    Result<SettingsText> read_of_tree(const TreePath& file) const {
        MKPXERD_TRY_ASSIGN(std::string text, read_regular(file, max_settings_bytes));
        return noted({std::move(text), file.string(), is_foreign_});
    }
    SettingsText noted(SettingsText text) const {
        record_.texts.push_back(text);
        return text;
    }

    const CommandOptions& command_;
    SettingsRecord& record_;
    Sysroot tree_;
    bool is_foreign_;
};

// C functions that open files see a text only up to its first zero byte.
Result<void> mark(Settings& settings, bool of_tree) {
    Problems problems;
    for (auto& [key, setting] : settings) {
        setting.of_tree = of_tree;
        if (setting.value.find('\0') != std::string::npos)
            problems.add(setting.origin.text(), fmt::format("the value of '{}' contains a zero byte", key));
    }
    return problems.finish();
}

// The profile over those that it extends.
Result<Settings> load_profile(const Sources& sources, std::string name, Origin origin) {
    Settings settings;
    bool named_by_tree = false;
    for (unsigned depth = 0; !name.empty(); ++depth) {
        if (depth >= max_extends)
            return fail(origin.text(), fmt::format("'{}' extends itself, or more than {} other profiles",
                                                   excerpt(name), max_extends));
        MKPXERD_TRY_ASSIGN(const SettingsText text, sources.read_profile(name, origin, named_by_tree));
        MKPXERD_TRY_ASSIGN(Profile profile, parse_profile(text.text, text.file));
        MKPXERD_TRY(mark(profile.settings, text.of_tree));
        merge_weaker(settings, std::move(profile.settings));
        name = profile.extends;
        origin = profile.extends_origin;
        named_by_tree = text.of_tree;
    }
    return settings;
}

// "+a +b": these join the features of profile and configuration. Others replace them.
bool adds_features(std::string_view list) {
    const auto words = split_words(list);
    return !words.empty() && std::ranges::all_of(words, [](std::string_view word) {
        return word.size() > 1 && word.starts_with('+');
    });
}

void add_features(Setting& setting, std::string_view list) {
    setting.origin = {.file = "--features"};
    for (const auto word : split_words(list)) {
        setting.items.emplace_back(word.substr(1));
        setting.value += (setting.value.empty() ? "" : " ") + setting.items.back();
    }
}

// The features of a profile that a stronger list does not have; nothing: the profile's list counts.
std::optional<Problem> dropped_features(const Settings& settings, const Settings& profiled,
                                        const std::string& profile) {
    const auto features = settings.find("features");
    if (features == settings.end()) return std::nullopt;
    std::vector<std::string_view> kept = split_words(features->second.value);
    if (const auto added = settings.find("add-features"); added != settings.end())
        for (const auto word : split_words(added->second.value))
            kept.push_back(word);
    std::vector<std::string_view> dropped;
    for (const char* key : {"features", "add-features"})
        if (const auto list = profiled.find(key); list != profiled.end())
            for (const auto word : split_words(list->second.value))
                if (std::ranges::find(kept, word) == kept.end()) dropped.push_back(word);
    if (dropped.empty()) return std::nullopt;
    return Problem{.object = features->second.origin.text(),
                   .text = fmt::format("replaces the features of profile {}: {} are left out",
                                       excerpt(profile), fmt::join(dropped, " ")),
                   .hint = "-F +NAME adds to them"};
}

} // namespace

Settings command_line_settings(const CommandOptions& command) {
    Settings settings;
    for (const auto& [key, value] : command.settings) {
        if (key == "features" && adds_features(value)) {
            add_features(settings["add-features"], value);
            continue;
        }
        Setting& setting = settings[key];
        setting.value = value;
        setting.origin = {.file = "--" + key};
        setting.items.push_back(value);
    }
    return settings;
}

Result<bool> has_configuration(const CommandOptions& command) {
    return is_there(Sysroot(command.basedir).file(configuration));
}

Result<Settings> load_settings(const CommandOptions& command, SettingsRecord* record) {
    SettingsRecord unused;
    const Sources sources(command, record != nullptr ? *record : unused);
    Settings settings = command_line_settings(command);
    const auto note = [&] {
        if (record != nullptr) record->settings = settings;
    };
    note();
    // A requested profile replaces the system's configuration; -c still adds one.
    std::string profile = command.profile;
    bool configured_by_file = command.config.has_value();
    if (!configured_by_file && profile.empty()) {
        // An unreadable configuration is an error, not a reason for the default profile.
        MKPXERD_TRY_ASSIGN(configured_by_file, has_configuration(command));
    }
    if (configured_by_file) {
        MKPXERD_TRY_ASSIGN(const SettingsText text, sources.read_configuration());
        MKPXERD_TRY_ASSIGN(Settings configured, parse_mkinitfs_conf(text.text, text.file));
        MKPXERD_TRY(mark(configured, text.of_tree));
        merge_weaker(settings, std::move(configured));
        note();
    }
    if (profile.empty() && !settings.contains("features")) profile = default_profile;
    if (record != nullptr) record->profile = profile;
    if (!profile.empty()) {
        MKPXERD_TRY_ASSIGN(Settings profiled, load_profile(sources, profile, {.file = "--profile"}));
        if (auto dropped = dropped_features(settings, profiled, profile); dropped && record != nullptr)
            record->warnings.push_back(std::move(*dropped));
        merge_weaker(settings, std::move(profiled));
        note();
    }
    return settings;
}

std::vector<std::pair<std::string, fs::path>> known_profiles(const CommandOptions& command) {
    std::vector<std::pair<std::string, fs::path>> profiles;
    const auto add = [&](const fs::path& file) {
        if (file.extension() == ".yaml") profiles.emplace_back(file.stem().string(), file);
    };
    const Sysroot tree(command.basedir);
    if (const auto names = list_directory(tree.file(profiles_of_tree)))
        for (const std::string& name : *names)
            add(tree.host(profiles_of_tree) / name);
    std::error_code error;
    for (fs::directory_iterator item(command.data_dir / "profiles", error), end; !error && item != end;
         item.increment(error))
        add(item->path());
    std::stable_sort(profiles.begin(), profiles.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return profiles;
}

std::string profile_description(const CommandOptions& command, const std::string& name) {
    SettingsRecord unused;
    const auto text = Sources(command, unused).read_profile(name, {}, false);
    if (!text) return {};
    const auto profile = parse_profile(text->text, text->file);
    std::string description = profile ? profile->description : "";
    if (description.ends_with('.')) description.pop_back();
    return description;
}

} // namespace mkpxerd::generator
