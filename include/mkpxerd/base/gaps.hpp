// SPDX-License-Identifier: MIT
// Texts with gaps, such as "next-server @server@;", filled with values.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

// Names of gaps (lower case letters and '-') -> what replaces them.
using GapValues = std::map<std::string, std::string>;

// Replaces every "@name@" by its value; any other '@' stays. name: of the text, for messages.
// Errors: a gap without a value.
Result<std::string> fill_gaps(std::string_view text, const GapValues& values, const std::string& name);

} // namespace mkpxerd
