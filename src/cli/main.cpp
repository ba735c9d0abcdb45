// SPDX-License-Identifier: MIT
// The program: finds its own data and runs. The data are beside the program as in an installation, so that
// the build tree, /usr and any prefix work alike: bin/mkpxerd, lib/mkpxerd/init, share/mkpxerd/.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <malloc.h>
#include <new>
#include <system_error>
#include <unistd.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/cli/run.hpp"

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

// XDG Base Directory Specification: ignore a relative path.
std::filesystem::path cache_directory() {
    const std::filesystem::path base = environment("XDG_CACHE_HOME");
    if (base.is_absolute()) return base / "mkpxerd";
    const std::filesystem::path home = environment("HOME");
    return home.is_absolute() ? home / ".cache/mkpxerd" : std::filesystem::path();
}

// A build allocates and frees large blocks. The heap reuses them; otherwise each is mapped again, and the
// kernel clears its pages.
void keep_large_blocks() {
#ifdef __GLIBC__
    constexpr int largest_threshold = 32 << 20; // the limit of mallopt(3) with 64 bits
    ::mallopt(M_MMAP_THRESHOLD, largest_threshold);
    ::mallopt(M_TRIM_THRESHOLD, 2 * largest_threshold);
#endif
}

// Sanitizers need ptrace at the end of the process, and unlimited address space.
#ifdef MKPXERD_SANITIZED
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

} // namespace

int main(int argc, char** argv) {
    keep_large_blocks();
    try {
        std::error_code error;
        const auto prefix =
            std::filesystem::read_symlink("/proc/self/exe", error).parent_path().parent_path();
        const mkpxerd::cli::CommandContext context{std::cout,
                                                   std::cerr,
                                                   prefix / "share/mkpxerd",
                                                   prefix / "lib/mkpxerd/init",
                                                   environment("SOURCE_DATE_EPOCH"),
                                                   ::isatty(STDERR_FILENO) == 1,
                                                   cache_directory(),
                                                   !is_sanitized};
        return mkpxerd::cli::run(std::vector<std::string>(argv + 1, argv + argc), context);
    } catch (const std::bad_alloc&) {
        // Each reader has its own limit; this is for machines with less memory.
        std::fputs(
            "mkpxerd: error: out of memory: the command needs more than this machine or a limit on the "
            "program allows\n",
            stderr);
        return mkpxerd::cli::exit_failed;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mkpxerd: internal error: %s\n", mkpxerd::printable(error.what()).c_str());
        return mkpxerd::cli::exit_failed;
    }
}
