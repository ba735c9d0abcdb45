// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_names.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::generator;

TEST_CASE("a module from outside of the module directory has a place below it") {
    CHECK(image_module_path("/opt/x.ko") == "external/opt/x.ko");
    CHECK(image_module_path("kernel/fs/x.ko") == "kernel/fs/x.ko");
    CHECK(image_module_path("").empty());
}

TEST_CASE("a pattern matches by components, with and without the ending of a compression") {
    const auto matches = module_pattern_matches;
    for (const char* glob :
         {"kernel/fs/nfs.ko", "kernel/fs/nfs.ko.gz", "kernel/fs/nfs.ko.xz", "kernel/fs/nfs.ko.*",
          "kernel/*/n?s.ko", "kernel/fs/[mn]fs.ko", "kernel/fs/nfs.k*"})
        for (const char* path : {"kernel/fs/nfs.ko", "kernel/fs/nfs.ko.gz", "kernel/fs/nfs.ko.zst"}) {
            CAPTURE(glob, path);
            CHECK(matches(glob, path));
        }
    CHECK_FALSE(matches("kernel/fs/nfs", "kernel/fs/nfs.ko"));
    CHECK_FALSE(matches("kernel/fs/nfs.ko.txt", "kernel/fs/nfs.ko"));
}

TEST_CASE("a pattern that ends at a directory stands for all below it, and '*' for one component") {
    const auto matches = module_pattern_matches;
    for (const char* glob : {"kernel", "kernel/", "kernel/fs", "kernel/fs/", "kernel/*", "*"})
        CHECK(matches(glob, "kernel/fs/nfs/nfs.ko"));
    CHECK_FALSE(matches("kernel/f", "kernel/fs/nfs.ko"));
    CHECK_FALSE(matches("kernel/*/nfs.ko", "kernel/fs/nfs/nfs.ko"));
    CHECK_FALSE(matches("kernel/fs/nfs.ko/more", "kernel/fs/nfs.ko"));
    CHECK_FALSE(matches("fs", "kernel/fs/nfs.ko"));
    CHECK_FALSE(matches("", "kernel/fs/nfs.ko"));
}
