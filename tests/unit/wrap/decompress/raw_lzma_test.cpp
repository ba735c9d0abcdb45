// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/raw_lzma.hpp"

#include <catch2/catch.hpp>

#include "ipxe_program.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;

namespace {

std::string unpacked(const std::string& program) {
    return wrap::unpack_ipxe(std::as_bytes(std::span(program)));
}

} // namespace

TEST_CASE("the stream of a self-extracting iPXE is found behind its code and unpacked") {
    const std::string features("iPXE\0DNS\0HTTP\0HTTPS\0TFTP\0", 25);
    CHECK(unpacked(test::ipxe_with_https).starts_with(features));
    CHECK(unpacked("code" + std::string(9, '\0') + "code" + test::ipxe_with_https + "more")
              .starts_with(features));
    CHECK(unpacked("code" + test::ipxe_without_https).find("HTTPS") == std::string::npos);
}

TEST_CASE("what is not such a program has no text") {
    CHECK(unpacked("").empty());
    CHECK(unpacked("iPXE").empty());
    CHECK(unpacked(std::string(100000, '\0')).empty());
    std::string noise;
    for (unsigned i = 0; i < 20000; ++i)
        noise += static_cast<char>(i % 7 == 0 ? 0 : i * i);
    CHECK(unpacked(noise).empty());
    CHECK(unpacked(test::ipxe_with_https.substr(0, 8)).empty());
}

// Of the package ipxe of Debian: a real one, where it is installed.
TEST_CASE("an installed iPXE for BIOS tells its features") {
    const auto program = MappedFile::open("/usr/lib/ipxe/undionly.kpxe");
    if (!program) return;
    const std::string text = wrap::unpack_ipxe(program->bytes());
    CHECK(text.find(std::string("TFTP\0", 5)) != std::string::npos);
    CHECK(text.size() > 100000);
}
