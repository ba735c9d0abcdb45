// SPDX-License-Identifier: MIT
#include "mkpxerd/secrets/secret_forms.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace std::string_literals;

namespace {

std::string found(const std::string& path, const std::string& content) {
    const char* what = find_secret(path, content, content.size());
    return what == nullptr ? "" : what;
}
std::string found(const std::string& content) {
    return found("etc/file", content);
}

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

const std::string hash = "sALt3kQxNz0cYw1PQm8rB0b0h2S8y1o0bqJ1v7ZfW5mXG";
const std::string number(256, '\x5a');
const std::string version0 = der('\x02', "\0"s);
const std::string rsa = object("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");

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

TEST_CASE("what is commented out, empty, a placeholder or said elsewhere is no secret") {
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
