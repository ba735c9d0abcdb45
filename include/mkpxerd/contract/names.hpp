// SPDX-License-Identifier: MIT
// Rules for names: names from trees and images end up in the configuration of loaders and servers, in
// boot.conf, in paths, and in shells that complete them.
#pragma once

#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

struct BootConfig;

// [A-Za-z0-9._+~-]+, but neither "." nor "..": none of the files that a version is written to needs quotes
// for it.
bool is_kernel_version(std::string_view text);
inline constexpr const char* kernel_version_form = "a kernel version consists of letters, digits and ._+~-";

// One word for people and for shells: letters and digits, ._+~@:,=%- between them, letters of other
// languages; it begins with neither a dot nor a dash.
bool is_feature_name(std::string_view text);
inline constexpr const char* feature_name_form = "a feature name consists of letters, digits and ._+~@:,=%-";

// A SHA-256, hexadecimal.
bool is_sha256(std::string_view text);

// Errors, all at once: values that a line of boot.conf cannot contain, or that would begin another line.
Result<void> check_boot_config(const BootConfig& config);

} // namespace mkpxerd
