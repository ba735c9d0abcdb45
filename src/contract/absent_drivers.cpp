// SPDX-License-Identifier: MIT
// etc/mkpxerd/absent-drivers: writer and reader side by side.
#include "mkpxerd/contract/absent_drivers.hpp"

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {

std::string write_absent_drivers(const std::vector<AbsentDriver>& drivers) {
    std::string text;
    for (const AbsentDriver& driver : drivers) {
        text += driver.module + ' ' + driver.feature + '\n';
        for (const std::string& pattern : driver.patterns)
            text += pattern + '\n';
    }
    return text;
}

std::vector<AbsentDriver> parse_absent_drivers(std::string_view text) {
    std::vector<AbsentDriver> drivers;
    for (const std::string_view line : split_lines(text)) {
        // Neither module names nor patterns contain spaces.
        if (const auto space = line.find(' '); space != std::string_view::npos)
            drivers.push_back({.module = std::string(line.substr(0, space)),
                               .feature = std::string(line.substr(space + 1))});
        else if (!drivers.empty())
            drivers.back().patterns.emplace_back(line);
    }
    return drivers;
}

} // namespace mkpxerd
