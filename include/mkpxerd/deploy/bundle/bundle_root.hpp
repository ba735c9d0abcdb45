// SPDX-License-Identifier: MIT
// The root of a bundle's machines, if it is a file that goes into the bundle.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

enum class RootForm { Squashfs, Erofs, Tarball };
// By content, whatever its name. Errors: it cannot be read; it is something else.
Result<RootForm> read_root_form(const std::filesystem::path& file);
// A file name by which everybody recognises the form.
std::string_view typical_name(RootForm form);

// Sets own_root if site.root is a file of this machine, which goes into the bundle. Anything else is an
// option of the init: nullopt. Errors: a path without a file; a file that is no root; a name that cannot be
// part of a URL, or that another file of the bundle has. Call it after choose_own_apkovl().
Result<std::optional<RootForm>> choose_own_root(SiteOptions& site);

} // namespace mkpxerd::deploy
