// SPDX-License-Identifier: MIT
// The commands on images as command lines, and a small image for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compressed_archives.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

struct ImageTool : CommandRunner {
    TempDir dir;
    int run(const std::vector<std::string>& arguments) {
        return run_with(dir / "share", dir / "init", arguments);
    }
    std::string write(std::string_view name, std::string_view content) {
        return dir.write(name, content).string();
    }
};

inline NewcBuilder sample() {
    NewcBuilder b;
    b.file("init", "#!", 0755).directory("etc").file("etc/a", "one\n").link("etc/l", "a");
    b.add({.name = "dev", .mode = 0040755})
        .add({.name = "dev/null", .mode = 0020666, .mtime = 86400, .major = 1, .minor = 3});
    b.trailer();
    return b;
}

inline std::string two_parts() {
    std::string file = sample().text();
    return file + compressed_gzip();
}

} // namespace mkpxerd::test
