// SPDX-License-Identifier: MIT
// What a parser that somebody has taken over could do: a library that is preloaded into mkpxerd and tries it
// once, in the middle of the work. Each attempt is a line: what, and how it ended.
//   INTRUDER_AT       fchmod, memfd_create or readdir: the call of the program that is waited for
//   INTRUDER_REPORT   the lines go here; opened before the program begins
//   INTRUDER_OUTSIDE  a directory that is no business of the program
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// Plain memory: calls come before any constructor has run.
const char* place = nullptr;
const char* outside = nullptr;
int report = -1;

void tell(const char* what, bool done) {
    ::dprintf(report, "%s: %s\n", what, done ? "done" : std::strerror(errno));
}

bool starts_a_program() {
    const pid_t child = ::fork();
    if (child == 0) {
        const char* const environment[] = {nullptr}; // it is no mkpxerd
        ::execle("/bin/true", "true", nullptr, environment);
        ::_exit(errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    return errno == 0;
}

bool makes_code() {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

void intrude(const char* call) {
    if (place == nullptr || std::strcmp(place, call) != 0) return;
    place = nullptr;
    const std::string directory = outside;
    tell("read", ::open("/etc/passwd", O_RDONLY) >= 0);
    tell("write", ::open((directory + "/new").c_str(), O_WRONLY | O_CREAT, 0600) >= 0);
    tell("remove", ::unlink((directory + "/old").c_str()) == 0);
    tell("program", starts_a_program());
    tell("socket", ::socket(AF_INET, SOCK_STREAM, 0) >= 0);
    tell("local socket", ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    tell("signal", ::kill(::getppid(), 0) == 0);
    tell("code", makes_code());
}

__attribute__((constructor)) void arrive() {
    outside = std::getenv("INTRUDER_OUTSIDE");
    const char* file = std::getenv("INTRUDER_REPORT");
    if (outside == nullptr || file == nullptr) return;
    report = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    place = std::getenv("INTRUDER_AT");
}

} // namespace

extern "C" int memfd_create(const char* name, unsigned flags) noexcept {
    intrude("memfd_create");
    return static_cast<int>(::syscall(SYS_memfd_create, name, flags));
}

extern "C" int fchmod(int fd, mode_t mode) noexcept {
    intrude("fchmod");
    return static_cast<int>(::syscall(SYS_fchmod, fd, mode));
}

extern "C" dirent* readdir(DIR* directory) {
    intrude("readdir");
    static const auto next = reinterpret_cast<dirent* (*)(DIR*)>(::dlsym(RTLD_NEXT, "readdir"));
    return next(directory);
}
extern "C" dirent64* readdir64(DIR* directory) {
    intrude("readdir");
    static const auto next = reinterpret_cast<dirent64* (*)(DIR*)>(::dlsym(RTLD_NEXT, "readdir64"));
    return next(directory);
}
