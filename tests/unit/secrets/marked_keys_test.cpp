// SPDX-License-Identifier: MIT
// Keys in text, through the door of the room.
#include <catch2/catch.hpp>

#include "found_secret.hpp"

using namespace mkpxerd;
using namespace std::string_literals;
using test::found;

TEST_CASE("private keys between marks are known by their words, public ones are none") {
    const std::string what = "contains a private key";
    for (const char* text :
         {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "-----BEGIN PRIVATE KEY-----\r\nMII\r\n",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n", "-----BEGIN EC PRIVATE KEY-----\nMII\n",
          "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
          "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n",
          "key: |\n    -----BEGIN PRIVATE KEY-----\n    MII\n",
          "{\"key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG\"}",
          "-----BEGIN OpenVPN Static key V1-----\nabc\n", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n",
          "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "Key: (private-key (ecc\n",
          "Created: 2024\nKey: (protected-private-key (rsa\n", "(11:private-key(3:ecc",
          "Private-key-format: v1.3\n",
          "# public key: age1x\nAGE-SECRET-KEY-1QQPQZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQQPQZRY9X8GF2TVDW0S3JN5\n",
          "untrusted comment: minisign encrypted secret key\nRWRTY0Iy\n",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"d\":\"b2xk\"}",
          "users:\n- user:\n    client-key-data: LS0tLS1CRUdJTg==\n"}) {
        INFO(text);
        CHECK(found(text) == what);
    }
    CHECK(found("DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:\n") == "contains a key of NVMe");
    for (const char* text :
         {"-----BEGIN PUBLIC KEY-----\nMII\n", "-----BEGIN CERTIFICATE-----\nMII\n",
          "-----BEGIN SSH2 PUBLIC KEY-----\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n",
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINW4rWfxnRwb root@host7\n",
          "if grep -q -- '-----BEGIN RSA PRIVATE KEY-----' \"$1\"; then\n",
          "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudx\n",
          "untrusted comment: minisign public key\nRWQ\n", "keys begin with AGE-SECRET-KEY-1\n",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}"}) {
        INFO(text);
        CHECK(found(text).empty());
    }
    CHECK(found("bin/tool", "\x7f"
                            "ELF-----BEGIN PRIVATE KEY-----\nMII\n")
              .empty());
}
