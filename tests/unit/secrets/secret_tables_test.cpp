// SPDX-License-Identifier: MIT
// Files that are lists of secrets, through the door of the room.
#include <catch2/catch.hpp>

#include "found_secret.hpp"

using namespace mkpxerd;
using namespace std::string_literals;
using test::found;

TEST_CASE("passwords of people and services are known by their files and settings") {
    const std::string table = "contains passwords";
    CHECK(found("machine mirror.example login builder password s3cretpw\n") == table);
    CHECK(found("# mine\nmachine m\n  login b\n  password p\ndefault login anonymous password me\n") ==
          table);
    CHECK(found("db.example:5432:*:builder:s3cretpw\n") == table);
    CHECK(found("*:*:*:builder:s3cret\\:pw\n") == table);
    const std::string password = "contains a password";
    CHECK(found("root/.curlrc", "user = \"builder:s3cretpw\"\n") == password);
    CHECK(found("root/.curlrc", "-u builder:s3cretpw\n") == password);
    CHECK(found("proxy-user = \"builder:s3cretpw\"\n") == password);
    CHECK(found("[client]\nuser=root\npassword=s3cretpw\n") == password);
    CHECK(found("username=builder\npassword=s3cretpw\ndomain=LAB\n") == password);
    CHECK(found("//nas/share /mnt cifs username=me,password=s3cretpw 0 0\n") == password);
    CHECK(found("#cloud-config\npassword: s3cretpw\n") == password);
    CHECK(found("#cloud-config\nusers:\n - name: a\n   plain_text_passwd: s3cretpw\n") == password);
    CHECK(found("rootpw --plaintext s3cretpw\n") == password);
    CHECK(found("bindpw s3cretpw\n") == password);
    CHECK(found("createUser admin SHA \"s3cretpw\" AES\n") == password);
    CHECK(found("export PGPASSWORD=s3cretpw\n") == password);
    CHECK(found("{\n  \"user\": \"me\",\n  \"password\": \"s3cretpw\"\n}\n") == password);
    CHECK(found("{\"auths\":{\"r.example\":{\"auth\":\"bWU6czNjcmV0\"}}}") ==
          "contains logins of registries");
    CHECK(found("[default]\naws_access_key_id = AKIA\naws_secret_access_key = wJalrXUtnFEMI\n") ==
          "contains a key of AWS");
    CHECK(found("//registry.example/:_authToken=abcdef\n") == "contains a token of a service");
    CHECK(found("[http]\n\textraheader = AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW4=\n") ==
          "contains a token of a service");
    CHECK(found("header = \"Authorization: Bearer $TOKEN\"\n").empty());
    CHECK(found("token ghp_" + std::string(36, 'a') + "\n") == "contains a token of a service");
}

TEST_CASE("a table is known by every line of it, or by its name") {
    CHECK(found("etc/ppp/pap-secrets", "# none yet\n").empty());
    CHECK(found("etc/ppp/pap-secrets", "guest * s3cret\n") == "contains passwords");
    CHECK(found("etc/ppp/options", "guest * s3cret *\n").empty());
    CHECK(found("db.example:5432:*:builder:s3cretpw\nthis is prose\n").empty());
    CHECK(found("db.example:5432:*:builder:\n").empty());
    CHECK(found("machine m login me\n").empty());
}
