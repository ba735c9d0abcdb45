// SPDX-License-Identifier: MIT
// Settings -> the part of a BuildRequest that says how and where the file is written.
#pragma once

#include "mkpxerd/generator/request/setting_reader.hpp"

namespace mkpxerd::generator {

// Output, mode, size limit, compression and times. source_date_epoch: of the environment; empty: not set.
void read_output_settings(SettingReader& settings, const std::string& source_date_epoch,
                          BuildRequest& request);

} // namespace mkpxerd::generator
