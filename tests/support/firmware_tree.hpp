// SPDX-License-Identifier: MIT
// Firmware of a module, in a directory of its own.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/generator/types.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

struct FirmwareTree {
    TempDir dir;
    std::vector<generator::Firmware> firmware;
    void add(const std::string& name, const std::string& content, const std::string& module = "driver") {
        generator::Firmware file;
        file.path = "lib/firmware/" + name;
        file.source = dir.write(name, content);
        file.size = content.size();
        file.reason.from = module;
        firmware.push_back(file);
    }
};

} // namespace mkpxerd::test
