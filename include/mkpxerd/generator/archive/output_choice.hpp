// SPDX-License-Identifier: MIT
// BuildRequest -> where the file goes, and who may read it.
#pragma once

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// The path that the user named, else the one that a tree asks for, else BASEDIR/boot/initramfs-FLAVOUR, as
// mkinitfs names it: the flavour is the last word of the kernel's version. Nothing is looked at.
std::filesystem::path output_path(const BuildRequest& request, const std::string& kernel_version);
// The place of that path, held open. Errors: those of find_output() and output_in_tree().
Result<OutputPlace> find_output_place(const BuildRequest& request, const std::string& kernel_version);

// Permission bits of a file for servers that holds these secrets: the mode that was requested, else 0644
// without secrets and 0600 with some. Errors: others could read the secrets, and nobody allowed that.
Result<unsigned> choose_mode(const BuildRequest& request, const std::vector<Problem>& secrets);

} // namespace mkpxerd::generator
