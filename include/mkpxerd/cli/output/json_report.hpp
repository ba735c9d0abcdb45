// SPDX-License-Identifier: MIT
// The report of a build as JSON, and the form of problems in every report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// An array with object, text, hint and place (the line of our sources that found it) of each.
void add_problems(JsonWriter& json, std::string_view key, const std::vector<Problem>& problems);

// One JSON object and a newline. Sizes are bytes.
std::string json_report(const generator::BuildReport& report, const generator::BuildRequest& request);

} // namespace mkpxerd::cli
