// SPDX-License-Identifier: MIT
// Options of dracut, mkinitcpio and booster that are not ours, with ours: the tables of docs/from-others.md.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mkpxerd::cli {

struct ForeignSwitch {
    std::string_view words; // between blanks
    std::string_view ours;
};
std::span<const ForeignSwitch> foreign_switches();

// What to write in place of the option, which may have its value attached: "-gFILE". nullopt: no such option.
std::optional<std::string_view> ours_for(std::string_view option);

} // namespace mkpxerd::cli
