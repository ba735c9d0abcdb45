// SPDX-License-Identifier: MIT
#include "mkpxerd/base/tree_path.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "mkpxerd/base/file.hpp"
#include "refused_call.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

// A tree beside a file of the host that its links try to reach.
struct Host {
    test::TempDir dir;
    fs::path tree = dir / "tree";
    Host() {
        dir.write("secret", "of the host");
        dir.write("tree/secret", "of the tree");
        dir.write("tree/directory/file", "inside");
        fs::create_symlink(dir / "secret", tree / "absolute");
        fs::create_symlink("../../../../../../../../secret", tree / "directory/up");
        fs::create_directory_symlink("/directory", tree / "same");
        fs::create_directory_symlink(dir.path(), tree / "out");
        fs::create_symlink("circle", tree / "circle");
        fs::create_symlink("nothing", tree / "dangling");
        fs::create_symlink("/proc/self/root/etc/hostname", tree / "magic");
    }
    TreePath operator()(std::string_view below) const { return {tree, below}; }
};

std::string content(const UniqueFd& fd) {
    std::string text(100, '\0');
    const ssize_t got = ::read(fd.get(), text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
}

using Opener = UniqueFd (*)(int, std::string_view, int);

// What each opener makes of the tree: content, or an error number.
void check_opener(Opener open) {
    const Host host;
    const UniqueFd root(::open(host.tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto opened = [&](std::string_view path, int flags = O_RDONLY) {
        errno = 0;
        const UniqueFd fd = open(root.get(), path, flags);
        return fd ? content(fd) : "error " + std::to_string(errno);
    };
    const auto error = [](int number) { return "error " + std::to_string(number); };
    CHECK(opened("secret") == "of the tree");
    CHECK(opened("/directory/../secret") == "of the tree");
    CHECK(opened("../../secret") == "of the tree");
    CHECK(opened("directory/up") == "of the tree");
    CHECK(opened("same/file") == "inside");
    CHECK(opened("same/./../directory//file") == "inside");
    CHECK(opened("absolute") == error(ENOENT)); // no such path in the tree
    CHECK(opened("out/secret") == error(ENOENT));
    CHECK(opened("circle") == error(ELOOP));
    CHECK(opened("dangling") == error(ENOENT));
    CHECK(opened("magic") == error(ENOENT));
    CHECK(opened("secret/below") == error(ENOTDIR));
    CHECK(opened("absolute", O_RDONLY | O_NOFOLLOW) == error(ELOOP));
    struct stat st {};
    const UniqueFd link = open(root.get(), "absolute", O_PATH | O_NOFOLLOW);
    REQUIRE(link);
    CHECK((::fstat(link.get(), &st) == 0 && S_ISLNK(st.st_mode)));
    CHECK(open(root.get(), "", O_PATH | O_DIRECTORY));
    CHECK(open(root.get(), "same", O_RDONLY | O_DIRECTORY));
    CHECK(opened("secret", O_RDONLY | O_DIRECTORY) == error(ENOTDIR));
    CHECK(opened(std::string(5000, 'x')) == error(ENAMETOOLONG));
}

} // namespace

TEST_CASE("no link of a tree leads out of it") {
    check_opener(open_in_root);
}

TEST_CASE("links are followed in the same way by hand") {
    check_opener(open_in_root_by_hand);
}

TEST_CASE("a kernel or a sandbox without openat2 is done without") {
    const Host host;
    for (const unsigned error : {ENOSYS, EPERM})
        CHECK(test::with_refused_call(SYS_openat2, error, [&] {
                  const bool inside = read_regular(host("directory/up")).value_or("") == "of the tree";
                  return inside && !read_regular(host("out/secret")) ? 0 : 1;
              }) == 0);
}

TEST_CASE("a path without a tree leads where its links lead") {
    const Host host;
    CHECK(read_regular(host.tree / "absolute").value() == "of the host");
    CHECK_FALSE(read_regular(host("absolute")));
}

TEST_CASE("a pipe in a tree is refused and never waited for") {
    const Host host;
    REQUIRE(::mkfifo((host.tree / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("/pipe", host.tree / "to-pipe");
    for (const char* name : {"pipe", "to-pipe"}) {
        const auto text = read_file(host(name));
        REQUIRE_FALSE(text);
        CHECK(text.error().first().text == "is not a regular file");
        CHECK_FALSE(MappedFile::open_input(host(name)));
        CHECK(list_directory(host(name)).value().empty());
    }
}

TEST_CASE("a dangling link is there, and an absent file is not") {
    const Host host;
    CHECK(is_there(host("dangling")).value());
    CHECK(is_there(host("absolute")).value());
    CHECK_FALSE(is_there(host("nothing")).value());
    CHECK_FALSE(is_there(host("secret/below")).value());
    CHECK_FALSE(is_there(host("out/secret")).value());
}

TEST_CASE("directories are told and listed inside the tree") {
    const Host host;
    CHECK(is_directory(host("same")));
    CHECK_FALSE(is_directory(host("out")));
    CHECK_FALSE(is_directory(host("secret")));
    CHECK(list_directory(host("same")).value() == std::vector<std::string>{"file", "up"});
    CHECK(list_directory(host("out")).value().empty());
}

TEST_CASE("a path below a tree is named as it lies on this machine") {
    CHECK((TreePath("/srv/tree", "/etc") / "hosts").string() == "/srv/tree/etc/hosts");
    CHECK(TreePath("/srv/tree", "").string() == "/srv/tree");
    CHECK((TreePath("/srv") / "x").string() == "/srv/x");
}

TEST_CASE("a tree is the directory that was named, whatever has its name by then") {
    const Host host;
    const TreePath root(host.tree, "");
    const TreePath file = root / "secret";
    fs::rename(host.tree, host.dir / "moved");
    fs::create_directory_symlink(host.dir.path(), host.tree); // whose secret is the host's
    CHECK(content(file.open(O_RDONLY).value()) == "of the tree");
    CHECK(content((root / "/directory/up").open(O_RDONLY).value()) == "of the tree");
    // One that comes later is found as well.
    const TreePath later(host.dir / "later", "x");
    CHECK_FALSE(is_there(later).value());
    host.dir.write("later/x", "here");
    CHECK(content(later.open(O_RDONLY).value()) == "here");
}
