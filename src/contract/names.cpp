// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/names.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/key_files.hpp"

namespace mkpxerd {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool is_kernel_version(std::string_view text) {
    return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || std::string_view("._+~-").find(c) != std::string_view::npos;
    });
}

bool is_feature_name(std::string_view text) {
    const auto is_plain = [](char c) {
        return is_letter_or_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0 ||
               std::string_view("._+~@:,=%-").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.front() != '.' && text.front() != '-' && is_printable(text) &&
           std::all_of(text.begin(), text.end(), is_plain);
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

Result<void> check_boot_config(const BootConfig& config) {
    Problems problems;
    const std::string object(boot_config_path);
    if (!config.kernel_version.empty() && !is_kernel_version(config.kernel_version))
        problems.add(object, fmt::format("'{}' is not a kernel version", config.kernel_version),
                     kernel_version_form);
    for (const std::string& feature : config.features)
        if (!is_feature_name(feature))
            problems.add(object, fmt::format("'{}' is not a feature name", feature));
    for (const auto& [object_name, hash] : config.pins) {
        const bool is_any = object_name == "root" && hash == pin_any;
        if (!is_feature_name(object_name) || (!is_sha256(hash) && !is_any))
            problems.add(object, fmt::format("{}={} is not a pin", object_name, hash));
    }
    if (std::any_of(config.cmdline.begin(), config.cmdline.end(),
                    [](char c) { return c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f); }))
        problems.add(object, "the options contain a line break or another control character");
    return problems.finish();
}

} // namespace mkpxerd
