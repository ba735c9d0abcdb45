// SPDX-License-Identifier: MIT
// What the kernel was built with, as far as it matters to an image.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {

// The kernel's configuration when it is at hand (boot/config-VERSION, lib/modules/VERSION/config,
// .../build/.config), or in the kernel itself (boot/vmlinuz-VERSION, lib/modules/VERSION/vmlinuz).
std::optional<std::string> read_kernel_config(const Sysroot& tree, const std::string& kernel_version);

// "CONFIG_NAME=y" in a configuration? name with CONFIG_. Pure.
bool is_enabled(std::string_view config, std::string_view name);

// What the kernel was built without when it cannot unpack an initrd of this encoding ("gzip", "bzip2"):
// CONFIG_RD_*, usr/Kconfig. Empty: it can, or its configuration is not at hand.
std::string missing_to_unpack(const std::optional<std::string>& config, std::string_view encoding);

// Errors: the configuration is at hand and says that this kernel cannot unpack the format.
Result<void> check_kernel_unpacks(const std::optional<std::string>& config, const std::string& kernel_version,
                                  wrap::Format format);

// Why the kernel would stop at a stream with these demands; empty: it would not. Of a kernel whose
// configuration is not at hand, the filter for programs of this machine's kind is expected and no other.
std::string find_refusal(const wrap::KernelDemands& demands, const std::optional<std::string>& config);

// What a kernel with this configuration lacks to load modules packed by this format, by its option's name;
// empty: nothing. Source: kernel/module/Kconfig and decompress.c.
std::string missing_to_load(std::string_view config, wrap::Format format);

} // namespace mkpxerd::generator
