// SPDX-License-Identifier: MIT
// Text of a file in /etc/mkpxerd.d -> its options, as one command line.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// All lines but comments, between blanks.
std::string join_setting_lines(std::string_view text);

} // namespace mkpxerd
