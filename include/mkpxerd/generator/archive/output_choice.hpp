// SPDX-License-Identifier: MIT
// BuildRequest -> the output path and the permissions of the file.
#pragma once

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// The path that the user named, else the one that a tree asks for, else BASEDIR/boot/initramfs-FLAVOUR, as in
// mkinitfs: the flavour is the last word of the kernel's version. Does not touch the file system.
std::filesystem::path output_path(const BuildRequest& request, const std::string& kernel_version);
// The place of that path, held open. Errors: those of find_output() and output_in_tree().
Result<OutputPlace> find_output_place(const BuildRequest& request, const std::string& kernel_version);

// Permission bits of a file for servers with these secrets: the requested mode, else 0644 without secrets and
// 0600 with some. Errors: others could read the secrets, without permission for that.
Result<unsigned> choose_mode(const BuildRequest& request, const std::vector<Problem>& secrets);

} // namespace mkpxerd::generator
