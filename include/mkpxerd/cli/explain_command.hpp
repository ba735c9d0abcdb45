// SPDX-License-Identifier: MIT
// `mkpxerd explain`: the page of each failure code, without a network.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/cli/run.hpp"

namespace mkpxerd::cli {

// Without codes: one line for each known code. An unknown code is an error that names similar ones.
int run_explain(const std::vector<std::string>& codes, const CommandContext& context);

} // namespace mkpxerd::cli
