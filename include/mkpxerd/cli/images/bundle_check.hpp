// SPDX-License-Identifier: MIT
// The command line that a bundle boots with, checked against its image as `lint` does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::cli {

// The findings of lint. A line without any system to boot is only a warning, since a machine may get the rest
// from its own script, drivers included, unless another option asks for a root.
std::vector<image::Finding> check_bundle_line(const std::string& line, const image::ImageFacts& facts);

// Returns the warnings of these findings. Errors, all at once: theirs.
Result<std::vector<Problem>> check_boot_line(const std::string& line, const image::ImageFacts& facts);

// A modloop that this image cannot mount, such as one for a root on NFS, which has modules of its own.
std::optional<Problem> find_useless_modloop(const image::ImageFacts& facts);

} // namespace mkpxerd::cli
