// SPDX-License-Identifier: MIT
#include "mkpxerd/secrets/secret_forms.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace std::string_literals;

TEST_CASE("options of a kernel have URLs with users, passwords of iSCSI and of mounts") {
    const auto option = [](const char* line) {
        const char* what = find_secret_option(line);
        return std::string(what == nullptr ? "" : what);
    };
    CHECK(option("quiet apkovl=https://token@host/x") == "has a URL with user and password");
    for (const char* line :
         {"rd.iscsi.password=s3cret", "netroot=iscsi:me:s3cret@10.0.0.1::::iqn",
          "rootflags=ro,password=s3cret", "systemd.set_credential=passwd.plaintext-password.root:x"})
        CHECK(option(line) == "has a password");
    for (const char* line : {"ip=dhcp root=nfs:10.0.0.1:/srv modules=a,b",
                             "rd.iscsi.password=", "netroot=iscsi:10.0.0.1::::iqn"})
        CHECK(option(line).empty());
    CHECK(find_secret("etc/mkpxerd.d/host.conf", "apkovl=https://token@host/x\n", 28) != nullptr);
}

TEST_CASE("crypttab names the files of keys, and what is none") {
    CHECK(crypttab_key_files("# <name> <device> <key>\nroot /dev/sda2 /crypto_keyfile.bin luks\nswap "
                             "/dev/sda3 /dev/urandom swap\n"
                             "a UUID=1 none\nb UUID=2 -\nc UUID=3 /etc/keys/c.key:LABEL=stick luks\n") ==
          std::vector<std::string>{"crypto_keyfile.bin", "etc/keys/c.key"});
}

TEST_CASE("of programs and compressed files nothing is read, of text and firmware so much") {
    CHECK(secret_bytes_wanted("\x7f"
                              "ELF",
                              100) == 0);
    CHECK(secret_bytes_wanted("\x1f\x8b", 100) == 0);
    CHECK(secret_bytes_wanted("text", 100) == 100);
    CHECK(secret_bytes_wanted("text", 5 << 20) == secret_window);
    CHECK(secret_bytes_wanted("a\0b"s, 5 << 20) == 3);
}
