// SPDX-License-Identifier: MIT
// Keys in binary forms, through the door of the room.
#include <catch2/catch.hpp>

#include "found_secret.hpp"

using namespace mkpxerd;
using namespace std::string_literals;
using test::found;

namespace {

// DER: tag, length, content.
std::string der(char tag, const std::string& content) {
    std::string element(1, tag);
    if (content.size() < 0x80)
        element += static_cast<char>(content.size());
    else
        element += {'\x82', static_cast<char>(content.size() >> 8), static_cast<char>(content.size() & 0xff)};
    return element + content;
}
std::string sequence(const std::string& content) {
    return der('\x30', content);
}
std::string object(const std::string& bytes) {
    return der('\x06', bytes);
}

const std::string number(256, '\x5a');
const std::string version0 = der('\x02', "\0"s);
const std::string rsa = object("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");

} // namespace

TEST_CASE("private keys in DER are told from certificates, public keys and firmware") {
    const std::string what = "contains a private key";
    const std::string pkcs8 = sequence(version0 + sequence(rsa + der('\x05', "")) + der('\x04', number));
    CHECK(found(pkcs8) == what);
    CHECK(found(pkcs8 + "\n") == what);
    const std::string curve = object("\x2b\x65\x70"); // Ed25519
    CHECK(found(sequence(version0 + sequence(curve) + der('\x04', der('\x04', number.substr(0, 32))))) ==
          what);
    CHECK(found(sequence(version0 + der('\x02', number) + der('\x02', "\1\0\1"s) + der('\x02', number))) ==
          what);
    CHECK(found(sequence(der('\x02', "\1") + der('\x04', number.substr(0, 32)) +
                         der('\xa0', object("\x2a")))) == what);
    const std::string pbes2 = object("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d");
    CHECK(found(sequence(sequence(pbes2 + sequence("")) + der('\x04', number))) == what);
    const std::string bag = object("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02");
    const std::string safe = sequence(object("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01") + der('\xa0', bag));
    CHECK(found(sequence(der('\x02', "\3") + safe)) == what);

    CHECK(found(sequence(der('\x02', "\3") + sequence(rsa))).empty()); // certificates alone
    CHECK(found(sequence(sequence(der('\xa0', version0)) + sequence(rsa) + der('\x03', number))).empty());
    CHECK(found(sequence(sequence(rsa) + der('\x03', number))).empty());          // public, SPKI
    CHECK(found(sequence(der('\x02', number) + der('\x02', "\1\0\1"s))).empty()); // public, PKCS#1
    CHECK(found(pkcs8 + number).empty());                                         // something else
    CHECK(found(pkcs8.substr(0, 100)).empty());
    for (std::size_t size = 0; size < 64; ++size)
        CHECK(found(pkcs8.substr(0, size)).empty());
}

TEST_CASE("host keys of Dropbear are known") {
    CHECK(found("\0\0\0\x0bssh-ed25519\0\0\0\x40"s + std::string(64, 'k')) == "contains a private key");
    CHECK(found("\0\0\0\7ssh-rsa\0\0\0\3\1\0\1"s + std::string(300, 'k')) == "contains a private key");
    CHECK(found("\0\0\0\7ssh-rs"s).empty());
    CHECK(found("\0\0\0\x08ssh-rsax"s).empty());
}

TEST_CASE("keys in stores of Java, Kerberos and OpenPGP are known") {
    const std::string store = "\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1"s;
    CHECK(found(store + "\0\0\0\1\0\1a"s + std::string(8, '\0')) == "contains a private key");
    CHECK(found(store + "\0\0\0\2\0\1a"s + std::string(8, '\0') + "\0\5X.509\0\0\0\1c"s).empty());
    const std::string entry =
        "\0\2\0\1R\0\4host\0\1h\0\0\0\1eeee\2\0\22\0\40"s + std::string(32, 'k') + "\0\0\0\2"s;
    const std::string length = {'\0', '\0', '\0', static_cast<char>(entry.size())};
    CHECK(found("\5\2"s + length + entry) == "contains keys of Kerberos");
    CHECK(found("\5\2\xff\xff\xff\xfc"s + "hole" + length + entry) == "contains keys of Kerberos");
    const std::string little = {static_cast<char>(entry.size()), '\0', '\0', '\0'};
    CHECK(found("\5\1"s + little + "\3\0\1\0R\4\0host\1\0h"s + entry.substr(14)) ==
          "contains keys of Kerberos");
    CHECK(found("\5\2"s).empty());
    CHECK(found("\5\2\0\0\0\0"s).empty());
    CHECK(found("\5\2\0\1\0\0firmware"s + std::string(100, 'x')).empty());
    const std::string secret = "\x95\0\x20\4"s + std::string(31, 'k');
    CHECK(found(secret + "\xb4\4name") == "contains a private key");
    CHECK(found(secret) == "contains a private key");
    CHECK(found("\x99\0\x20\4"s + std::string(31, 'k') + "\xb4\4name").empty()); // public
}
