// SPDX-License-Identifier: MIT
// The report of a build as JSON.
#pragma once

#include <string>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// One JSON object and a newline. Sizes are bytes.
std::string json_report(const generator::BuildReport& report, const generator::BuildRequest& request);

} // namespace mkpxerd::cli
