// SPDX-License-Identifier: MIT
// Secrets in URLs never reach a console, a log or a report.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// Replaces, in every URL of a text, user information by "***" and the values of the query by "***":
// "http://u:p@host/x?token=1" -> "http://***@host/x?token=***".
std::string redact(std::string_view text);

} // namespace mkpxerd
