// SPDX-License-Identifier: MIT
// The parts of the kernel's configuration that matter to an image.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {

// The kernel's configuration, from a file (boot/config-VERSION, lib/modules/VERSION/config,
// .../build/.config) or from the kernel itself (boot/vmlinuz-VERSION, lib/modules/VERSION/vmlinuz).
std::optional<std::string> read_kernel_config(const Sysroot& tree, const std::string& kernel_version);

// "CONFIG_NAME=y" in a configuration? name with CONFIG_. Pure.
bool is_enabled(std::string_view config, std::string_view name);

// The option that the kernel lacks to unpack an initrd of this encoding ("gzip", "bzip2"): CONFIG_RD_*,
// usr/Kconfig. Empty: it can unpack it, or its configuration is not available.
std::string missing_to_unpack(const std::optional<std::string>& config, std::string_view encoding);

// Errors: the configuration is available and says that this kernel cannot unpack the format.
Result<void> check_kernel_unpacks(const std::optional<std::string>& config, const std::string& kernel_version,
                                  wrap::Format format);

// Why the kernel would reject a stream with these demands; empty: it would not. Without its configuration,
// the kernel is assumed to have only the filter for programs of this machine's architecture.
std::string find_refusal(const wrap::KernelDemands& demands, const std::optional<std::string>& config);

// The option that a kernel with this configuration lacks to load modules of this format; empty: none. Source:
// kernel/module/Kconfig and decompress.c.
std::string missing_to_load(std::string_view config, wrap::Format format);

// The same for its firmware loader, drivers/base/firmware_loader/Kconfig: up to 5.18,
// CONFIG_FW_LOADER_COMPRESS alone means xz. Precondition: zstd or xz.
std::string missing_to_load_firmware(std::string_view config, wrap::Format format);

} // namespace mkpxerd::generator
