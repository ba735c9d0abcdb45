// SPDX-License-Identifier: MIT
// The directory of keys: every file of it is a key or an error.
#include "mkpxerd/wrap/ed25519.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "failure_text.hpp"
#include "signer.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

// RFC 8032 7.1, test 3: key, message, signature.
constexpr const char* public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n";
constexpr std::string_view message("\xaf\x82", 2);
constexpr const char* signature =
    "YpHWV97sJAJIJ+acOr4BowzlSKKEdDpEXjaA19taw6wY/5tTjRbykK5n92CYTcZZSnwV6XFu\n0o3AJ77O6h7ECg==\n";

std::string refusal(const std::filesystem::path& directory) {
    const auto keys = Ed25519Keys::load(directory);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().first().code == "MPX-FETCH-11");
    return keys.error().first().object + ": " + keys.error().first().text;
}

} // namespace

TEST_CASE("a key counts by what is in its file, whatever the file is called") {
    for (const char* name : {"site.pub", "site.pem", "site", ".site", "site.pub.bak"}) {
        INFO(name);
        const test::TempDir dir;
        dir.write(std::string("keys/") + name, public_key);
        const auto keys = Ed25519Keys::load(dir / "keys");
        REQUIRE(keys);
        CHECK(keys->names() == std::vector<std::string>{name});
        CHECK(keys->signer(std::as_bytes(std::span(message)), parse_signature(signature).value()) == name);
    }
    CHECK(Ed25519Keys::load(test::TempDir() / "absent").value().empty());
}

TEST_CASE("a file in the directory of keys that is not a key is named, whatever its name") {
    const test::TempDir dir;
    dir.write("keys/good.pub", public_key);
    const auto with = [&](const char* name, std::string_view content) {
        const auto file = dir.write(std::string("keys/") + name, content);
        const std::string text = refusal(dir / "keys");
        std::filesystem::remove(file);
        CHECK_THAT(text, Catch::Contains(std::string("keys/") + name + ": "));
        return text;
    };
    for (const char* name : {"site.pem", "site.pub", "README", ".hidden"})
        CHECK_THAT(with(name, "nonsense"), Catch::EndsWith("contains no Ed25519 public key"));
    CHECK_THAT(with("empty", ""), Catch::EndsWith("contains no Ed25519 public key"));
    CHECK_THAT(with("short.pub", "MCowBQYDK2VwAyEA"), Catch::EndsWith("contains no Ed25519 public key"));
    const test::Signer signer;
    CHECK_THAT(with("site.pem", signer.private_key()), Catch::Contains("contains a private key"));
    CHECK_THAT(with("site.pub", signer.public_key() + signer.private_key()),
               Catch::Contains("contains a private key"));
    CHECK_THAT(with("both.pub", signer.public_key() + signer.public_key()),
               Catch::EndsWith("contains more than one key"));
    CHECK_THAT(with("huge", std::string(1 << 20, 'A')), Catch::Contains("is larger than"));

    const auto made = [&](const std::filesystem::path& path) {
        const std::string text = refusal(dir / "keys");
        std::filesystem::remove_all(path);
        CHECK_THAT(text, Catch::Contains(path.string() + ": "));
    };
    std::filesystem::create_directory(dir / "keys/directory");
    made(dir / "keys/directory");
    REQUIRE(::mkfifo((dir / "keys/pipe").c_str(), 0600) == 0);
    made(dir / "keys/pipe");
    std::filesystem::create_symlink("nowhere", dir / "keys/link.pub");
    made(dir / "keys/link.pub");
    std::filesystem::create_symlink("good.pub", dir / "keys/link.pub");
    CHECK(Ed25519Keys::load(dir / "keys").value().names().size() == 2);
}

TEST_CASE("a directory of keys that cannot be read, or has none, is an error and not an image without keys") {
    const test::TempDir dir;
    std::filesystem::create_directory(dir / "empty");
    CHECK_THAT(refusal(dir / "empty"), Catch::EndsWith("is empty"));
    dir.write("file", public_key);
    CHECK_THAT(refusal(dir / "file"), Catch::Contains("cannot be read: Not a directory"));
    std::filesystem::create_symlink("nowhere", dir / "link");
    CHECK_THAT(refusal(dir / "link"), Catch::Contains("cannot be read: "));
}
