// SPDX-License-Identifier: MIT
// What may be a name: names of trees and images end in configuration of loaders and servers, in boot.conf, in
// paths, and in shells that complete them.
#pragma once

#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

struct BootConfig;

// [A-Za-z0-9._+~-]+, which every language that a version is written into takes as it is; neither "." nor
// "..".
bool is_kernel_version(std::string_view text);
inline constexpr const char* kernel_version_form = "letters, digits and ._+~- make the name of a kernel";

// One word for people and for shells: letters and digits, ._+~@:,=%- between them, letters of other
// languages; it begins with neither a dot nor a dash.
bool is_feature_name(std::string_view text);
inline constexpr const char* feature_name_form = "letters, digits and ._+~@:,=%- make one";

// A SHA-256, hexadecimal.
bool is_sha256(std::string_view text);

// Errors, all of them: what a line of boot.conf cannot hold, or would hold as another line.
Result<void> check_boot_config(const BootConfig& config);

} // namespace mkpxerd
