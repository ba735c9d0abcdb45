// SPDX-License-Identifier: MIT
// Every code that a failed boot can end with: one table for the init, which says the code, for `mkpxerd
// explain`, which prints the page, and for docs/failures.md. A code never changes its meaning; one that is no
// longer used stays unused.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mkpxerd {

struct FailureCode {
    std::string_view code;    // "MPX-DHCP-01"
    std::string_view meaning; // one line
    std::string_view reason;  // why it happens, a sentence or two
    std::string_view remedy;  // what to do
};

// Sorted by code.
std::span<const FailureCode> failure_codes();
// nullptr: there is no such code. Case does not matter.
const FailureCode* find_failure_code(std::string_view code);
// The page of a code, as it is printed.
std::string failure_page(const FailureCode& code);

} // namespace mkpxerd
