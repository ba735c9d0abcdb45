// SPDX-License-Identifier: MIT
// Catch2's main, compiled once. Trees that tests make have the usual permissions, whatever the caller's
// umask: a file that others may not read is a secret.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <sys/stat.h>

int main(int argc, char** argv) {
    ::umask(022);
    return Catch::Session().run(argc, argv);
}
