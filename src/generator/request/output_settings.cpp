// SPDX-License-Identifier: MIT
// Checks each setting early, so that nothing is built for a file that cannot be written as requested.
#include "mkpxerd/generator/request/output_settings.hpp"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

#include "mkpxerd/base/byte_size.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr unsigned usual_mode = 0644;

void read_output(SettingReader& settings, BuildRequest& request) {
    const Setting* setting = settings.find("output");
    if (setting == nullptr) return;
    if (setting->of_tree)
        request.output_of_tree =
            TreeOutput{.tree = settings.tree().root(), .path = setting->value, .origin = setting->origin};
    else
        request.output = setting->value;
}

void read_mode(SettingReader& settings, BuildRequest& request) {
    const std::string value = settings.text("mode");
    if (value.empty()) return;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits, 8);
    if (error != std::errc{} || end != value.data() + value.size() || bits > 0777)
        settings.problems().add(settings.origin("mode").text(),
                                fmt::format("'{}' is not a file mode", excerpt(value)), "for example 0644");
    else
        request.mode = bits;
    if (request.mode && (bits & ~usual_mode) != 0)
        settings.refuse_of_tree("mode", "more than mode 0644", "--mode");
}

void read_max_size(SettingReader& settings, BuildRequest& request) {
    const std::string value = settings.text("max-size");
    if (value.empty()) return;
    const auto size = parse_size(value);
    if (!size || *size == 0)
        settings.problems().add(settings.origin("max-size").text(),
                                fmt::format("'{}' is not a size", excerpt(value)), "for example 20M");
    else
        request.max_size = *size;
}

void read_compression(SettingReader& settings, BuildRequest& request) {
    const std::string name = settings.text("compression", "gzip");
    const auto format = wrap::parse_format(name);
    if (!format)
        return settings.problems().add(settings.origin("compression").text(),
                                       fmt::format("unknown compression '{}'", excerpt(name)),
                                       fmt::format("one of {}", fmt::join(wrap::format_names(), ", ")));
    request.compression.format = *format;
    const std::string key = settings.find("level") != nullptr ? "level" : "level-" + name;
    // mkinitfs writes levels as options of the program: complevel_gzip=-9.
    const std::string value = settings.text(key);
    std::string_view level = trim(value);
    if (level.starts_with('-')) level.remove_prefix(1);
    if (level.empty()) return;
    const auto refuse = [&](std::string text) {
        settings.problems().add(settings.origin(key).text(), std::move(text));
    };
    const auto number = parse_number(level);
    const auto [lowest, highest, standard] = wrap::level_range(*format);
    if (!number || *number > 100)
        refuse(fmt::format("'{}' is not a compression level", excerpt(level)));
    else if (*format == wrap::Format::None)
        refuse("there are no levels without compression");
    else if (const int chosen = static_cast<int>(*number); chosen < lowest || chosen > highest)
        refuse(fmt::format("{} has levels {} to {}, not {}", name, lowest, highest, chosen));
    else
        request.compression.level = chosen;
}

void read_epoch(SettingReader& settings, const std::string& source_date_epoch, BuildRequest& request) {
    if (source_date_epoch.empty()) return;
    const auto seconds = parse_number(source_date_epoch);
    if (!seconds || *seconds > std::numeric_limits<std::uint32_t>::max())
        settings.problems().add("SOURCE_DATE_EPOCH",
                                fmt::format("'{}' is not a time that cpio can store", source_date_epoch),
                                "seconds since 1970, at most 4294967295");
    else
        request.epoch = static_cast<std::int64_t>(*seconds);
}

} // namespace

void read_output_settings(SettingReader& settings, const std::string& source_date_epoch,
                          BuildRequest& request) {
    read_output(settings, request);
    request.allow_secrets = settings.flag("allow-secrets");
    if (request.allow_secrets)
        settings.refuse_of_tree("allow-secrets", "an image that lets others read secrets", "--allow-secrets");
    read_mode(settings, request);
    read_max_size(settings, request);
    read_compression(settings, request);
    read_epoch(settings, source_date_epoch, request);
}

} // namespace mkpxerd::generator
