// SPDX-License-Identifier: MIT
// One function an option. They run in the order of the table, so each may rely on those before it.
#include "option_readers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/place_forms.hpp"

namespace mkpxerd {
namespace {

// What may be missing, in mkpxerd.optional=.
constexpr std::array<std::string_view, 3> optional_objects = {"apkovl", "modloop", "packages"};

// Within the bound of its option.
int to_int(std::string_view number) {
    int value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return value;
}

} // namespace

bool is_off(std::string_view value) {
    return value.empty() || value == "no" || value == "0" || value == "off";
}

std::vector<std::string> comma_list(std::string_view value) {
    std::vector<std::string> items;
    for (const auto item : split(value, ','))
        if (!item.empty()) items.emplace_back(item);
    return items;
}

std::string read_repositories(const BootSetting& setting, BootOptions& options) {
    options.repositories = comma_list(setting.value);
    for (std::string& repository : options.repositories)
        repository = plain_scheme(repository); // apk knows schemes only in lower case
    if (options.repositories == std::vector<std::string>{"auto"}) options.repositories.clear();
    return {};
}

std::string read_fetch(const BootSetting& setting, BootOptions& options) {
    if (setting.value.empty()) return {};
    if (!options.root.empty()) return "contradicts root=";
    if (setting.value.find("://") == std::string::npos)
        return fmt::format("is not a URL: write fetch=http://{}", setting.value);
    options.root = setting.value;
    return {};
}

std::string read_root_size(const BootSetting& setting, BootOptions& options) {
    options.rootflags += fmt::format("{}size={}", options.rootflags.empty() ? "" : ",", setting.value);
    return {};
}

std::string read_init(const BootSetting& setting, BootOptions& options) {
    if (setting.value.empty()) return {};
    options.init = setting.value;
    return options.init.starts_with('/') ? "" : "is not an absolute path";
}

std::string read_init_arguments(const BootSetting& setting, BootOptions& options) {
    const auto words = split_words(setting.value);
    options.init_args = {words.begin(), words.end()};
    return {};
}

std::string read_cloud_source(const BootSetting&, BootOptions& options) {
    options.tiny_cloud = true;
    return {};
}

std::string read_tiny_cloud(const BootSetting& setting, BootOptions& options) {
    options.tiny_cloud = options.tiny_cloud || !is_off(setting.value);
    return {};
}

// "a,b:x=1:y=2"
std::string read_modules(const BootSetting& setting, BootOptions& options) {
    for (const std::string& item : comma_list(setting.value)) {
        const auto pieces = split(item, ':');
        options.modules.push_back(
            {.name = std::string(pieces.front()),
             .parameters = fmt::format("{}", fmt::join(pieces.begin() + 1, pieces.end(), " "))});
    }
    return {};
}

// "yes", "no", or "dhcp,fetch". A misspelt subject is not worth a failed boot.
std::string read_debug(const BootSetting& setting, BootOptions& options) {
    if (is_off(setting.value)) return {};
    if (setting.value == "yes" || setting.value == "1" || setting.value == "on") {
        options.details = LogSubjects::all();
        return {};
    }
    std::string unknown;
    for (const std::string& name : comma_list(setting.value)) {
        if (const auto subject = find_log_subject(name))
            options.details.add(*subject);
        else
            unknown += fmt::format("{}'{}'", unknown.empty() ? "" : ", ", name);
    }
    if (unknown.empty()) return {};
    const bool is_useless = options.details.empty();
    if (is_useless) options.details = LogSubjects::all();
    options.warnings.push_back(
        {.object = setting.name,
         .text = fmt::format("unknown subject {}{}", unknown, is_useless ? ": every detail is shown" : ""),
         .hint = fmt::format("the subjects are {}", log_subject_names())});
    return {};
}

// As in the kernel: 0 waits forever, a negative number does not wait.
std::string read_panic(const BootSetting& setting, BootOptions& options) {
    const int seconds = to_int(setting.value);
    options.on_fail.seconds = seconds == 0 ? -1 : std::max(seconds, 0);
    options.on_fail.shell = false;
    return {};
}

std::string read_console(const BootSetting& setting, BootOptions& options) {
    options.consoles.push_back(setting.value.substr(0, setting.value.find(',')));
    return {};
}

std::string read_serial_detection(const BootSetting& setting, BootOptions& options) {
    options.autodetect_serial = setting.value != "no";
    if (setting.value.starts_with("setconsole"))
        options.warnings.push_back(
            {.object = "autodetect_serial=setconsole", .text = "is not supported", .hint = "give console="});
    return {};
}

std::string read_resume_offset(const BootSetting& setting, BootOptions& options) {
    options.resume_offset = setting.value;
    return {};
}

// "shell", "reboot", "reboot:10", "poweroff", "retry"
std::string read_on_fail(const BootSetting& setting, BootOptions& options) {
    static constexpr std::string_view with_seconds = "reboot:";
    static constexpr std::array<std::pair<std::string_view, OnFail::Kind>, 4> actions = {
        {{"shell", OnFail::Kind::Shell},
         {"reboot", OnFail::Kind::Countdown},
         {"poweroff", OnFail::Kind::PowerOff},
         {"retry", OnFail::Kind::Retry}}};
    if (setting.value.starts_with(with_seconds)) {
        const std::string_view seconds = std::string_view(setting.value).substr(with_seconds.size());
        if (const std::string refused = restart_delay.refusal(seconds); !refused.empty())
            return fmt::format("'{}' {}", seconds, refused);
        options.on_fail.kind = OnFail::Kind::Countdown;
        options.on_fail.seconds = to_int(seconds);
        return {};
    }
    for (const auto& [action, kind] : actions) {
        if (setting.value != action) continue;
        options.on_fail.kind = kind;
        return {};
    }
    return "must be shell, reboot[:seconds], poweroff or retry";
}

std::string read_optional_objects(const BootSetting& setting, BootOptions& options) {
    std::string refused;
    for (const std::string& object : comma_list(setting.value)) {
        if (std::ranges::find(optional_objects, object) == optional_objects.end())
            refused =
                fmt::format("'{}' cannot be optional; {} can", object, fmt::join(optional_objects, ", "));
        options.optional_objects.insert(object);
    }
    return refused;
}

} // namespace mkpxerd
