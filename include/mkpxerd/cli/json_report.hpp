// SPDX-License-Identifier: MIT
// What a build did, for programs.
#pragma once

#include <string>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// One JSON object and a newline. Sizes are bytes.
std::string json_report(const generator::BuildReport& report, const generator::BuildRequest& request);

// A text as a JSON string, quotes included (RFC 8259 section 7).
std::string json_text(std::string_view text);

} // namespace mkpxerd::cli
