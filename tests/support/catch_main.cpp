// SPDX-License-Identifier: MIT
// Catch2's main, compiled once. Trees that tests make have the usual permissions, whatever the caller's
// umask: a file that others may not read is a secret. They lie in memory where there is room, since the
// tests make thousands of files.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace {

// Programs in it can be started, and it holds the largest test.
bool is_roomy(const char* directory) {
    constexpr std::uint64_t bytes_needed = std::uint64_t{1} << 30;
    struct statvfs st {};
    return ::access(directory, W_OK | X_OK) == 0 && ::statvfs(directory, &st) == 0 &&
           (st.f_flag & (ST_NOEXEC | ST_RDONLY)) == 0 &&
           std::uint64_t{st.f_bavail} * st.f_frsize >= bytes_needed;
}

} // namespace

int main(int argc, char** argv) {
    ::umask(022);
    if (is_roomy("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
    return Catch::Session().run(argc, argv);
}
