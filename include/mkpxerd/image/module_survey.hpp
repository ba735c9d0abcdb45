// SPDX-License-Identifier: MIT
// What the kernel unpacked -> the modules that the init can load, and those that the kernel has built in.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/image/content_source.hpp"

namespace mkpxerd::image {

// Whose init loads the modules.
struct ModuleUser {
    std::string_view version; // of the kernel that loads them; empty: any
    bool is_ours = false;     // our init loads what modules.dep names; others may have another list
};

struct ModuleSurvey {
    std::vector<std::string> places; // of loadable modules, below the module directory: kernel/fs/nfs/nfs.ko
    std::vector<std::string> unlisted; // paths of modules that no modules.dep names
    std::vector<std::string> builtin;  // places
    bool knows_builtin = false;        // the image has a modules.builtin
};

// The paths of the lists that survey_modules() reads.
std::set<std::string> module_lists(const EffectiveView& view, const ModuleUser& user);
// lists: their texts. The place of a module outside kernel/ is that of a module of the same name in
// modules.order, or of its kind; source reads its imports for that.
Result<ModuleSurvey> survey_modules(const EffectiveView& view, const ModuleUser& user, const Texts& lists,
                                    const ContentSource& source);

} // namespace mkpxerd::image
