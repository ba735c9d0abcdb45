// SPDX-License-Identifier: MIT
// The purpose of a kernel module, derived from the symbols that it imports: for drivers outside kernel/ that
// the kernel's own lists do not name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mkpxerd {

// The directory below lib/modules/VERSION where the kernel has such drivers, "kernel/drivers/net/ethernet/";
// empty: no driver of a kind that a boot asks for. drives_devices: the module has an alias of a bus.
std::string_view driver_home(std::span<const std::string> imports, bool drives_devices);

// Does the kernel have drivers of network cards, wired or not, at this place?
bool is_network_driver(std::string_view home);

// A driver of wired network cards at this place? The others below kernel/drivers/net are protocols, PHYs,
// radios and helpers.
bool is_card_driver(std::string_view home);

} // namespace mkpxerd
