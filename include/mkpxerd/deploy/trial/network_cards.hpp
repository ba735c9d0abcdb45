// SPDX-License-Identifier: MIT
// Models of network cards that QEMU emulates.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

// Names and aliases of the PCI network cards in the output of `qemu-system-x86_64 -device help`.
std::vector<std::string> read_card_models(std::string_view device_help);

// Errors: each card that the program lacks, with the nearest name. A card is a model, or a model with
// properties: "e1000,mac=52:54:00:00:00:07". No cards: the program is not started.
Result<void> check_network_cards(const std::filesystem::path& emulator,
                                 const std::vector<std::string>& cards);

} // namespace mkpxerd::deploy
