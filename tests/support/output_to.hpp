// SPDX-License-Identifier: MIT
// As long as the object lives, the standard output of this process is a file.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::test {

class OutputTo {
  public:
    explicit OutputTo(const std::filesystem::path& file) : before_(::dup(STDOUT_FILENO)) {
        const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!fd || ::dup2(fd.get(), STDOUT_FILENO) < 0) throw std::runtime_error("no standard output");
    }
    OutputTo(const OutputTo&) = delete;
    OutputTo& operator=(const OutputTo&) = delete;
    ~OutputTo() { ::dup2(before_.get(), STDOUT_FILENO); }

  private:
    UniqueFd before_;
};

} // namespace mkpxerd::test
