// SPDX-License-Identifier: MIT
// Readers of the options whose value is more than a text, a flag, a number or a list. Each returns why the
// value is refused; empty: it is fine.
#pragma once

#include <string>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/contract/number_bound.hpp"

namespace mkpxerd {

// How long the countdown after a failure may take.
inline constexpr NumberBound restart_delay{.lowest = 0, .highest = 86400, .unit = "seconds"};

// The values that switch a flag off, as in mkinitfs.
bool is_off(std::string_view value);
std::vector<std::string> comma_list(std::string_view value);

std::string read_repositories(const BootSetting& setting, BootOptions& options);
std::string read_fetch(const BootSetting& setting, BootOptions& options);
std::string read_root_size(const BootSetting& setting, BootOptions& options);
std::string read_init(const BootSetting& setting, BootOptions& options);
std::string read_init_arguments(const BootSetting& setting, BootOptions& options);
std::string read_cloud_source(const BootSetting& setting, BootOptions& options);
std::string read_tiny_cloud(const BootSetting& setting, BootOptions& options);
std::string read_modules(const BootSetting& setting, BootOptions& options);
std::string read_debug(const BootSetting& setting, BootOptions& options);
std::string read_panic(const BootSetting& setting, BootOptions& options);
std::string read_console(const BootSetting& setting, BootOptions& options);
std::string read_serial_detection(const BootSetting& setting, BootOptions& options);
std::string read_resume_offset(const BootSetting& setting, BootOptions& options);
std::string read_on_fail(const BootSetting& setting, BootOptions& options);
std::string read_optional_objects(const BootSetting& setting, BootOptions& options);

} // namespace mkpxerd
