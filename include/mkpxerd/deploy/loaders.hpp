// SPDX-License-Identifier: MIT
// The system's packages -> the loaders in a bundle.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

struct Loader {
    std::string place;            // in the bundle
    std::filesystem::path source; // where it is installed
};

struct LoaderSet {
    std::vector<Loader> found;
    std::vector<Problem> missing; // each with the package that has it
};

// The files of a loader by its name (ipxe, pxelinux, lpxelinux, grub): a missing file is an error, since the
// user asked for the loader by name.
Result<void> check_loaders(const LoaderSet& loaders, const std::vector<std::string>& names);

// root: "/", or another tree that packages are installed in.
LoaderSet find_loaders(const std::filesystem::path& root);

} // namespace mkpxerd::deploy
