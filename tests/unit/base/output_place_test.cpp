// SPDX-License-Identifier: MIT
#include "mkpxerd/base/output_place.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/file.hpp"
#include "output_to.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

struct Pipe {
    UniqueFd from;
    UniqueFd to;
    explicit Pipe(int flags = 0) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC | flags) == 0);
        from.reset(ends[0]);
        to.reset(ends[1]);
    }
    std::string take(std::size_t bytes) const {
        std::string text(bytes, '\0');
        const ssize_t got = ::read(from.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
};

Result<void> write_to(const fs::path& target, std::string_view text) {
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(target));
    MKPXERD_TRY(file.write(std::as_bytes(std::span(text))));
    return file.commit(0644);
}

std::string failure(const fs::path& target) {
    const auto written = write_to(target, "new");
    return written ? "written" : written.error().text();
}

fs::path descriptor_path(int fd) {
    return fmt::format("/proc/self/fd/{}", fd);
}

} // namespace

TEST_CASE("an output through links lands at their end, and the links stay") {
    const test::TempDir dir;
    const auto real = dir.write("images/pxerd-6.1", "old");
    fs::create_directories(dir / "tftp");
    fs::create_symlink("../images/pxerd-6.1", dir / "tftp/pxerd");
    fs::create_symlink(dir / "tftp/pxerd", dir / "link");
    REQUIRE(write_to(dir / "link", "new"));
    CHECK(read_file(real).value() == "new");
    CHECK(fs::is_symlink(dir / "link"));
    CHECK(fs::is_symlink(dir / "tftp/pxerd"));
    CHECK(std::distance(fs::directory_iterator(dir / "images"), {}) == 1);
    CHECK(std::distance(fs::directory_iterator(dir / "tftp"), {}) == 1);
}

TEST_CASE("a dangling link makes the file that it leads to") {
    const test::TempDir dir;
    fs::create_directories(dir / "images");
    fs::create_symlink("images/new", dir / "link");
    REQUIRE(write_to(dir / "link", "new"));
    CHECK(read_file(dir / "images/new").value() == "new");
    CHECK(fs::is_symlink(dir / "link"));
    fs::create_symlink("none/new", dir / "lost");
    CHECK(failure(dir / "lost") == fmt::format("{}: cannot write into {}: No such file or directory",
                                               (dir / "lost").string(), (dir / "none").string()));
}

TEST_CASE("links in a circle and directories are no output") {
    const test::TempDir dir;
    fs::create_symlink("b", dir / "a");
    fs::create_symlink("a", dir / "b");
    CHECK(failure(dir / "a") == (dir / "a").string() + ": is part of a loop of links (point it to a file)");
    fs::create_directories(dir / "directory");
    fs::create_symlink("directory", dir / "to-directory");
    CHECK(failure(dir / "to-directory") ==
          (dir / "to-directory").string() + ": is a directory (name the file to write)");
    CHECK(fs::is_symlink(dir / "to-directory"));
}

TEST_CASE("a link of somebody else in a directory for all is not followed") {
    const test::TempDir dir;
    const auto victim = dir.write("victim", "old");
    fs::create_directories(dir / "tmp");
    REQUIRE(::chmod((dir / "tmp").c_str(), 01777) == 0);
    fs::create_symlink(victim, dir / "tmp/pxerd");
    CHECK(failure(dir / "tmp/pxerd") == "written");
    // Only root can play somebody else.
    if (::lchown((dir / "tmp/pxerd").c_str(), 65534, 65534) != 0) return;
    CHECK(failure(dir / "tmp/pxerd").find("is a link that another user put into a directory") !=
          std::string::npos);
    CHECK(read_file(victim).value() == "new");
}

TEST_CASE("devices, pipes and sockets are written to") {
    const test::TempDir dir;
    CHECK(failure("/dev/null") == "written");
    CHECK(failure("/dev/full") == "/dev/full: cannot write: No space left on device");
    fs::create_symlink("/dev/null", dir / "nowhere");
    CHECK(failure(dir / "nowhere") == "written");
    CHECK(fs::is_symlink(dir / "nowhere"));

    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
    const UniqueFd reader(::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    CHECK(failure(dir / "pipe") == "written");
    std::array<char, 8> got{};
    CHECK(::read(reader.get(), got.data(), got.size()) == 3);
    CHECK(fs::is_fifo(dir / "pipe"));

    const UniqueFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (dir / "socket").string();
    REQUIRE(path.size() < sizeof address.sun_path);
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(failure(path) == path + ": cannot connect to this socket: Connection refused");
    REQUIRE(::listen(server.get(), 1) == 0);
    CHECK(failure(path) == "written");
    const UniqueFd connection(::accept(server.get(), nullptr, nullptr));
    CHECK(::read(connection.get(), got.data(), got.size()) == 3);
}

TEST_CASE("a dash and every name of standard output stream into it") {
    const test::TempDir dir;
    fs::create_symlink("/proc/self/fd/1", dir / "stdout");
    std::string refused;
    std::string elsewhere;
    {
        const test::OutputTo output(dir / "out");
        const UniqueFd second(::dup(STDOUT_FILENO));
        for (const fs::path& name :
             {fs::path("-"), fs::path("/proc/self/fd/1"), dir / "stdout", descriptor_path(second.get())}) {
            if (!write_to(name, "x")) refused += name.string() + ' ';
            if (!is_standard_output(name)) elsewhere += name.string() + ' ';
        }
    }
    CHECK(refused.empty());
    CHECK(elsewhere.empty());
    CHECK(read_file(dir / "out").value() == "xxxx");
    CHECK_FALSE(is_standard_output(dir / "out"));
    const auto closed = descriptor_path(987);
    CHECK(failure(closed).starts_with(closed.string() + ": "));
}

TEST_CASE("a redirection is written to where it stands, never replaced") {
    const test::TempDir dir;
    const auto file = dir.write("out", "first,");
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const auto inode = [&] {
        struct stat st {};
        REQUIRE(::stat(file.c_str(), &st) == 0);
        return st.st_ino;
    };
    const auto before = inode();
    REQUIRE(write_to(descriptor_path(fd.get()), "second"));
    CHECK(read_file(file).value() == "first,second");
    CHECK(inode() == before);
}

TEST_CASE("a full pipe that does not block is waited for") {
    Pipe pipe(O_NONBLOCK);
    REQUIRE(::fcntl(pipe.from.get(), F_SETFL, 0) == 0);
    const std::string much(std::size_t{1} << 20, 'x'); // more than any pipe holds
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) ::_exit(write_to(descriptor_path(pipe.to.get()), much) ? 0 : 1);
    pipe.to.reset();
    std::size_t all = 0;
    for (std::size_t got = 1; got > 0; all += got)
        got = pipe.take(65536).size();
    CHECK(all == much.size());
    int status = -1;
    CHECK(::waitpid(writer, &status, 0) == writer);
    CHECK(status == 0);
}

TEST_CASE("a terminal is spared the bytes of an image") {
    const UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(terminal);
    const auto name = descriptor_path(terminal.get());
    CHECK(failure(name) == name.string() + ": is a terminal, and an image is binary (redirect it to a file "
                                           "or a program: > FILE)");
}

TEST_CASE("a link of somebody else on the way is not followed, one's own is") {
    const test::TempDir dir;
    const auto victim = dir.write("victim/pxerd", "old");
    fs::create_directories(dir / "tmp");
    REQUIRE(::chmod((dir / "tmp").c_str(), 01777) == 0);
    fs::create_symlink(dir / "victim", dir / "tmp/way");
    CHECK(failure(dir / "tmp/way/pxerd") == "written");
    CHECK(find_output_directory(dir / "tmp/way/new"));
    if (::lchown((dir / "tmp/way").c_str(), 65534, 65534) != 0) return;
    const auto trap = (dir / "tmp/way").string() + " is a link that another user put into a directory";
    CHECK(failure(dir / "tmp/way/pxerd").find(trap) != std::string::npos);
    CHECK(failure(dir / "tmp/./way/../victim/pxerd").find(trap) != std::string::npos);
    CHECK(find_output_directory(dir / "tmp/way/new").error().text().find(trap) != std::string::npos);
    // In a directory of their own the kernel follows it, too.
    REQUIRE(::chown((dir / "tmp").c_str(), 65534, 65534) == 0);
    CHECK(failure(dir / "tmp/way/pxerd") == "written");
    CHECK(read_file(victim).value() == "new");
}

TEST_CASE("a pipe or socket of somebody else in a directory for all gets nothing") {
    const test::TempDir dir;
    fs::create_directories(dir / "tmp");
    REQUIRE(::chmod((dir / "tmp").c_str(), 01777) == 0);
    REQUIRE(::mkfifo((dir / "tmp/pipe").c_str(), 0666) == 0);
    const UniqueFd reader(::open((dir / "tmp/pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    CHECK(failure(dir / "tmp/pipe") == "written");
    std::array<char, 8> got{};
    CHECK(::read(reader.get(), got.data(), got.size()) == 3);
    if (::lchown((dir / "tmp/pipe").c_str(), 65534, 65534) != 0) return;
    CHECK(failure(dir / "tmp/pipe").find("is a pipe that another user put into a directory") !=
          std::string::npos);
    CHECK(::read(reader.get(), got.data(), got.size()) <= 0);
    // By way of one's own link, too.
    fs::create_symlink("tmp/pipe", dir / "link");
    CHECK(failure(dir / "link").find("is a pipe that another user put into a directory") !=
          std::string::npos);
    REQUIRE(::chmod((dir / "tmp").c_str(), 0755) == 0); // nobody can have put it there
    CHECK(failure(dir / "tmp/pipe") == "written");
}

TEST_CASE("names with dots, slashes and parents lead where they did") {
    const test::TempDir dir;
    fs::create_directories(dir / "a/b");
    fs::create_symlink("a/b", dir / "link");
    for (const char* name : {"a/./b//x", "a/b/../b/x", "link/x", "link/../b/x", "./a/b/x"}) {
        REQUIRE(write_to(dir.path() / name, name));
        CHECK(read_file(dir / "a/b/x").value() == name);
        CHECK(find_output(dir.path() / name)->path == fs::path(dir / "a/b/x").lexically_normal());
    }
    CHECK(failure(dir / "a/b/").find("is a directory") != std::string::npos);
    CHECK(failure(dir / "none/").find("cannot write into") != std::string::npos);
    CHECK(failure(dir / "a/b/x/y").find("Not a directory") != std::string::npos);
}

TEST_CASE("a place in a tree stays in the tree, whatever its owner makes of the directory") {
    const test::TempDir dir;
    fs::create_directories(dir / "tree/boot");
    fs::create_directories(dir / "host");
    auto place = output_in_tree(dir / "tree", "boot/image");
    REQUIRE(place);
    CHECK(place->path == dir / "tree/boot/image");
    fs::rename(dir / "tree/boot", dir / "tree/old");
    fs::create_directory_symlink(dir / "host", dir / "tree/boot");
    auto file = AtomicFile::create(std::move(*place), "image");
    REQUIRE(file);
    REQUIRE(file->commit(0644));
    CHECK(fs::is_empty(dir / "host"));
    CHECK(fs::exists(dir / "tree/old/image"));
}

TEST_CASE("in a tree a file is made or replaced, and nothing else") {
    const test::TempDir dir;
    dir.write("tree/real/image", "old");
    fs::create_directory_symlink("/real", dir / "tree/boot");
    fs::create_symlink("/real/image", dir / "tree/link");
    fs::create_symlink("/real/none", dir / "tree/dangling");
    REQUIRE(::mkfifo((dir / "tree/pipe").c_str(), 0666) == 0);
    const auto found = [&](std::string_view path) -> std::string {
        const auto place = output_in_tree(dir / "tree", path);
        if (!place) return place.error().first().text;
        return place->path.lexically_relative(dir / "tree").string() + (place->target ? ", old" : ", new");
    };
    CHECK(found("boot/image") == "real/image, old");
    CHECK(found("/boot/../boot/other") == "real/other, new");
    CHECK(found("link") == "real/image, old");
    CHECK(found("new") == "new, new");
    CHECK(found("dangling") == "is a dangling link in the tree");
    CHECK(found("none/image") == "is in a directory that does not exist in the tree");
    CHECK(found("link/image") == "is in a directory that does not exist in the tree");
    for (const char* other : {"pipe", "real", "", "/", "boot"})
        CHECK(found(other) == "is not a file that can be replaced");
}
