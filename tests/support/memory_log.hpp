// SPDX-License-Identifier: MIT
// A log in memory, for tests to search.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::test {

class MemoryLog final : public netboot::Log {
  public:
    void line(netboot::LogLevel level, std::string_view text) override { lines.emplace_back(level, text); }
    void detail(LogSubject, std::string_view text) override {
        lines.emplace_back(netboot::LogLevel::Detail, text);
    }
    bool says(std::string_view part) const {
        for (const auto& [level, text] : lines)
            if (text.find(part) != std::string::npos) return true;
        return false;
    }
    std::vector<std::pair<netboot::LogLevel, std::string>> lines;
};

} // namespace mkpxerd::test
