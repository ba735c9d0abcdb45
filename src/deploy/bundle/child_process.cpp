// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/sandbox.hpp"

namespace mkpxerd::deploy {

Result<std::filesystem::path> find_program(const std::string& name, const std::string& debian_package,
                                           const std::string& alpine_package) {
    const char* path = std::getenv("PATH");
    const std::string directories =
        fmt::format("{}:/usr/local/bin:/usr/bin:/usr/sbin:/sbin", path != nullptr ? path : "");
    for (const auto directory : split(directories, ':')) {
        if (directory.empty()) continue;
        std::filesystem::path file = std::filesystem::path(directory) / name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return fail(name, "is not installed",
                fmt::format("package {} of Debian, {} of Alpine", debian_package, alpine_package));
}

Result<Pipe> Pipe::open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe", "cannot open", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, UniqueFd input,
                                         UniqueFd output, UniqueFd more) {
    if (!input) {
        MKPXERD_TRY_ASSIGN(input, open_file("/dev/null", O_RDONLY));
    }
    if (!output) {
        MKPXERD_TRY_ASSIGN(output, open_file("/dev/null", O_WRONLY));
    }
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid < 0) return fail_errno(command.front(), "cannot start", errno);
    if (pid > 0) return ChildProcess(pid);
    // The child ends with this program, even after Ctrl-C or SIGKILL.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    wrap::lift_bounds(); // they are meant for our own parsers
    if (::getppid() == parent && ::dup2(input.get(), STDIN_FILENO) >= 0 &&
        ::dup2(output.get(), STDOUT_FILENO) >= 0 && ::dup2(output.get(), STDERR_FILENO) >= 0 &&
        (!more || (::dup2(more.get(), more_output) >= 0 && ::fcntl(more_output, F_SETFD, 0) == 0)))
        ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess::~ChildProcess() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    (void)wait();
}

int ChildProcess::wait() {
    int status = 0;
    const int pid = std::exchange(pid_, -1);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace mkpxerd::deploy
