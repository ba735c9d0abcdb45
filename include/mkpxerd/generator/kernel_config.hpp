// SPDX-License-Identifier: MIT
// What the kernel was built with, as far as it matters to an image.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// The kernel's configuration when it is at hand (boot/config-VERSION, lib/modules/VERSION/config,
// .../build/.config), or in the kernel itself (boot/vmlinuz-VERSION, lib/modules/VERSION/vmlinuz).
std::optional<std::string> read_kernel_config(const Sysroot& tree, const std::string& kernel_version);

// "CONFIG_NAME=y" in a configuration? name with CONFIG_. Pure.
bool is_enabled(std::string_view config, std::string_view name);

// Errors: the configuration is at hand and says that this kernel cannot unpack the format (CONFIG_RD_*,
// usr/Kconfig).
Result<void> check_kernel_unpacks(const std::optional<std::string>& config, const std::string& kernel_version,
                                  wrap::Format format);

// What a kernel with this configuration lacks to load modules packed by this format, by its option's name;
// empty: nothing. Source: kernel/module/Kconfig and decompress.c.
std::string missing_to_load(std::string_view config, wrap::Format format);

} // namespace mkpxerd::generator
