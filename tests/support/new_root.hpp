// SPDX-License-Identifier: MIT
// A fake machine with an empty new root, and functions to examine it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fake_system.hpp"
#include "mkpxerd/base/file.hpp"

namespace mkpxerd::test {

struct NewRoot {
    NewRoot() { std::filesystem::create_directories(system.host("/newroot")); }
    std::string content(std::string_view path) const { return read_file(system.host(path)).value(); }
    std::string link(std::string_view path) const {
        return std::filesystem::read_symlink(system.host(path)).string();
    }
    unsigned mode(std::string_view path) const {
        return static_cast<unsigned>(std::filesystem::status(system.host(path)).permissions()) & 07777U;
    }
    bool exists(std::string_view path) const {
        std::error_code ignored;
        return std::filesystem::exists(std::filesystem::symlink_status(system.host(path), ignored));
    }
    FakeSystem system;
};

} // namespace mkpxerd::test
