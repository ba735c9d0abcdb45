// SPDX-License-Identifier: MIT
// The files of etc/mkpxerd.d, which the init reads before the command line.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/image/content_source.hpp"

namespace mkpxerd::image {

// Their paths in the view.
std::set<std::string> setting_files(const EffectiveView& view);
// texts: also of other files, which are left out. In the order in which the init reads them.
std::vector<CmdlineSource> settings_in(const Texts& texts);
// Files in the directory that the init does not read, such as "10-site.cfg".
std::vector<Problem> ignored_settings(const EffectiveView& view);
// What the init would refuse in the files that an image brings, and warnings: its own, as of
// check_baked_options(), and ignored files.
Result<std::vector<Problem>> check_setting_files(const EffectiveView& view, const ContentSource& source);

} // namespace mkpxerd::image
