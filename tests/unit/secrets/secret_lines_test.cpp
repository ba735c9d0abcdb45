// SPDX-License-Identifier: MIT
// Passwords in lines, through the door of the room.
#include <catch2/catch.hpp>

#include "found_secret.hpp"

using namespace mkpxerd;
using namespace std::string_literals;
using test::found;

namespace {

const std::string hash = "sALt3kQxNz0cYw1PQm8rB0b0h2S8y1o0bqJ1v7ZfW5mXG";

} // namespace

TEST_CASE("hashes of passwords are known in every form of crypt, wherever they stand") {
    const std::string what = "contains hashes of passwords";
    for (const std::string& form : std::vector<std::string>{
             "$1$salt$" + hash.substr(0, 22), "$apr1$salt$" + hash.substr(0, 22),
             "$5$salt$" + hash.substr(0, 43), "$5$rounds=9000$salt$" + hash.substr(0, 43),
             "$6$salt$" + hash + hash.substr(0, 40), "$6$rounds=656000$s.a/lt$" + hash + hash.substr(0, 40),
             "$2b$12$" + hash + hash.substr(0, 7), "$2y$05$" + hash + hash.substr(0, 7),
             "$y$j9T$salt$" + hash.substr(0, 43), "$gy$j9T$salt$" + hash.substr(0, 43),
             "$7$CU..../....salt$" + hash.substr(0, 43), "$sha1$40000$salt$" + hash.substr(0, 28),
             "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" + hash.substr(0, 43)}) {
        INFO(form);
        CHECK(found("root:" + form + ":19700:0:99999:7:::\n") == what);
        CHECK(found("root:!" + form + ":19700:0:99999:7:::\n") == what); // locked, and its hash is there
        CHECK(found("wheel:" + form + "::root\n") == what);              // gshadow
        CHECK(found("root:" + form + ":0:0::0:0:Charlie:/root:/bin/csh\n") == what);
        CHECK(found("name:" + form + "\n") == what); // htpasswd, chpasswd -e
        CHECK(found("    passwd: " + form + "\n") == what);
        CHECK(found("user { name = a; hash = \"" + form + "\" }\n") == what);
    }
    CHECK(found("name:{SHA}" + hash.substr(0, 27) + "=\n") == what);
    CHECK(found("userPassword: {SSHA}" + hash.substr(0, 32) + "\n") == what);
    CHECK(found("password_pbkdf2 root grub.pbkdf2.sha512.10000." + std::string(128, 'A') + "." + hash) ==
          what);
    CHECK(found("root:abJnggxhB/yWI:19700:0:99999:7:::\n") == what); // DES
    CHECK(found("root:abJnggxhB/yWI:0:0:root:/root:/bin/sh\n") == what);
    CHECK(found("u:1000:" + std::string(32, 'X') + ":" + std::string(32, 'A') + ":[U          ]:LCT-5:\n") ==
          what);
}

TEST_CASE("locked logins, and words that only look like hashes, are no secret") {
    for (const char* text :
         {"root:*:19700:0:99999:7:::\ndaemon:!:19700::::::\nx:!!:19700:0:99999:7:::\ny::19700:0:99999:7:::\n",
          "root:x:0:0:root:/root:/bin/sh\n", "wheel:x:10:root\n", "wheel:!::root\n",
          "export PATH=$HOME/bin:$1$2$3\n", "echo \"$6$salt$hash\"\n", "a $1$ b $5$x$y\n",
          "# root:$6$sALt3kQxNz0cYw1P$Qm8rB0b0h2S8y1o0bqJ1v7ZfW5mXG0yq2rTz4l6mUu0H8c9KpQwE1RtYuIoP2aSd:1:\n",
          "tty1:2345:respawn:/sbin/getty 38400 tty1\n", "::sysinit:/sbin/openrc sysinit\n"}) {
        INFO(text);
        CHECK(found(text).empty());
    }
}

TEST_CASE("a URL with a password is told in any text, with a lone user only where that is a token") {
    const std::string what = "contains a URL with a password";
    for (const std::string& text : std::vector<std::string>{
             "https://builder:s3cretpw@mirror.example/alpine/v3.20/main\n",
             "[global]\nindex-url = https://a:b@pypi.example/simple\n",
             "url = https://me:pw@git.example/x.git\n", "https_proxy=\"http://me:p%40w@proxy:3128\"\n",
             "#!/bin/sh\nwget ftp://me:pw@host/file\n",
             "https://" + std::string(40, 'a') + "@git.example/x\n"}) {
        INFO(text);
        CHECK(found(text) == what);
    }
    for (const std::string text :
         {"https://mirror.example/alpine/v3.20/main\n", "ssh://git@git.example/x\n",
          "https://me@git.example/x\n", "# https://user:password@mirror.example/\n", "; http://a:b@c/\n",
          "x = http://host/ # as http://a:b@c/\n", "wget \"https://$USER:$PASSWORD@host/\"\n",
          "https://<user>:<password>@host/\n", "https://host/a:b@c\n", "http://[::1]:80/x@y\n",
          "https://user:@host/\n", "contact: mailto://me\n", "https://a:***@host/\n"}) {
        INFO(text);
        CHECK(found(text).empty());
    }
}
