// SPDX-License-Identifier: MIT
// Directories of every image: those that a system expects before anything is mounted, and the mount points of
// the init.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd::generator {

struct StandardDirectory {
    std::string_view path;
    unsigned mode;
};
inline constexpr std::array standard_directories = {
    StandardDirectory{"dev", 0755},
    StandardDirectory{"etc", 0755},
    StandardDirectory{"lib", 0755},
    StandardDirectory{"media", 0755},
    StandardDirectory{new_root.substr(1), 0755},
    StandardDirectory{"proc", 0555},
    StandardDirectory{"root", 0700},
    StandardDirectory{"run", 0755},
    StandardDirectory{"sbin", 0755},
    StandardDirectory{"sys", 0555},
    StandardDirectory{"tmp", 01777},
};

// A later archive changes the mode of an existing directory: /root must stay private.
inline unsigned directory_mode(std::string_view path) {
    const auto known = std::ranges::find(standard_directories, path, &StandardDirectory::path);
    return known == standard_directories.end() ? 0755 : known->mode;
}

} // namespace mkpxerd::generator
