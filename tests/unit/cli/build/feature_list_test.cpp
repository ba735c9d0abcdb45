// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/feature_list.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;

TEST_CASE("features and profiles are listed with their descriptions") {
    test::Program program;
    const auto& dir = program.kernel.dir();
    dir.write("share/mkpxerd/features.d/nfs.modules",
              "# Mounts by NFS. Of all\n# versions.\nkernel/fs/nfs\n");
    dir.write("share/mkpxerd/features.d/bare.files", "/bin/x\n# not this\n");
    dir.write("share/mkpxerd/profiles/network.yaml", "description: Any machine.\nfeatures: [nfs]\n");
    dir.write("etc/mkpxerd/profiles/bad.yaml", "- no profile\n");
    REQUIRE(program.run({"-L", "-b", program.root()}) == 0);
    const std::string data = program.path("share/mkpxerd");
    CHECK(program.out.str() == "feature bare           (" + data + "/features.d)\n" +
                                   "feature nfs            Mounts by NFS\n" + "profile bad            (" +
                                   program.path("etc/mkpxerd/profiles/bad.yaml") + ")\n" +
                                   "profile network        Any machine\n");
    REQUIRE(program.run({"-L", "-v", "-b", program.root()}) == 0);
    CHECK(program.out.str().find("Mounts by NFS (" + data + "/features.d)\n") != std::string::npos);
    REQUIRE(program.run({"-L", "--json", "-b", program.root()}) == 0);
    CHECK(program.out.str().find("\"name\": \"nfs\",\n    \"description\": \"Mounts by NFS\",") !=
          std::string::npos);
    CHECK(program.out.str().find("\"kind\": \"profile\"") != std::string::npos);
}
