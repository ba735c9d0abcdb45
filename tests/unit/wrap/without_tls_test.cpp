// SPDX-License-Identifier: MIT
// What stands in the place of OpenSSL refuses; it lets nothing pass.
#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "mkpxerd/wrap/ed25519.hpp"
#include "mkpxerd/wrap/tls.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

TEST_CASE("without TLS every https fails with what the image lacks, also when authorities are there") {
    const test::TempDir dir;
    const std::vector<std::filesystem::path> files = {dir.write("ca.pem", "-----BEGIN CERTIFICATE-----")};
    const auto trust = TlsTrust::load(files);
    REQUIRE_FALSE(trust);
    CHECK(trust.error().first().code == "MPX-TLS-06");
    CHECK(trust.error().first().hint == "build with feature https, or --ca FILE");
}

TEST_CASE("without signatures a key in the image is a failure, not a signature that nobody checks") {
    CHECK(Ed25519Keys::load(test::TempDir() / "absent").value().empty());
    for (const char* name : {"site.pub", "site.pem", ".site", "README"}) {
        const test::TempDir dir;
        dir.write(name, "any");
        const auto keys = Ed25519Keys::load(dir.path());
        REQUIRE_FALSE(keys);
        CHECK(keys.error().first().code == "MPX-FETCH-11");
        CHECK(keys.error().first().object.ends_with(name));
    }
    const test::TempDir empty;
    CHECK(Ed25519Keys::load(empty.path()).error().first().code == "MPX-FETCH-11");
}
