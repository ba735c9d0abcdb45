// SPDX-License-Identifier: MIT
// Keeps secrets in URLs out of consoles, logs and reports.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// Replaces user information and query values by "***" in every URL of a text: "http://u:p@host/x?token=1" ->
// "http://***@host/x?token=***".
std::string redact(std::string_view text);

} // namespace mkpxerd
