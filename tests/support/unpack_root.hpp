// SPDX-License-Identifier: MIT
// A root to unpack archives into, and a file beside it that no archive may touch.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/netboot/root/tar_unpacker.hpp"
#include "tar_builder.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

struct UnpackRoot {
    UnpackRoot() {
        std::filesystem::create_directories(root());
        dir.write("outside/victim", "untouched");
    }
    std::filesystem::path root() const { return dir / "root"; }
    Result<netboot::Unpacked> unpack(const TarBuilder& tar) const {
        return netboot::unpack_tar(dir.write("archive", tar.gzip()), root());
    }
    std::string code(const TarBuilder& tar) const {
        const auto result = unpack(tar);
        return result ? "none" : std::string(code_text(result.error().first().code));
    }
    std::string content(std::string_view path) const { return read_file(root() / path).value(); }
    struct stat status(std::string_view path) const {
        struct stat st {};
        REQUIRE(::lstat((root() / path).c_str(), &st) == 0);
        return st;
    }
    TempDir dir;
};

} // namespace mkpxerd::test
