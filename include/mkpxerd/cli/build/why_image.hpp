// SPDX-License-Identifier: MIT
// `mkpxerd why --image FILE WHAT`: from the reasons that the image carries, and for what it lacks from a
// tree.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/cli/build/why_answers.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace mkpxerd::cli {

// Whether the options say more than in which tree, kernel tree and directories of features to look.
bool wants_other_build(generator::CommandOptions build);

// What explain_image() reads besides the image.
std::vector<std::filesystem::path> files_around(const generator::CommandOptions& build);

// Returns the exit code. Errors: those of reading the image.
Result<int> explain_image(const std::filesystem::path& image, const std::vector<std::string>& wanted,
                          const generator::CommandOptions& build, WhyAnswers& answers);

} // namespace mkpxerd::cli
