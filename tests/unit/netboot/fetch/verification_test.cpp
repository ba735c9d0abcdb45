// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/verification.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "mkpxerd/netboot/fetch/download_file.hpp"
#include "signer.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// RFC 8032 7.1, test 3.
constexpr const char* public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=";

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
    CHECK(check_sha256("http://h/x", "aa", "aa"));
    const Result<void> wrong = check_sha256(url("http://me:pw@h/x").redacted(), "aa", "bb");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().first().code == "MPX-FETCH-08");
    CHECK_THAT(wrong.error().text(), Catch::StartsWith("http://h/x: has the SHA-256 bb, not aa"));
}

TEST_CASE("a download is hashed on its way, anew after a restart") {
    const test::TempDir directory;
    DownloadFile file = DownloadFile::create(directory / "object").value();
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

TEST_CASE("the name that is signed is what is asked for, without the host") {
    CHECK(signed_name(url("http://me:pw@h:81/aa:bb/x.tar?m=1#sha256=z")) == "/aa:bb/x.tar?m=1");
    CHECK(signed_name(url("https://other/aa:bb/x.tar?m=1")) == "/aa:bb/x.tar?m=1");
    CHECK(signed_name(url("http://h")) == "/");
}

TEST_CASE("a signature speaks of an object, its name and its bytes: of another one it is refused") {
    const test::TempDir directory;
    const test::Signer signer;
    directory.write("keys/a.pub", public_key);
    directory.write("keys/site.pem", signer.public_key());
    const wrap::Ed25519Keys keys = wrap::Ed25519Keys::load(directory / "keys").value();
    const std::string bytes = "an apkovl";
    const SignedObject object{"apkovl", "/aa/x.tar.gz", test::Signer::sha256(bytes)};
    const std::filesystem::path file = directory.write("object", bytes);
    const auto check = [&](const std::string& signature) {
        return check_signature(object, keys, signature, "http://h/aa/x.tar.gz", "http://h/aa/x.tar.gz.sig",
                               file);
    };
    CHECK(check(signer.sign_object("apkovl", "/aa/x.tar.gz", bytes)).value() == "site.pem");
    CHECK(check(signer.sign(signed_text(object))).value() == "site.pem");

    const auto refused = [&](const std::string& signature) {
        const Result<std::string> result = check(signature);
        REQUIRE_FALSE(result);
        CHECK(result.error().first().code == "MPX-FETCH-09");
        return result.error().text();
    };
    for (const std::string& other : {signer.sign_object("apkovl", "/bb/x.tar.gz", bytes),
                                     signer.sign_object("root", "/aa/x.tar.gz", bytes),
                                     signer.sign_object("apkovl", "/aa/x.tar.gz", "another"),
                                     test::Signer().sign_object("apkovl", "/aa/x.tar.gz", bytes)})
        CHECK_THAT(refused(other),
                   Catch::StartsWith("http://h/aa/x.tar.gz: its signature matches no key in the image "
                                     "(a.pub, site.pem), or is not for apkovl /aa/x.tar.gz"));
    CHECK_THAT(refused(signer.sign(bytes)), Catch::Contains("by site.pem covers only the bytes"));
    for (const char* bad : {"", "not base64!", "YWJj", "=AAA"})
        CHECK_THAT(refused(bad), Catch::StartsWith("http://h/aa/x.tar.gz.sig: is not an Ed25519 signature"));
}

TEST_CASE("what a query says is not told when a signature does not fit") {
    const test::TempDir directory;
    directory.write("keys/a.pub", public_key);
    const wrap::Ed25519Keys keys = wrap::Ed25519Keys::load(directory / "keys").value();
    const auto refused = check_signature({"apkovl", "/x?token=s3cret", std::string(64, 'a')}, keys,
                                         std::string(64, 'x'), "o", "s", directory.write("object", "x"));
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().text(), Catch::Contains("apkovl /x?...") && !Catch::Contains("s3cret"));
}

TEST_CASE("only root can read downloads and their directory") {
    const test::TempDir directory;
    DownloadFile file = DownloadFile::create(directory / "mkpxerd/downloads/root/object").value();
    REQUIRE(file.commit());
    const auto mode = [&](const char* path) {
        return std::filesystem::status(directory / path).permissions() & std::filesystem::perms::mask;
    };
    CHECK(mode("mkpxerd/downloads/root/object") == std::filesystem::perms(0600));
    for (const char* path : {"mkpxerd", "mkpxerd/downloads", "mkpxerd/downloads/root"})
        CHECK(mode(path) == std::filesystem::perms(0700));
}
