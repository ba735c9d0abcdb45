// SPDX-License-Identifier: MIT
// Signs with an Ed25519 key as in docs/signatures.md: by the program openssl, which shares no code with the
// code under test.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/sha256.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

class Signer {
  public:
    Signer() {
        openssl("genpkey -algorithm ed25519 -out key");
        openssl("pkey -in key -pubout -out pub");
    }
    std::string public_key() const { return read_file(directory_ / "pub").value(); }
    std::string private_key() const { return read_file(directory_ / "key").value(); }
    // 64 bytes.
    std::string sign(std::string_view message) const {
        directory_.write("message", message);
        openssl("pkeyutl -sign -inkey key -rawin -in message -out sig");
        return read_file(directory_ / "sig").value();
    }
    std::string sign_object(std::string_view role, std::string_view name, const std::string& bytes) const {
        return sign(fmt::format("mkpxerd signature 1\nobject: {}\nname: {}\nsha256: {}\n", role, name,
                                sha256(bytes)));
    }
    static std::string sha256(const std::string& bytes) {
        wrap::Sha256 hash;
        hash.update(std::as_bytes(std::span(bytes)));
        return wrap::to_hex(hash.finish());
    }

  private:
    void openssl(const std::string& words) const {
        REQUIRE(
            std::system(fmt::format("cd {} && openssl {} >/dev/null 2>&1", directory_.path().string(), words)
                            .c_str()) == 0);
    }
    TempDir directory_;
};

} // namespace mkpxerd::test
