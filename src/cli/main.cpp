// SPDX-License-Identifier: MIT
// The program: finds its own data and runs. Data lie beside the program as in an installation, so that the
// build tree, /usr and any prefix work alike: bin/mkpxerd, lib/mkpxerd/init, share/mkpxerd/.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <system_error>
#include <unistd.h>

#include "mkpxerd/cli/run.hpp"

int main(int argc, char** argv) {
    try {
        std::error_code error;
        const auto prefix =
            std::filesystem::read_symlink("/proc/self/exe", error).parent_path().parent_path();
        const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
        const mkpxerd::cli::CommandContext context{std::cout,
                                                   std::cerr,
                                                   prefix / "share/mkpxerd",
                                                   prefix / "lib/mkpxerd/init",
                                                   epoch != nullptr ? epoch : "",
                                                   ::isatty(STDERR_FILENO) == 1};
        return mkpxerd::cli::run(std::vector<std::string>(argv + 1, argv + argc), context);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mkpxerd: internal error: %s\n", error.what());
        return mkpxerd::cli::exit_failed;
    }
}
