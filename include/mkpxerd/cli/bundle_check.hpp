// SPDX-License-Identifier: MIT
// The command line that a bundle boots with, checked against its image as `lint` does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/image/image_facts.hpp"

namespace mkpxerd::cli {

// Returns the warnings. Errors, all at once: those of lint. A line without any system to boot is only a
// warning, since a machine may get the rest from its own script, unless another option asks for a root.
Result<std::vector<Problem>> check_boot_line(const std::string& line, const image::ImageFacts& facts);

// A modloop that this image cannot mount, such as one for a root on NFS, which has modules of its own.
std::optional<Problem> find_useless_modloop(const image::ImageFacts& facts);

} // namespace mkpxerd::cli
