// SPDX-License-Identifier: MIT
// `mkpxerd explain`: the page of each failure code, without a network.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

// wanted: codes as users write them (MPX-DHCP-01, DHCP-01, dhcp-1), or families of codes (MPX-DHCP), for
// which a table is printed; none: the table of all. An unknown one is an error that names a similar one.
int run_explain(const std::vector<std::string>& wanted, const CommandContext& context);

} // namespace mkpxerd::cli
