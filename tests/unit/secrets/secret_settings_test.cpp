// SPDX-License-Identifier: MIT
// Passwords in settings, through the door of the room.
#include <catch2/catch.hpp>

#include "found_secret.hpp"

using namespace mkpxerd;
using namespace std::string_literals;
using test::found;

TEST_CASE("passwords of networks, tunnels and disks are known by their settings") {
    const std::string wireless = "contains the key of a wireless network";
    CHECK(found("network={\n\tssid=\"lab\"\n\tpsk=\"correct horse battery\"\n}\n") == wireless);
    CHECK(found("ssid=lab\nwpa_passphrase=$ecret horse\n") == wireless);
    CHECK(found("[wifi]\nssid=lab\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=correct horse\n") == wireless);
    CHECK(found("[Security]\nPreSharedKey=00112233445566778899\nPassphrase=correct horse\n") == wireless);
    CHECK(found("network={\n ssid=\"lab\"\n identity=\"me\"\n password=\"s3cret\"\n}\n") ==
          "contains a password");
    const std::string tunnel = "contains a key of WireGuard";
    CHECK(found("[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n") == tunnel);
    CHECK(found("[WireGuard]\nPrivateKey=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n") == tunnel);
    CHECK(found("[wireguard]\nprivate-key=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n") == tunnel);
    CHECK(found("[Peer]\nPresharedKey = /Anz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n") == tunnel);
    CHECK(found("node.session.auth.password = s3cretchap12\n") == "contains a CHAP password of iSCSI");
    CHECK(found("203.0.113.1 203.0.113.2 : PSK \"a long shared secret\"\n") == "contains secrets of IPsec");
    CHECK(found(": PSK 0sFpZAZqEN6Ti9sqt4ZP5EWcqx\n") == "contains secrets of IPsec");
    CHECK(found("carol : EAP \"Ar3etTnp\"\n") == "contains secrets of IPsec");
    CHECK(found("client nas {\n\tsecret = testing123\n}\n") == "contains a shared secret");
    CHECK(found("key \"k\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0\";\n};\n") ==
          "contains a shared secret");
    CHECK(found("auth_server_shared_secret=radius\n") == "contains a secret of RADIUS");
    CHECK(found("etc/ppp/chap-secrets", "client * s3cret *\n") == "contains passwords");
    CHECK(found("etc/racoon/psk.txt", "10.0.0.1 s3cret\n") == "contains passwords");
    CHECK(found("crypto_keyfile.bin", std::string(2048, '\x81')) == "is the key of an encrypted disk");
    CHECK(found("etc/cryptsetup-keys.d/root.key", "abc") == "is the key of an encrypted disk");
}

TEST_CASE("commented-out, empty, placeholder and referenced values are not secrets") {
    for (const char* text : {"node.startup = automatic\n#node.session.auth.password = password\n",
                             "node.session.auth.password =\n",
                             "network={\n ssid=\"open\"\n key_mgmt=NONE\n#psk=\"correct horse\"\n}\n",
                             "network={\n ssid=\"x\"\n psk=\"\"\n}\n",
                             "ssid=\"x\"\npsk=ext:lab\n",
                             "password = \n",
                             "password=\"\"\n",
                             "; password = x1\n",
                             "password = $PASSWORD\n",
                             "password = <your password>\n",
                             "password: {{ password }}\n",
                             "password required pam_unix.so nullok\n",
                             "passwd: files systemd\n",
                             "hosts: files dns\n",
                             "#!/bin/sh\npassword=s3cret\n",
                             "[Interface]\n# PrivateKey = x\nPublicKey = y\n",
                             "[Interface]\nPrivateKey =\n",
                             "[Peer]\nPublicKey = y\n",
                             ": RSA moon.pem\n",
                             "# : PSK \"a\"\n",
                             "127.0.0.1 localhost\n",
                             "options loop max_loop=8\n",
                             "machine readable text of a password\n",
                             "default: none\n",
                             "user = \"www-data:www-data\"\n",
                             "{\"auths\": {}}",
                             "{\"password\": \"\"}",
                             "rootpw --lock\n",
                             "proto=http\npass=${PASS}\n",
                             "root /dev/sda2 none luks\n",
                             "[insta]\nref = 3078\nsecret = pass:insta\n",
                             "import os\nimport sys\npassword = read()\n",
                             "<html>\npassword = x1\n",
                             "syntax on\n",
                             "ID=alpine\nHOME_URL=\"https://alpinelinux.org/\"\n"}) {
        INFO(text);
        CHECK(found(text).empty());
    }
    CHECK(found("etc/ppp/pap-secrets", "* hostname \"\" *\nguest hostname \"*\" -\n").empty());
    CHECK(found("usr/share/doc/wg.txt", "PrivateKey = aGVsbG8=\n").empty());
}
