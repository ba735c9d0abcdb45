// SPDX-License-Identifier: MIT
// boot.conf: writer and reader side by side, so that they cannot drift apart.
#include "mkpxerd/contract/boot_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {

std::string write_boot_config(const BootConfig& config) {
    std::string text =
        fmt::format("mkpxerd={}\nkernel={}\nepoch={}\nentries={}\ntls={}\nfeatures={}\ncmdline={}\n",
                    config.mkpxerd_version, config.kernel_version, config.epoch, config.entries,
                    config.tls ? "yes" : "no", fmt::join(config.features, " "), config.cmdline);
    for (const auto& [object, hash] : config.pins)
        text += fmt::format("pin.{}={}\n", object, hash);
    return text;
}

Result<BootConfig> parse_boot_config(std::string_view text) {
    constexpr std::size_t max_problems = 100; // the file of a foreign image could hold millions
    BootConfig config;
    Problems problems;
    unsigned number = 0;
    text = without_bom(text);
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = take_line(text, at);
        if (problems.list().size() >= max_problems) break; // not a boot.conf at all
        ++number;
        const auto object = [&] { return fmt::format("{}:{}", boot_config_path, number); };
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) {
            problems.add(object(), "line without '='");
            continue;
        }
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (key == "epoch" || key == "entries") {
            const auto parsed = parse_number(value);
            if (!parsed || *parsed > static_cast<std::uint64_t>(INT64_MAX))
                problems.add(object(), fmt::format("'{}' is not a number", value));
            else if (key == "epoch")
                config.epoch = static_cast<std::int64_t>(*parsed);
            else
                config.entries = *parsed;
        } else if (key == "tls") {
            config.tls = value != "no";
        } else if (key == "mkpxerd") {
            config.mkpxerd_version = value;
        } else if (key == "kernel") {
            config.kernel_version = value;
        } else if (key == "cmdline") {
            config.cmdline = value;
        } else if (key.starts_with("pin.")) {
            config.pins[std::string(key.substr(4))] = value;
        } else if (key == "features") {
            for (const auto word : split_words(value))
                config.features.emplace_back(word);
        }
    }
    MKPXERD_TRY(problems.finish());
    return config;
}

std::string sentinel_text(std::uint64_t entries) {
    return fmt::format("entries={}\n", entries);
}

} // namespace mkpxerd
