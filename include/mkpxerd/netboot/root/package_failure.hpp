// SPDX-License-Identifier: MIT
// apk's messages -> a failure with a code.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

// From the last lines and the exit status of apk. Pure. Codes: MPX-PKG-02 unknown reason, -03 a package is
// missing (named), -04 a signature or key, -05 an unreadable repository, -06 no space.
Problem explain_apk(const std::vector<std::string>& lines, int status);

} // namespace mkpxerd::netboot
