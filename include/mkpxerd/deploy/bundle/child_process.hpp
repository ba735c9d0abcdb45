// SPDX-License-Identifier: MIT
// Starts the only two external programs: QEMU for a trial, mksquashfs for a modloop.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::deploy {

// The program's full path, searched in PATH and in the directories of root's PATH. Errors name the packages.
Result<std::filesystem::path> find_program(const std::string& name, const std::string& debian_package,
                                           const std::string& alpine_package);

// A pair of descriptors, closed in children.
struct Pipe {
    UniqueFd read;
    UniqueFd write;
    static Result<Pipe> open();
};

class ChildProcess {
  public:
    // input: its standard input; output: its standard output and error. An empty descriptor means /dev/null.
    // more: its descriptor more_output; empty: none.
    static Result<ChildProcess> start(const std::vector<std::string>& command, UniqueFd input,
                                      UniqueFd output, UniqueFd more = {});
    static constexpr int more_output = 3;
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    // Kills the child if it is running. The child also ends with this program.
    ~ChildProcess();

    // Waits for its end. Returns the exit code, or 128 + the signal that ended it.
    int wait();

  private:
    explicit ChildProcess(int pid) : pid_(pid) {}
    int pid_;
};

} // namespace mkpxerd::deploy
