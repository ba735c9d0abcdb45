// SPDX-License-Identifier: MIT
// A shell script that replaces the program of the same name in PATH as long as the object lives.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "temp_dir.hpp"

namespace mkpxerd::test {

class FakeProgram {
  public:
    FakeProgram(const std::string& name, const std::string& script) : path_(std::getenv("PATH")) {
        std::filesystem::permissions(directory_.write(name, "#!/bin/sh\n" + script + "\n"),
                                     std::filesystem::perms(0755));
        ::setenv("PATH", (directory_.path().string() + ":" + path_).c_str(), 1);
    }
    FakeProgram(const FakeProgram&) = delete;
    FakeProgram& operator=(const FakeProgram&) = delete;
    ~FakeProgram() { ::setenv("PATH", path_.c_str(), 1); }

  private:
    TempDir directory_;
    std::string path_;
};

} // namespace mkpxerd::test
