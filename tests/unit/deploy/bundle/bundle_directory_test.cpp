// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <thread>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

Result<void> publish(const fs::path& target, const Files& files) {
    MKPXERD_TRY_ASSIGN(auto directory, deploy::BundleDirectory::create(target));
    for (const auto& [name, content] : files)
        MKPXERD_TRY(directory.write(name, content));
    return directory.publish();
}
Files files_in(const fs::path& directory) {
    Files files;
    for (const auto& item : fs::recursive_directory_iterator(directory))
        if (item.is_regular_file())
            files[item.path().lexically_relative(directory).string()] = read_file(item.path()).value();
    return files;
}
Files without_sums(Files files) {
    files.erase("SHA256SUMS");
    files.erase(".mkpxerd-bundle");
    return files;
}
std::size_t entries(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a new bundle is readable by servers of other users, whatever the umask") {
    test::TempDir dir;
    const auto before = ::umask(077);
    REQUIRE(publish(dir / "bundle", {{"pxerd", "image"}, {"grub/grub.cfg", "boot"}}));
    ::umask(before);
    CHECK(fs::status(dir / "bundle").permissions() == fs::perms(0755));
    CHECK(fs::status(dir / "bundle/grub").permissions() == fs::perms(0755));
    CHECK(fs::status(dir / "bundle/grub/grub.cfg").permissions() == fs::perms(0644));
    CHECK(fs::status(dir / "bundle/SHA256SUMS").permissions() == fs::perms(0644));
    CHECK(entries(dir.path()) == 1);
}

TEST_CASE("a bundle goes to the end of links, whether a directory is there or not") {
    const test::TempDir dir;
    fs::create_directories(dir / "disk");
    fs::create_symlink("disk/bundle", dir / "link");
    for (const char* content : {"1", "2"}) {
        REQUIRE(publish(dir / "link", {{"pxerd", content}}));
        CHECK(fs::is_symlink(dir / "link"));
        CHECK(without_sums(files_in(dir / "disk/bundle")) == Files{{"pxerd", content}});
        CHECK(entries(dir / "disk") == 1);
    }
    fs::create_symlink("loop", dir / "loop");
    const auto lost = publish(dir / "loop", {{"pxerd", "1"}});
    REQUIRE_FALSE(lost);
    CHECK(lost.error().text().find("loop: is part of a loop of links") != std::string::npos);
}

TEST_CASE("a link in a bundle gives way to the bundle's own file: it may lead to what that is made of") {
    const test::TempDir dir;
    const auto kernel = dir.write("boot/vmlinuz", "kernel");
    REQUIRE(publish(dir / "bundle", {{"vmlinuz", "1"}}));
    fs::remove(dir / "bundle/vmlinuz");
    fs::create_symlink(kernel, dir / "bundle/vmlinuz");
    REQUIRE(publish(dir / "bundle", {{"vmlinuz", "2"}}));
    CHECK(read_file(kernel).value() == "kernel");
    CHECK(without_sums(files_in(dir / "bundle")) == Files{{"vmlinuz", "2"}});
    CHECK_FALSE(fs::is_symlink(dir / "bundle/vmlinuz"));
}

TEST_CASE("the sums are those of sha256sum, in its form") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle/", {{"b", "abc"}, {"a/c", ""}}));
    CHECK(read_file(dir / "bundle/SHA256SUMS").value() ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a/c\n"
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n");
    const auto sums = deploy::read_sums(dir / "bundle");
    REQUIRE(sums);
    CHECK(sums->size() == 2);
    CHECK(sums->at("b") == deploy::file_sha256(dir / "bundle/b").value());
}

TEST_CASE("a second run replaces what is ours, removes what we have no more, and leaves the rest") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}, {"modloop", "1"}, {"grub/grub.cfg", "1"}}));
    dir.write("bundle/mac/52-54-00-12-34-56.ipxe", "theirs");
    dir.write("bundle/grub/font", "theirs");
    const auto directory = fs::directory_entry(dir / "bundle");
    struct stat was {};
    REQUIRE(::stat(directory.path().c_str(), &was) == 0);

    REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}, {"grub/grub.cfg", "2"}, {"new/file", "2"}}));
    CHECK(without_sums(files_in(dir / "bundle")) == Files{{"pxerd", "2"},
                                                          {"grub/grub.cfg", "2"},
                                                          {"new/file", "2"},
                                                          {"grub/font", "theirs"},
                                                          {"mac/52-54-00-12-34-56.ipxe", "theirs"}});
    CHECK(deploy::read_sums(dir / "bundle").value().size() == 3);
    // Servers that have the directory open, exported or as their root see the new files.
    struct stat is {};
    REQUIRE(::stat(directory.path().c_str(), &is) == 0);
    CHECK(is.st_ino == was.st_ino);
    CHECK(entries(dir / "bundle") == 6); // and nothing of how they came
    CHECK(entries(dir.path()) == 1);
}

TEST_CASE("what is not finished leaves nothing, and the old bundle as it was") {
    test::TempDir dir;
    const Files old = {{"pxerd", "old"}};
    for (const bool is_there : {false, true}) {
        if (is_there) REQUIRE(publish(dir / "bundle", old));
        {
            auto directory = deploy::BundleDirectory::create(dir / "bundle");
            REQUIRE(directory);
            REQUIRE(directory->write("pxerd", "new"));
            REQUIRE(directory->write("grub/grub.cfg", "new"));
        }
        CHECK(fs::exists(dir / "bundle") == is_there);
        if (is_there) CHECK(without_sums(files_in(dir / "bundle")) == old);
        CHECK(entries(dir.path()) == std::size_t{is_there});
    }
    CHECK(entries(dir / "bundle") == 3);
}

TEST_CASE("a directory with sums of somebody else is no bundle") {
    test::TempDir dir;
    const std::string sums = deploy::file_sha256(dir.write("mirror/image.iso", "theirs")).value();
    dir.write("mirror/SHA256SUMS", sums + "  image.iso\n");
    dir.write("mirror/boot.ipxe", "#!ipxe\nshell\n");
    const Files before = files_in(dir.path());
    const auto directory = deploy::BundleDirectory::create(dir / "mirror");
    REQUIRE_FALSE(directory);
    CHECK(directory.error().text() ==
          (dir / "mirror").string() +
              ": exists and is not a bundle, so it is not replaced (name another directory)");
    CHECK(files_in(dir.path()) == before);
}

TEST_CASE("a directory of loaders alone waits for its bundle, and keeps them") {
    test::TempDir dir;
    dir.write("bundle/ipxe.efi", "own");
    dir.write("bundle/lpxelinux/ldlinux.c32", "own");
    auto directory = deploy::BundleDirectory::create(dir / "bundle");
    REQUIRE(directory);
    REQUIRE(directory->write("pxerd", "image"));
    REQUIRE(directory->publish());
    CHECK(files_in(dir / "bundle").at("ipxe.efi") == "own");
    CHECK(files_in(dir / "bundle").at("pxerd") == "image");
    dir.write("other/ipxe.efi", "own");
    dir.write("other/notes", "theirs");
    CHECK_FALSE(deploy::BundleDirectory::create(dir / "other"));
}

TEST_CASE("a directory that somebody filled while a bundle was made for it is left alone") {
    test::TempDir dir;
    auto directory = deploy::BundleDirectory::create(dir / "bundle");
    REQUIRE(directory);
    REQUIRE(directory->write("pxerd", "image"));
    dir.write("bundle/pxerd", "theirs");
    REQUIRE_FALSE(directory->publish());
    CHECK(files_in(dir / "bundle") == Files{{"pxerd", "theirs"}});
}

TEST_CASE("a bundle of an older version, without the mark, is taken over and loses nothing") {
    test::TempDir dir;
    dir.write("bundle/boot.ipxe", "#!ipxe\n# iPXE: written by mkpxerd 0.1.0 for kernel 6.1\n");
    const std::string sums =
        deploy::file_sha256(dir.write("bundle/lab.apkovl.tar.gz", "maybe theirs")).value();
    dir.write("bundle/SHA256SUMS", sums + "  lab.apkovl.tar.gz\n");
    REQUIRE(publish(dir / "bundle", {{"boot.ipxe", "2"}}));
    CHECK(without_sums(files_in(dir / "bundle")) ==
          Files{{"boot.ipxe", "2"}, {"lab.apkovl.tar.gz", "maybe theirs"}});
}

TEST_CASE("a file that a bundle has no more goes only as it was written") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}, {"modloop", "1"}, {"note", "1"}}));
    dir.write("bundle/note", "changed by somebody");
    REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}}));
    CHECK(without_sums(files_in(dir / "bundle")) == Files{{"pxerd", "2"}, {"note", "changed by somebody"}});
}

TEST_CASE("a source that lies in the bundle itself is never removed") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}}));
    const auto mine = dir.write("bundle/mine.tar.gz", "mine");
    const auto other = dir.write("other.tar.gz", "other");
    const auto publish_copy = [&](const std::string& name, const fs::path& source) -> Result<void> {
        MKPXERD_TRY_ASSIGN(auto directory, deploy::BundleDirectory::create(dir / "bundle"));
        MKPXERD_TRY(directory.copy(name, source));
        return directory.publish();
    };
    // Twice: what the first run found out is known to the second.
    REQUIRE(publish_copy("mine.tar.gz", mine));
    REQUIRE(publish_copy("mine.tar.gz", dir.write("same.tar.gz", "mine")));
    CHECK(deploy::read_sums(dir / "bundle").value().contains("mine.tar.gz"));
    REQUIRE(publish_copy("other.tar.gz", other));
    CHECK(read_file(mine).value() == "mine");
    // A copy of a file elsewhere is ours.
    REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}}));
    CHECK(without_sums(files_in(dir / "bundle")) == Files{{"pxerd", "2"}, {"mine.tar.gz", "mine"}});
    CHECK(read_file(other).value() == "other");
}

TEST_CASE("what is loaded is published first, then the texts that lead to it, sums last") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"a.ipxe", "1"}}));
    // A directory in the way of the last file stops the run there: what came before is new.
    dir.write("bundle/z.data/theirs", "mine");
    auto directory = deploy::BundleDirectory::create(dir / "bundle");
    REQUIRE(directory);
    REQUIRE(directory->write("a.ipxe", "2"));
    REQUIRE(directory->copy("b.data", dir.write("data", "2")));
    REQUIRE(directory->copy("z.data", dir / "data"));
    REQUIRE_FALSE(directory->publish());
    CHECK(read_file(dir / "bundle/b.data").value() == "2");
    CHECK(read_file(dir / "bundle/a.ipxe").value() == "1");
}

TEST_CASE("the next run removes leftovers of killed runs, but not directories in use") {
    test::TempDir dir;
    dir.write("new/.mkpxerd-bundle.abcdef/pxerd", "left"); // the first run was killed
    dir.write("new/.mkpxerd-bundle.abcdef/grub/grub.cfg", "left");
    auto other = deploy::BundleDirectory::create(dir / "new");
    REQUIRE(other);
    REQUIRE(other->write("pxerd", "other"));
    CHECK_FALSE(fs::exists(dir / "new/.mkpxerd-bundle.abcdef"));
    dir.write("new/.mkpxerd-bundle.backup.old/pxerd", "theirs");
    dir.write("new/.new.backup/pxerd", "theirs");
    REQUIRE_FALSE(deploy::BundleDirectory::create(dir / "new")); // theirs is no bundle
    fs::remove_all(dir / "new/.mkpxerd-bundle.backup.old");
    fs::remove_all(dir / "new/.new.backup");
    REQUIRE(publish(dir / "new", {{"pxerd", "2"}}));
    REQUIRE(other->publish());
    CHECK(without_sums(files_in(dir / "new"))["pxerd"] == "other");
    dir.write("new/.new.backup/pxerd", "theirs");
    REQUIRE(publish(dir / "new", {{"pxerd", "3"}}));
    CHECK(fs::exists(dir / "new/.new.backup/pxerd"));
    // Where the bundle is not there yet, they lie beside it.
    dir.write(".mkpxerd-bundle.ghijkl/pxerd", "left");
    REQUIRE(publish(dir / "fresh", {{"pxerd", "1"}}));
    CHECK(entries(dir.path()) == 2);
}

TEST_CASE("a directory with anything else is refused, an empty one is taken") {
    test::TempDir dir;
    dir.write("home/letter", "mine");
    dir.write("file", "mine");
    for (const char* name : {"home", "file", "home/", "file/below"}) {
        const auto directory = deploy::BundleDirectory::create(dir / name);
        REQUIRE_FALSE(directory);
        CHECK(directory.error().text().find((dir / name).string()) == 0);
    }
    CHECK(deploy::BundleDirectory::create(dir / "home").error().text() ==
          (dir / "home").string() +
              ": exists and is not a bundle, so it is not replaced (name another directory)");
    CHECK(files_in(dir.path()) == Files{{"home/letter", "mine"}, {"file", "mine"}});
    fs::create_directory(dir / "empty");
    fs::create_directory_symlink("empty", dir / "link");
    REQUIRE(publish(dir / "link", {{"pxerd", "image"}}));
    CHECK(without_sums(files_in(dir / "empty")) == Files{{"pxerd", "image"}});
    CHECK(fs::is_symlink(dir / "link"));
}

TEST_CASE("sums that somebody changed delete nothing outside the bundle") {
    test::TempDir dir;
    const auto outside = dir.write("outside", "mine");
    const std::string sum = deploy::file_sha256(outside).value(); // a file with another sum stays anyway
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}}));
    dir.write("bundle/grub/theirs", "");
    for (const std::string& name : {std::string("../outside"), outside.string(),
                                    std::string("grub/../../outside"), std::string("./../outside")}) {
        INFO(name);
        dir.write("bundle/SHA256SUMS", sum + "  " + name + "\nx\n");
        REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}}));
        CHECK(read_file(outside).value_or("") == "mine");
        dir.write("outside", "mine");
    }
    // Within the bundle the same line removes the file.
    dir.write("bundle/outside", "mine");
    dir.write("bundle/SHA256SUMS", sum + "  outside\n");
    REQUIRE(publish(dir / "bundle", {{"pxerd", "3"}}));
    CHECK_FALSE(fs::exists(dir / "bundle/outside"));
}

TEST_CASE("a damaged line among the sums of a bundle is an error: its file would go unchecked") {
    test::TempDir dir;
    CHECK(deploy::read_sums(dir / "none").value().empty());
    REQUIRE(publish(dir / "bundle", {{"modloop", "1"}, {"pxerd", "1"}}));
    const fs::path sums = dir / "bundle/SHA256SUMS";
    const std::string good = read_file(sums).value();
    for (const auto& [line, is_intact] : {std::pair<std::string, bool>{"", true},
                                          {std::string(63, '0') + "  modloop\n", false},
                                          {std::string(64, '0') + "  ../modloop\n", false},
                                          {std::string(64, '0') + "\n", false},
                                          {"modloop\n", false}}) {
        INFO(line);
        dir.write("bundle/SHA256SUMS", good + line);
        const auto read = deploy::read_sums(dir / "bundle");
        CHECK(read.has_value() == is_intact);
        if (!read)
            CHECK(read.error().text() == sums.string() + ":3: is not the SHA-256 sum and the name of a file "
                                                         "(run mkpxerd bundle again)");
    }
}

TEST_CASE("a directory in the way of a file: the error names it, and no sums claim that it worked") {
    test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"a", "1"}}));
    dir.write("bundle/pxerd/theirs", "mine");
    const auto done = publish(dir / "bundle", {{"a", "1"}, {"pxerd", "2"}});
    REQUIRE_FALSE(done);
    CHECK(done.error().text().find((dir / "bundle/pxerd").string() + ": cannot be replaced: ") == 0);
    CHECK(read_file(dir / "bundle/pxerd/theirs").value() == "mine");
    CHECK(deploy::read_sums(dir / "bundle").value().size() == 1);
    CHECK(entries(dir / "bundle") == 4);
}

TEST_CASE("readers during a publication always find each file complete") {
    test::TempDir dir;
    const auto content = [](char letter) { return std::string(200'000, letter); };
    REQUIRE(publish(dir / "bundle", {{"pxerd", content('a')}, {"grub/grub.cfg", content('a')}}));
    std::atomic<bool> over = false;
    std::atomic<unsigned> torn = 0;
    std::atomic<unsigned> reads = 0;
    std::thread reader([&] {
        while (!over)
            for (const char* name : {"pxerd", "grub/grub.cfg"}) {
                const auto text = read_file(dir / "bundle" / name);
                if (!text || text->size() != 200'000 ||
                    text->find_first_not_of(text->front()) != std::string::npos)
                    ++torn;
                ++reads;
            }
    });
    for (unsigned round = 0; round < 40 || (reads < 100 && round < 4000); ++round) {
        const char letter = static_cast<char>('b' + round % 20);
        CHECK(publish(dir / "bundle", {{"pxerd", content(letter)}, {"grub/grub.cfg", content(letter)}}));
    }
    over = true;
    reader.join();
    CHECK(torn == 0);
    CHECK(reads >= 100);
}

TEST_CASE("of two that publish at once one wins as a whole") {
    test::TempDir dir;
    for (int round = 0; round < 20; ++round) {
        const auto files = [](const std::string& who) {
            Files all;
            for (int file = 0; file < 10; ++file)
                all["f" + std::to_string(file)] = who;
            return all;
        };
        bool first = false;
        std::thread other([&] { first = bool(publish(dir / "bundle", files("first"))); });
        const bool second = bool(publish(dir / "bundle", files("second")));
        other.join();
        REQUIRE((first && second));
        const auto found = without_sums(files_in(dir / "bundle"));
        CHECK((found == files("first") || found == files("second")));
        CHECK(deploy::read_sums(dir / "bundle").value().at("f0") ==
              deploy::file_sha256(dir / "bundle/f0").value());
        if (round % 2 == 0) fs::remove_all(dir / "bundle");
    }
}

TEST_CASE("links in a bundle lead neither writes nor deletions out of it, whoever owns it") {
    for (const uid_t owner : {::geteuid(), uid_t{65534}}) {
        const test::TempDir dir;
        REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}, {"grub/grub.cfg", "1"}}));
        const auto victim = dir.write("victim/grub.cfg", "precious");
        dir.write("victim/file", "precious");
        const std::string sum = deploy::file_sha256(dir / "victim/file").value();
        fs::create_symlink(dir / "victim", dir / "bundle/dir");
        std::string sums = read_file(dir / "bundle/SHA256SUMS").value();
        sums += sum + "  dir/file\n" + sum + "  ../victim/file\n" + sum + "  dir/../../victim/file\n";
        dir.write("bundle/SHA256SUMS", sums);
        if (::chown((dir / "bundle").c_str(), owner, owner) != 0) return; // only root can play somebody else
        REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}, {"grub/grub.cfg", "2"}}));
        CHECK(files_in(dir / "victim") == Files{{"file", "precious"}, {"grub.cfg", "precious"}});
        fs::remove_all(dir / "bundle/grub");
        fs::create_symlink(dir / "victim", dir / "bundle/grub");
        const auto led = publish(dir / "bundle", {{"pxerd", "3"}, {"grub/grub.cfg", "3"}});
        REQUIRE_FALSE(led);
        CHECK(led.error().text() ==
              (dir / "bundle/grub").string() + ": is a link or a file, not a directory (remove it)");
        CHECK(files_in(dir / "victim") == Files{{"file", "precious"}, {"grub.cfg", "precious"}});
    }
}

TEST_CASE("pipes in place of what a bundle says of itself are not waited for") {
    for (const char* name : {"SHA256SUMS", ".mkpxerd-bundle", "boot.ipxe", "pxerd"}) {
        INFO(name);
        const test::TempDir dir;
        REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}, {"boot.ipxe", "1"}}));
        fs::remove(dir / "bundle" / name);
        REQUIRE(::mkfifo((dir / "bundle" / name).c_str(), 0666) == 0);
        CHECK(deploy::read_sums(dir / "bundle").has_value() == (std::string_view(name) != "SHA256SUMS"));
        const auto again = publish(dir / "bundle", {{"pxerd", "2"}, {"boot.ipxe", "2"}});
        CHECK(again.has_value() == (std::string_view(name) != ".mkpxerd-bundle"));
        if (again) CHECK(fs::is_regular_file(dir / "bundle" / name));
    }
}

TEST_CASE("leftovers in another user's directory stay: that user may have given them the name") {
    const test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}}));
    dir.write("bundle/.mkpxerd-bundle.abcdef/precious", "mine");
    if (::chown((dir / "bundle").c_str(), 65534, 65534) != 0) return;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "2"}}));
    CHECK(read_file(dir / "bundle/.mkpxerd-bundle.abcdef/precious").value() == "mine");
    REQUIRE(::chown((dir / "bundle").c_str(), ::geteuid(), ::getegid()) == 0);
    REQUIRE(publish(dir / "bundle", {{"pxerd", "3"}}));
    CHECK_FALSE(fs::exists(dir / "bundle/.mkpxerd-bundle.abcdef"));
}

TEST_CASE("a directory that is exchanged while it is filled gets nothing elsewhere") {
    const test::TempDir dir;
    REQUIRE(publish(dir / "bundle", {{"pxerd", "1"}}));
    dir.write("victim/pxerd", "precious");
    auto directory = deploy::BundleDirectory::create(dir / "bundle");
    REQUIRE(directory);
    fs::rename(dir / "bundle", dir / "gone");
    fs::create_directory_symlink("victim", dir / "bundle");
    REQUIRE(directory->write("pxerd", "2"));
    REQUIRE(write_file(directory->place("placed").value(), "2"));
    REQUIRE(directory->publish());
    CHECK(files_in(dir / "victim") == Files{{"pxerd", "precious"}});
    CHECK(without_sums(files_in(dir / "gone")) == Files{{"pxerd", "2"}, {"placed", "2"}});
}

TEST_CASE("an older file is taken over only where its sums and its witness are ours") {
    const test::TempDir dir;
    const auto reused = [&] {
        auto directory = deploy::BundleDirectory::create(dir / "bundle").value();
        return directory.reuse("modloop", "modloop.input", "input").value();
    };
    REQUIRE(publish(dir / "bundle", {{"modloop", "compressed"}, {"modloop.input", "input"}}));
    CHECK(reused());
    dir.write("bundle/modloop", "poison");
    CHECK_FALSE(reused());
    dir.write("bundle/modloop", "compressed");
    REQUIRE(reused());
    for (const char* file : {"modloop", "modloop.input", "SHA256SUMS"}) {
        INFO(file);
        const std::string path = (dir / "bundle" / file).string();
        REQUIRE(::chmod(path.c_str(), 0646) == 0);
        CHECK_FALSE(reused());
        REQUIRE(::chmod(path.c_str(), 0644) == 0);
        if (::chown(path.c_str(), 65534, 65534) != 0) return;
        CHECK_FALSE(reused());
        REQUIRE(::chown(path.c_str(), 0, 0) == 0);
        REQUIRE(reused());
    }
    REQUIRE(::chown((dir / "bundle").c_str(), 65534, 65534) == 0);
    CHECK_FALSE(reused());
}
