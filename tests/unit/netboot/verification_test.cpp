// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/verification.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/netboot/download_file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// RFC 8032 7.1, test 3: key, message, signature.
constexpr const char* public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=";
constexpr std::string_view message("\xaf\x82", 2);
constexpr const char* signature =
    "YpHWV97sJAJIJ+acOr4BowzlSKKEdDpEXjaA19taw6wY/5tTjRbykK5n92CYTcZZSnwV6XFu\n0o3AJ77O6h7ECg==\n";

Url url(std::string_view text) {
    return parse_url(text).value();
}

} // namespace

TEST_CASE("a hash behind a URL is taken, anything else there is refused") {
    const std::string hash(64, 'a');
    CHECK(pinned_sha256(url("http://h/x#sha256=" + hash)).value() == hash);
    CHECK(pinned_sha256(url("http://h/x#sha256=" + std::string(64, 'A'))).value() == hash);
    CHECK_FALSE(pinned_sha256(url("http://h/x")).value());
    for (const std::string& bad :
         {std::string("#sha256="), "#sha256=" + std::string(63, 'a'), "#sha256=" + std::string(64, 'g'),
          "#sha265=" + hash, std::string("#x"), "#sha512=" + hash}) {
        INFO(bad);
        const Result<std::optional<std::string>> pin = pinned_sha256(url("http://h/x" + bad));
        REQUIRE_FALSE(pin);
        CHECK(pin.error().first().code == "MPX-FETCH-01");
    }
}

TEST_CASE("a wrong hash names both") {
    CHECK(check_sha256(url("http://h/x"), "aa", "aa"));
    const Result<void> wrong = check_sha256(url("http://me:pw@h/x"), "aa", "bb");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().first().code == "MPX-FETCH-08");
    CHECK_THAT(wrong.error().text(), Catch::StartsWith("http://h/x: has the SHA-256 bb, not aa"));
}

TEST_CASE("a download is hashed on its way, anew after a restart") {
    const test::TempDir folder;
    DownloadFile file = DownloadFile::create(folder / "object").value();
    file.hash();
    const std::string_view text = "abc";
    REQUIRE(file.write({text.data(), 1}));
    REQUIRE(file.restart());
    REQUIRE(file.write({text.data(), 1}));
    REQUIRE(file.write({text.data() + 1, 2}));
    CHECK(file.digest() ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2 B.1
}

TEST_CASE("a signature lies beside its object") {
    CHECK(signature_url(url("http://h/a/x?token=y#sha256=z")).target == "/a/x.sig?token=y");
    CHECK(signature_url(url("http://h/a/x")).target == "/a/x.sig");
    CHECK(signature_url(url("ftp://h/a?x")).target == "/a?x.sig");
    CHECK(signature_url(url("http://h/a#b")).fragment.empty());
}

TEST_CASE("a signature of a key in the image is accepted, plain or in base64, and no other") {
    const test::TempDir folder;
    folder.write("keys/a.pub", "MCowBQYDK2VwAyEA");
    CHECK(wrap::Ed25519Keys::load(folder / "keys").error().first().code == "MPX-FETCH-11");
    // Another key, as `openssl pkey -pubout` writes it (RFC 8410 10.1).
    folder.write("keys/a.pub",
                 "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                 "-----END PUBLIC KEY-----\n");
    folder.write("keys/b.pub", std::string(public_key) + "\n");
    folder.write("keys/readme", "no key");
    const wrap::Ed25519Keys keys = wrap::Ed25519Keys::load(folder / "keys").value();
    CHECK(keys.names() == std::vector<std::string>{"a.pub", "b.pub"});
    const std::filesystem::path object = folder.write("object", message);
    const std::filesystem::path base64 = folder.write("object.sig", signature);
    CHECK(check_signature(url("http://h/x"), keys, object, base64).value() == "b.pub");
    const wrap::Ed25519Signature raw = wrap::parse_signature(signature).value();
    const std::filesystem::path plain =
        folder.write("plain.sig", std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()));
    CHECK(check_signature(url("http://h/x"), keys, object, plain).value() == "b.pub");

    const std::filesystem::path changed = folder.write("changed", "\xaf\x83");
    const Result<std::string> refused = check_signature(url("http://h/x"), keys, changed, base64);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == "MPX-FETCH-09");
    CHECK_THAT(refused.error().text(), Catch::Contains("a.pub, b.pub"));
    for (const char* bad : {"", "not base64!", "YWJj", "=AAA"}) {
        const std::filesystem::path file = folder.write("bad.sig", bad);
        CHECK(check_signature(url("http://h/x"), keys, object, file).error().first().code == "MPX-FETCH-09");
    }
    CHECK(wrap::Ed25519Keys::load(folder / "nowhere").value().empty());
}
