// SPDX-License-Identifier: MIT
// What is wrong with a request before anything is planned: the options that it bakes into the image, and the
// keys in its archives.
#pragma once

#include <vector>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// Sets archives_need_tls of the request, and returns warnings. found: problems of other parts of the same
// command. Errors: those, its own and, as nothing will be written anyway, all that planning the image finds.
Result<std::vector<Problem>> check_request(generator::BuildRequest& request, Problems found = {});

} // namespace mkpxerd::cli
