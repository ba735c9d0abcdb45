// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_load.hpp"

#include <fmt/format.h>

namespace mkpxerd::netboot {

std::vector<std::string> still_loading(const std::vector<ModuleLoad>& loads, Clock::time_point now) {
    std::vector<std::string> texts;
    for (const ModuleLoad& load : loads)
        if (is_running(load))
            texts.push_back(fmt::format("{}{} for {} s", load.name,
                                        load.device.empty() ? "" : fmt::format(" ({})", load.device),
                                        std::chrono::floor<std::chrono::seconds>(now - *load.begun).count()));
    return texts;
}

} // namespace mkpxerd::netboot
