// SPDX-License-Identifier: MIT
// What apk complained about, as a failure with a code.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

// What went wrong, from the last lines of apk. Pure. Codes: MPX-PKG-02 unknown reason, -03 a package is
// missing (named), -04 a signature or key, -05 a repository cannot be read, -06 no space.
Problem explain_apk(const std::vector<std::string>& lines, int status);

} // namespace mkpxerd::netboot
