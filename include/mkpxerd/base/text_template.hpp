// SPDX-License-Identifier: MIT
// Texts with placeholders, such as "next-server @server@;", filled with values.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

// Names of placeholders (lower case letters, digits and '-') -> what replaces them.
using PlaceholderValues = std::map<std::string, std::string>;

// Replaces every "@name@" by its value; any other '@' stays. name: of the text, for messages.
// Errors: a placeholder without a value.
Result<std::string> fill_placeholders(std::string_view text, const PlaceholderValues& values,
                                      const std::string& name);

// The same, line by line: a line with a placeholder whose value is empty is left out. Every line ends with
// "\n".
Result<std::string> fill_lines(std::string_view text, const PlaceholderValues& values,
                               const std::string& name);

} // namespace mkpxerd
