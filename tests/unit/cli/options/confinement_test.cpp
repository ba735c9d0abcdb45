// SPDX-License-Identifier: MIT
// Which rights a command keeps; cli.sandbox shows that the kernel takes the others away.
#include "mkpxerd/cli/options/confinement.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using cli::Duty;
namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

namespace {

cli::OutputRights rights(const fs::path& output, const fs::path& cache = {}, const fs::path& other = {}) {
    generator::BuildRequest request;
    request.output = output;
    return cli::rights_for_output(request, cache, other);
}

void listen_at(const fs::path& path) {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

} // namespace

TEST_CASE("a build writes into the directories of its outputs, into its cache, and nowhere else") {
    test::TempDir dir;
    fs::create_directories(dir / "a");
    fs::create_directories(dir / "b");
    CHECK(rights(dir / "a/pxerd").writable == Paths{dir / "a"});
    CHECK(rights(dir / "a/pxerd", dir / "cache", dir / "b/repro.tar").writable ==
          Paths{dir / "cache", dir / "b", dir / "a"});
    CHECK(rights(dir / "a/pxerd").network == wrap::Network::None);
    CHECK(rights("-").writable.empty());
}

TEST_CASE("an output that is a link may be written where it leads") {
    test::TempDir dir;
    fs::create_directories(dir / "far");
    fs::create_symlink("far/pxerd", dir / "pxerd");
    CHECK(rights(dir / "pxerd").writable == Paths{dir / "far"});
}

TEST_CASE("a pipe is written itself, and a socket also needs sockets") {
    test::TempDir dir;
    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
    CHECK(rights(dir / "pipe").writable == Paths{dir / "pipe"});
    CHECK(rights(dir / "pipe").network == wrap::Network::None);
    listen_at(dir / "socket");
    CHECK(rights(dir / "socket").writable == Paths{dir / "socket"});
    CHECK(rights(dir / "socket").network == wrap::Network::Local);
}

TEST_CASE("without a name of the output, a build writes to the tree's boot, and where its links lead") {
    test::TempDir dir;
    fs::create_directories(dir / "boot");
    fs::create_directories(dir / "images");
    dir.write("images/old", "old");
    fs::create_symlink("../images/old", dir / "boot/initramfs-lts");
    generator::BuildRequest request;
    request.basedir = dir.path();
    CHECK(cli::rights_for_output(request, {}).writable == Paths{dir / "boot", dir / "images"});
    request.output_of_tree = generator::TreeOutput{.tree = dir.path(), .path = "/images/new", .origin = {}};
    CHECK(cli::rights_for_output(request, {}).writable == Paths{dir / "images"});
}

TEST_CASE("only what starts programs keeps the right to, and only trials are not confined") {
    CHECK_FALSE(Duty::reads({"image"}).powers.programs);
    CHECK(Duty::reads({"image"}).readable == Paths{"image"});
    CHECK(Duty::makes_bundle("bundle").powers.programs);
    CHECK_FALSE(Duty::builds().powers.programs);
    CHECK(Duty::extracts("image", "directory").writable == Paths{"directory"});
    CHECK_FALSE(Duty::boots().is_confined);
    CHECK_FALSE(Duty::prints().is_bounded);
    CHECK(Duty::prints().powers.network == wrap::Network::None);
}

TEST_CASE("a limit of the user replaces the usual one, 0 is none") {
    CHECK(cli::bounds_of({.memory = 5, .seconds = 0}).memory == 5);
    CHECK(cli::bounds_of({.memory = 5, .seconds = 0}).seconds == 0);
    CHECK(cli::bounds_of({}).memory >= std::uint64_t{2} << 30);
    CHECK(cli::out_of_memory({.memory = std::uint64_t{3} << 30, .seconds = {}}).text() ==
          "memory: more than 3072 MiB are needed (--max-memory SIZE raises the limit, 0 removes it)");
    CHECK(cli::out_of_memory({.memory = 0, .seconds = {}}).text() == "memory: this machine has too little");
}
