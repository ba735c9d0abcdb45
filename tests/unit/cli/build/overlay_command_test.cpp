// SPDX-License-Identifier: MIT
// `mkpxerd overlay`, as whole command lines.
#include "mkpxerd/cli/build/overlay_command.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"
#include "output_to.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

struct Host : test::CommandRunner {
    test::TempDir dir;
    Host() {
        dir.write("host7/etc/hostname", "host7\n");
        dir.write("host7/.hidden", "h");
        dir.write("host7/root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n");
        fs::create_symlink("hostname", dir / "host7/etc/name");
        for (const auto& item : fs::recursive_directory_iterator(dir / "host7")) // whatever the umask is
            if (!item.is_symlink()) fs::permissions(item, fs::perms(item.is_directory() ? 0755 : 0644));
        fs::permissions(dir / "host7/root", fs::perms(0700));
    }
    std::string path(std::string_view name) const { return (dir / name).string(); }
    int run(const std::vector<std::string>& arguments) {
        return run_with(dir / "share", dir / "init", arguments, "1000000000");
    }
    int overlay(const std::vector<std::string>& arguments) {
        std::vector<std::string> all = {"overlay", "-o", path("x.cpio")};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(all);
    }
    std::string listed() {
        REQUIRE(run({"ls", "-l", path("x.cpio")}) == 0);
        return out.str().substr(out.str().find('\n') + 1); // without the line of the part
    }
    unsigned mode() const {
        struct stat st {};
        REQUIRE(::stat(path("x.cpio").c_str(), &st) == 0);
        return st.st_mode & 07777U;
    }
};

// Relative paths are those of the current directory.
class WorkingIn {
  public:
    explicit WorkingIn(const fs::path& directory) : before_(fs::current_path()) {
        fs::current_path(directory);
    }
    WorkingIn(const WorkingIn&) = delete;
    WorkingIn& operator=(const WorkingIn&) = delete;
    ~WorkingIn() { fs::current_path(before_); }

  private:
    fs::path before_;
};

} // namespace

TEST_CASE("an overlay goes through a link, and to standard output") {
    Host host;
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    const std::string archive = read_file(host.dir / "x.cpio").value();
    fs::create_symlink("real.cpio", host.dir / "link");
    REQUIRE(host.run({"overlay", "-o", host.path("link"), host.path("host7")}) == 0);
    CHECK(fs::is_symlink(host.dir / "link"));
    CHECK(read_file(host.dir / "real.cpio").value() == archive);
    int status = -1;
    {
        const test::OutputTo output(host.dir / "streamed");
        status = host.run({"overlay", "-o", "-", host.path("host7")});
    }
    CHECK(status == 0);
    CHECK(read_file(host.dir / "streamed").value() == archive);
    CHECK(host.out.str().empty());
    CHECK(host.err.str().starts_with("-: "));
}

TEST_CASE("an overlay of a directory is the tree in it, owned by root, with modes and nothing else") {
    Host host;
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    CHECK(host.err.str().empty());
    CHECK(host.out.str().find("x.cpio: ") != std::string::npos);
    CHECK(host.out.str().ends_with(" unpacked)\n  files    7\n"));
    CHECK(host.mode() == 0644);
    CHECK(host.listed() ==
          "-rw-r--r--  1     0     0          1 2001-09-09 01:46 .hidden\n"
          "drwxr-xr-x  2     0     0          0 2001-09-09 01:46 etc\n"
          "-rw-r--r--  1     0     0          6 2001-09-09 01:46 etc/hostname\n"
          "lrwxrwxrwx  1     0     0          8 2001-09-09 01:46 etc/name -> hostname\n"
          "drwx------  2     0     0          0 2001-09-09 01:46 root\n"
          "drwxr-xr-x  2     0     0          0 2001-09-09 01:46 root/.ssh\n"
          "-rw-r--r--  1     0     0         17 2001-09-09 01:46 root/.ssh/authorized_keys\n");
    const std::string bytes = read_file(host.dir / "x.cpio").value();
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    CHECK(read_file(host.dir / "x.cpio").value() == bytes);
}

TEST_CASE(
    "an overlay of files has them under the paths as they are spelled, directories as an image has them") {
    Host host;
    const WorkingIn here(host.dir / "host7");
    REQUIRE(host.overlay({"-C", "none", "root/.ssh/authorized_keys", "./etc/hostname"}) == 0);
    CHECK(host.listed() ==
          "drwxr-xr-x  2     0     0          0 2001-09-09 01:46 etc\n"
          "-rw-r--r--  1     0     0          6 2001-09-09 01:46 etc/hostname\n"
          "drwx------  2     0     0          0 2001-09-09 01:46 root\n"
          "drwxr-xr-x  2     0     0          0 2001-09-09 01:46 root/.ssh\n"
          "-rw-r--r--  1     0     0         17 2001-09-09 01:46 root/.ssh/authorized_keys\n");
    // A name with the signs of a pattern is that name.
    host.dir.write("host7/etc/[a]*", "signs");
    host.dir.write("host7/etc/a1", "none of it");
    REQUIRE(host.overlay({"etc/[a]*"}) == 0);
    CHECK(host.listed().find("etc/[a]*\n") != std::string::npos);
    CHECK(host.listed().find("a1") == std::string::npos);
}

TEST_CASE("what is laid over an image takes the place of its files, and of two paths the later one counts") {
    Host host;
    host.dir.write("other/etc/hostname", "other\n");
    REQUIRE(host.overlay({"-C", "none", host.path("other"), host.path("host7")}) == 0);
    const std::string image = test::NewcBuilder()
                                  .directory("etc")
                                  .file("etc/hostname", "image\n")
                                  .file("etc/kept", "kept\n")
                                  .trailer()
                                  .text();
    host.dir.write("both", image + read_file(host.dir / "x.cpio").value());
    REQUIRE(host.run({"cat", host.path("both"), "etc/name", "etc/kept"}) == 0);
    CHECK(host.out.str() == "host7\nkept\n");
}

TEST_CASE("secrets make an overlay private as they make an image") {
    Host host;
    host.dir.write("host7/etc/wireguard/wg0.conf", "PrivateKey = AAAA=\n");
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    CHECK(host.mode() == 0600);
    CHECK(host.err.str() ==
          "mkpxerd: note: etc/wireguard/wg0.conf: contains a key of WireGuard: the image has mode 0600\n"
          "mkpxerd: note: a server gives its files to everybody (to serve this one anyway, chown it to "
          "the server's user, or use --allow-secrets)\n");
    fs::remove(host.dir / "x.cpio");
    CHECK(host.overlay({"--mode", "0644", host.path("host7")}) == 1);
    CHECK(host.err.str().find("use --mode 0600, or --allow-secrets") != std::string::npos);
    CHECK_FALSE(fs::exists(host.dir / "x.cpio"));
    CHECK(host.overlay({"--mode", "0644", "--allow-secrets", host.path("host7")}) == 0);
    CHECK(host.overlay({"--allow-secrets", host.path("host7")}) == 0);
    CHECK(host.err.str().find("the image has mode 0644") != std::string::npos);
    CHECK(host.mode() == 0644);
}

TEST_CASE("eleven usual kinds of secrets are told in an overlay, and plain files are not") {
    Host host;
    const std::map<std::string, std::string> secrets = {
        {"etc/shadow",
         "root:$6$sALt3kQxNz0cYw1P$Qm8rB0b0h2S8y1o0bqJ1v7ZfW5mXG0yq2rTz4l6mUu:19700:0:99999:7:::\n"},
        {"etc/ssh/ssh_host_ed25519_key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"},
        {"etc/wpa_supplicant/wpa_supplicant.conf", "network={\n\tssid=\"lab\"\n\tpsk=\"correct horse\"\n}\n"},
        {"etc/wireguard/wg0.conf",
         "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"},
        {"etc/apk/repositories", "https://builder:s3cretpw@mirror.example/alpine/v3.20/main\n"},
        {"root/.netrc", "machine mirror.example login builder password s3cretpw\n"},
        {"etc/ipsec.secrets", ": PSK \"a long shared secret\"\n"},
        {"root/.curlrc", "user = \"builder:s3cretpw\"\n"},
        {"etc/iscsi/iscsid.conf", "node.session.auth.password = s3cretchap12\n"},
        {"etc/keys/root", std::string(64, '\x81')},
    };
    const std::map<std::string, std::string> plain = {
        {"etc/hosts", "127.0.0.1 localhost\n"},
        {"etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINW4rWfxnRwb root@host7\n"},
        {"etc/conf.d/iscsi", "#node.session.auth.password = password\n"},
        {"etc/crypttab", "root /dev/sda2 /etc/keys/root luks\n"},
    };
    for (const auto* files : {&secrets, &plain})
        for (const auto& [name, text] : *files)
            fs::permissions(host.dir.write("host7/" + name, text), fs::perms(0644));
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    CHECK(host.mode() == 0600);
    const std::string said = host.err.str();
    INFO(said);
    for (const auto& [name, text] : secrets)
        CHECK(said.find("mkpxerd: note: " + name + ": ") != std::string::npos);
    for (const auto& [name, text] : plain)
        CHECK(said.find(": " + name + ": ") == std::string::npos);
    CHECK(said.find("s3cret") == std::string::npos);

    host.run({"lint", "ip=dhcp", host.path("x.cpio")});
    for (const auto& [name, text] : secrets)
        CHECK(host.out.str().find("note: " + name + ": ") != std::string::npos);
}

TEST_CASE("lint names the secrets of an image, as warnings when others may read it") {
    Host host;
    fs::permissions(host.dir.write("host7/etc/key.pem", "-----BEGIN PRIVATE KEY-----\nMII\n"),
                    fs::perms(0644));
    REQUIRE(host.overlay({host.path("host7")}) == 0);
    const auto lint = [&] {
        host.run({"lint", "quiet", host.path("x.cpio")});
        return host.out.str();
    };
    CHECK(lint().find("note: etc/key.pem: contains a private key: the image has mode 0600\n") !=
          std::string::npos);
    fs::permissions(host.path("x.cpio"), fs::perms(0644));
    CHECK(lint().find("warning: etc/key.pem: contains a private key: the image has mode 0644\n") !=
          std::string::npos);
}

TEST_CASE("an overlay that would spoil an image is refused or warned of") {
    Host host;
    const WorkingIn here(host.dir / "host7");
    const auto refused = [&](const std::vector<std::string>& paths, const std::string& said) {
        CHECK(host.overlay(paths) == 1);
        INFO(host.err.str());
        CHECK(host.err.str().find(said) != std::string::npos);
        CHECK_FALSE(fs::exists(host.dir / "x.cpio"));
    };
    refused({"etc/none", "../host7/etc/hostname"},
            "mkpxerd: etc/none: '/etc/none' matches nothing in . (the path ");
    refused({"etc/none", "../host7/etc/hostname"},
            "mkpxerd: ../host7/etc/hostname: is not below the current directory "
            "(name the directory that becomes the root)\n");
    host.dir.write("own/init", "x");
    refused({"../own"}, "mkpxerd: ../own: /init belongs to the image itself (leave it out)\n");
    host.dir.write("marked/etc/mkpxerd/complete", "x");
    refused({"../marked"}, "/etc/mkpxerd/complete belongs to the image itself");
    fs::create_directory(host.dir / "empty");
    refused({"../empty"}, "mkpxerd: overlay: contains no file\n");
    fs::create_directory(host.dir / "odd");
    REQUIRE(::mkfifo(host.path("odd/pipe").c_str(), 0600) == 0);
    refused({"../odd"}, "is a device, socket or pipe, which cannot go into an image");
    host.dir.write("old/lib/firmware/x.bin", "x");
    CHECK(host.overlay({"../old"}) == 0);
    CHECK(host.err.str() ==
          "mkpxerd: warning: lib: is a directory here; in an image where it is a link, the directory "
          "replaces the link (name the image with --image FILE: the files then go where its link leads)\n");
}

TEST_CASE("with --image, files go where the links of the image lead, and what does not fit is refused") {
    Host host;
    const test::NewcBuilder merged = test::NewcBuilder()
                                         .file("init", "x", 0755)
                                         .link("lib", "usr/lib")
                                         .directory("usr")
                                         .directory("usr/lib")
                                         .file("usr/lib/kept", "k")
                                         .directory("opt")
                                         .file("opt/x", "x")
                                         .trailer();
    host.dir.write("image", merged.text());
    host.dir.write("old/lib/firmware/x.bin", "x");
    host.dir.write("old/etc/y", "y");
    fs::create_symlink("../etc/y", host.dir / "old/lib/y");
    const auto with_image = [&](const char* directory) {
        return host.overlay({"-C", "none", "--image", host.path("image"), host.path(directory)});
    };
    REQUIRE(with_image("old") == 0);
    CHECK(host.err.str() == "");
    CHECK(host.listed().find("usr/lib/firmware/x.bin\n") != std::string::npos);
    CHECK(host.listed().find("usr/lib/y -> /etc/y\n") != std::string::npos);
    host.dir.write("both", merged.text() + read_file(host.dir / "x.cpio").value());
    REQUIRE(host.run({"cat", host.path("both"), "lib/kept", "lib/firmware/x.bin"}) == 0);
    CHECK(host.out.str() == "kx");
    host.run({"lint", "quiet", host.path("both")});
    CHECK(host.out.str().find("part 2") == std::string::npos);

    host.dir.write("twice/lib/a", "1");
    host.dir.write("twice/usr/lib/a", "2");
    CHECK(with_image("twice") == 1);
    CHECK(host.err.str() ==
          "mkpxerd: usr/lib/a: is usr/lib/a in the image, and so is lib/a (keep one of them)\n");
    host.dir.write("file/lib", "not a directory");
    CHECK(with_image("file") == 1);
    CHECK(host.err.str().find("overlay: lib: the file here takes the place of the link lib -> usr/lib") !=
          std::string::npos);
    host.dir.write("blocked/opt", "a file");
    CHECK(with_image("blocked") == 0);
    CHECK(host.err.str() ==
          "mkpxerd: warning: overlay: the kernel cannot unpack 'opt': a non-empty directory "
          "is in its place\n");
    CHECK(host.overlay({"--image", host.path("none"), host.path("old")}) == 1);
    const std::string image = host.path("image");
    CHECK(host.run({"overlay", "-o", image, "--image", image, host.path("old")}) == 1);
    CHECK(host.err.str() == "mkpxerd: --output: " + image +
                                " is the image that the overlay is to follow (name another file)\n");
    CHECK(read_file(image).value() == merged.text());
}

TEST_CASE("an overlay that is written among the files that it packs is warned about") {
    Host host;
    const WorkingIn here(host.dir / "host7");
    CHECK(host.run({"overlay", "-o", "x.cpio", "."}) == 0);
    CHECK(host.err.str().find(
              "mkpxerd: warning: x.cpio: lies in ., so that the next overlay contains it (name a file "
              "elsewhere)\n") != std::string::npos);
    CHECK(host.overlay({"."}) == 0);
    CHECK(host.err.str().find("lies in") == std::string::npos);
}

TEST_CASE("wrong usage of overlay exits 2") {
    Host host;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"overlay"},
          {"overlay", host.path("host7")},
          {"overlay", "-o", host.path("x")},
          {"overlay", "-o", host.path("x"), "--profile", "network", host.path("host7")}}) {
        CHECK(host.run(arguments) == 2);
        CHECK_FALSE(fs::exists(host.dir / "x"));
    }
    CHECK(host.overlay({"-C", "lzma", host.path("host7")}) == 1);
    CHECK(host.err.str().find("--compression: unknown compression 'lzma'") != std::string::npos);
}

TEST_CASE("an overlay is reported as JSON, and with --quiet not at all") {
    Host host;
    REQUIRE(host.overlay({host.path("host7"), "--json"}) == 0);
    CHECK(host.out.str().starts_with("{\n  \"output\": \"" + host.path("x.cpio") + "\","));
    CHECK(host.out.str().find("\"secrets\": [") != std::string::npos);
    CHECK(host.err.str().empty());
    REQUIRE(host.overlay({host.path("host7"), "-q"}) == 0);
    CHECK(host.out.str().empty());
    CHECK(host.err.str().empty());
}

TEST_CASE("options in an overlay are checked, with and without its image") {
    Host host;
    host.dir.write("bad/etc/mkpxerd.d/10.conf", "mkpxerd.timeout=never");
    CHECK(host.overlay({host.path("bad")}) == 1);
    CHECK(host.err.str().find("/etc/mkpxerd.d/10.conf: mkpxerd.timeout=never: ") != std::string::npos);
    CHECK_FALSE(fs::exists(host.dir / "x.cpio"));
    host.dir.write("odd/etc/mkpxerd.d/10.conf", "modlop=x");
    CHECK(host.overlay({host.path("odd")}) == 0);
    CHECK(host.err.str().find("warning: /etc/mkpxerd.d/10.conf: modlop: unknown option") !=
          std::string::npos);
    host.dir.write("image", test::NewcBuilder().file("init", "x", 0755).trailer().text());
    CHECK(host.overlay({host.path("bad"), "--image", host.path("image")}) == 1);
    CHECK(host.err.str().find("/etc/mkpxerd.d/10.conf: mkpxerd.timeout=never: ") != std::string::npos);
}
