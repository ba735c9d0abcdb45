// SPDX-License-Identifier: MIT
// Notes about libraries that a program loads by dlopen(3), unknown to the linker
// (https://systemd.io/ELF_DLOPEN_METADATA).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::generator {

struct DlopenEntry {
    enum class Priority { Required, Recommended, Suggested };
    std::vector<std::string> sonames; // any of them will do; earlier ones are preferred
    Priority priority = Priority::Recommended;
    std::string feature; // its purpose; may be empty
    bool operator==(const DlopenEntry&) const = default;
};

// A note's JSON text: an array of objects, or a single object; soname is a string or an array of strings.
// Errors have no object: the caller knows the file.
Result<std::vector<DlopenEntry>> parse_dlopen_note(std::string_view json);

} // namespace mkpxerd::generator
