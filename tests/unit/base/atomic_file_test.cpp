// SPDX-License-Identifier: MIT
#include "mkpxerd/base/atomic_file.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {
// FAT (fs/fat/file.c) takes every mode and keeps that of its mount options.
bool keeps_no_modes = false;
// NFS (fs/nfs/nfs4proc.c) has no O_TMPFILE, and locks a file exclusively only if it is open for writing.
bool is_nfs = false;
std::function<void()> before_rename;
} // namespace

// In place of libc's.
extern "C" int openat(int at, const char* name, int flags, ...) {
    const bool is_nameless = (flags & O_TMPFILE) == O_TMPFILE;
    if (is_nfs && is_nameless) {
        errno = EOPNOTSUPP;
        return -1;
    }
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = is_nameless || (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return static_cast<int>(::syscall(SYS_openat, at, name, flags, mode));
}

extern "C" int flock(int fd, int operation) noexcept {
    if (is_nfs && (operation & LOCK_EX) != 0 && (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_flock, fd, operation));
}

extern "C" int renameat(int from, const char* old_name, int to, const char* new_name) noexcept {
    if (before_rename) before_rename();
    return static_cast<int>(::syscall(SYS_renameat2, from, old_name, to, new_name, 0));
}

extern "C" int fchmod(int fd, mode_t mode) noexcept {
    return static_cast<int>(::syscall(SYS_fchmod, fd, keeps_no_modes ? 0755U : mode));
}

namespace {

struct Target {
    test::TempDir dir;
    std::filesystem::path path = dir / "image";

    Result<void> replace(std::initializer_list<std::string_view> pieces, unsigned mode = 0644) const {
        MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(path));
        for (const auto piece : pieces)
            MKPXERD_TRY(file.write(std::as_bytes(std::span(piece))));
        return file.commit(mode);
    }
    std::string content() const { return read_file(path).value(); }
    struct stat status() const {
        struct stat st {};
        REQUIRE(::lstat(path.c_str(), &st) == 0);
        return st;
    }
    // Whether only the target is there.
    bool is_alone() const {
        const std::filesystem::directory_iterator entries(dir.path());
        return std::distance(begin(entries), end(entries)) == 1;
    }
};

} // namespace

TEST_CASE("a target with the same bytes stays, with the mode asked for and a new time") {
    const Target target;
    REQUIRE(target.replace({"one", "two"}));
    const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, target.path.c_str(), long_ago, 0) == 0);
    const auto before = target.status();
    REQUIRE(target.replace({"on", "etwo"}, 0600));
    const auto after = target.status();
    CHECK(after.st_ino == before.st_ino);
    CHECK((after.st_mode & 07777U) == 0600);
    CHECK(after.st_mtim.tv_sec > 1000);
    CHECK(target.is_alone());
}

TEST_CASE("a target that differs anywhere is replaced by all the bytes") {
    const Target target;
    const auto [old, pieces, wanted] =
        GENERATE(table<std::string, std::vector<std::string_view>, std::string>({
            {"onetwo", {"one", "tw0"}, "onetw0"},           // at the end
            {"onetwo", {"0ne", "two"}, "0netwo"},           // at the start
            {"onetwo", {"one"}, "one"},                     // longer
            {"one", {"one", "two"}, "onetwo"},              // shorter, at the edge of a piece
            {"on", {"one", "two", "three"}, "onetwothree"}, // shorter, within one
            {"", {"one"}, "one"},
            {"one", {}, ""},
        }));
    REQUIRE(write_file(target.path, old));
    const auto before = target.status();
    auto file = AtomicFile::create(target.path).value();
    for (const auto piece : pieces)
        REQUIRE(file.write(std::as_bytes(std::span(piece))));
    CHECK(target.content() == old);
    REQUIRE(file.commit(0644));
    CHECK(target.content() == wanted);
    CHECK(target.status().st_ino != before.st_ino);
    CHECK(target.is_alone());
}

TEST_CASE("behind a link, too, a file with the same bytes stays and another one is replaced") {
    const Target target;
    std::filesystem::create_directories(target.dir / "far");
    const auto real = target.dir.write("far/real", "same");
    std::filesystem::create_symlink(real, target.path);
    const auto inode = [&] {
        struct stat st {};
        REQUIRE(::stat(real.c_str(), &st) == 0);
        return st.st_ino;
    };
    const auto before = inode();
    REQUIRE(target.replace({"same"}));
    CHECK(inode() == before);
    REQUIRE(target.replace({"other"}));
    CHECK(inode() != before);
    CHECK(S_ISLNK(target.status().st_mode));
    CHECK(target.content() == "other");
}

TEST_CASE("without commit the target is as it was, whatever was written") {
    const Target target;
    REQUIRE(target.replace({"old"}));
    {
        auto file = AtomicFile::create(target.path).value();
        REQUIRE(file.write(std::as_bytes(std::span(std::string_view("new")))));
    }
    CHECK(target.content() == "old");
    CHECK(target.is_alone());
}

TEST_CASE("a private file is not written where others can read all files") {
    const Target target;
    REQUIRE(target.replace({"old"}));
    keeps_no_modes = true;
    const auto written = target.replace({"secret"}, 0600);
    const auto same = target.replace({"old"}, 0600);
    const auto open_to_all = target.replace({"public"}, 0644);
    keeps_no_modes = false;
    REQUIRE_FALSE(written);
    CHECK(written.error().text().find("others can read all files of this file system") != std::string::npos);
    CHECK_FALSE(same);
    CHECK(open_to_all);
    CHECK(target.content() == "public");
    CHECK(target.is_alone());
}

TEST_CASE("two that write one target at once leave all the bytes of one, and nothing else") {
    const Target target;
    const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
    auto first = AtomicFile::create(target.path);
    auto second = AtomicFile::create(target.path);
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(first->write(bytes("first ")));
    REQUIRE(second->write(bytes("second")));
    REQUIRE(first->write(bytes("goes on")));
    REQUIRE(second->commit(0644));
    CHECK(target.content() == "second");
    REQUIRE(first->commit(0644));
    CHECK(target.content() == "first goes on");
    CHECK(target.is_alone());
}

TEST_CASE("the hidden file of a killed writer is removed, and no other file") {
    const Target target;
    const std::string hidden = ".image.abcdefgh01234567";
    const std::string of_a_writer = ".image.ABCDEFGHijklmnop";
    const std::vector<std::string> others = {
        ".image.short",           ".image.abcdefgh0123456-", ".image.abcdefgh012345678",
        "image.abcdefgh01234567", ".other.abcdefgh01234567", of_a_writer};
    target.dir.write(hidden, "part of an im");
    for (const std::string& name : others)
        target.dir.write(name, "precious");
    std::filesystem::create_symlink("image", target.dir / ".image.linklinklinklink");
    std::filesystem::create_directory(target.dir / ".image.directorydirecto");
    REQUIRE(::mkfifo((target.dir / ".image.pipepipepipepipe").c_str(), 0600) == 0); // nobody writes
    const UniqueFd writer(::open((target.dir / of_a_writer).c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(writer.get(), LOCK_EX) == 0);
    is_nfs = GENERATE(false, true);
    const auto replaced = target.replace({"one"});
    is_nfs = false;
    REQUIRE(replaced);
    CHECK(target.content() == "one");
    CHECK_FALSE(std::filesystem::exists(target.dir / hidden));
    for (const std::string& name : others)
        CHECK(std::filesystem::exists(target.dir / name));
    CHECK(std::filesystem::is_symlink(target.dir / ".image.linklinklinklink"));
    CHECK(std::filesystem::is_directory(target.dir / ".image.directorydirecto"));
    CHECK(std::filesystem::is_fifo(target.dir / ".image.pipepipepipepipe"));
}

TEST_CASE("a writer that starts while another one renames leaves that one its file") {
    is_nfs = GENERATE(false, true);
    const Target target;
    std::optional<Result<AtomicFile>> second;
    before_rename = [&] { second.emplace(AtomicFile::create(target.path)); };
    const auto replaced = target.replace({"first"});
    before_rename = nullptr;
    is_nfs = false;
    CHECK(replaced);
    CHECK(target.content() == "first");
    REQUIRE((second && *second));
    REQUIRE((*second)->write(std::as_bytes(std::span(std::string_view("second")))));
    REQUIRE((*second)->commit(0644));
    CHECK(target.content() == "second");
    CHECK(target.is_alone());
}

TEST_CASE("a file system without O_TMPFILE gets a hidden file, which goes without commit") {
    is_nfs = true;
    const Target target;
    REQUIRE(target.replace({"one"}));
    CHECK(target.is_alone());
    {
        const auto given_up = AtomicFile::create(target.path);
        CHECK_FALSE(target.is_alone());
    }
    is_nfs = false;
    CHECK(target.is_alone());
    CHECK(target.content() == "one");
}

TEST_CASE("the content of another user's target is not part of the new file, and is replaced") {
    const Target target;
    REQUIRE(target.replace({"onetwo"}));
    if (::chown(target.path.c_str(), 65534, 65534) != 0) return; // only root can play somebody else
    auto file = AtomicFile::create(target.path).value();
    REQUIRE(file.write(std::as_bytes(std::span(std::string_view("one")))));
    REQUIRE(write_file(target.path, "EVILtwo")); // they change it while it is compared
    REQUIRE(file.write(std::as_bytes(std::span(std::string_view("tw0")))));
    REQUIRE(file.commit(0644));
    CHECK(target.content() == "onetw0");
    CHECK(target.status().st_uid == ::geteuid());
    CHECK(target.is_alone());
}

TEST_CASE("a directory that is exchanged for a link meanwhile leads nowhere") {
    const test::TempDir dir;
    std::filesystem::create_directories(dir / "theirs");
    const auto victim = dir.write("victim/image", "precious");
    auto file = AtomicFile::create(dir / "theirs/image").value();
    REQUIRE(file.write(std::as_bytes(std::span(std::string_view("new")))));
    std::filesystem::rename(dir / "theirs", dir / "gone");
    std::filesystem::create_directory_symlink("victim", dir / "theirs");
    REQUIRE(file.commit(0644));
    CHECK(read_file(victim).value() == "precious");
    CHECK(read_file(dir / "gone/image").value() == "new");
    const auto written = file.content();
    REQUIRE(written);
    CHECK(written->bytes().size() == 3);
}
