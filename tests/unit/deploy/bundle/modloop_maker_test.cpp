// SPDX-License-Identifier: MIT
// With a packer that keeps the archive as it comes.
#include "mkpxerd/deploy/bundle/modloop_maker.hpp"

#include <catch2/catch.hpp>

#include "fake_program.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

struct Tree {
    test::TempDir dir;
    deploy::ModloopContent content;
    Tree() {
        dir.write("modules/kernel/fs/minix.ko", "module");
        dir.write("modules/modules.dep", "dep");
        std::filesystem::create_directory_symlink("/usr/src/linux", dir / "modules/build");
        dir.write("firmware/a.fw", "blob");
        content = {"6.1-test",
                   dir.path(),
                   "modules",
                   {{"mac/a.fw", "", dir / "firmware/a.fw"}, {"mac/b.fw", "a.fw", {}}}};
    }
    Result<void> write() const { return deploy::write_modloop(content, 7, dir / "modloop"); }
};

} // namespace

TEST_CASE("a modloop has the modules under their version, the firmware beside, and no links to sources") {
    const test::FakeProgram packer("mksquashfs", R"(cat >"$2"; echo "$@" >"$2.said")");
    Tree tree;
    REQUIRE(tree.write());
    auto reader = wrap::TarReader::open(tree.dir / "modloop");
    REQUIRE(reader);
    std::string names;
    while (true) {
        auto entry = reader->next();
        REQUIRE(entry);
        if (!*entry) break;
        std::string path = (*entry)->path;
        if (path.back() == '/') path.pop_back();
        names += path + '\n';
    }
    CHECK(names == "modules\nmodules/6.1-test\nmodules/6.1-test/kernel\nmodules/6.1-test/kernel/fs\n"
                   "modules/6.1-test/kernel/fs/minix.ko\nmodules/6.1-test/modules.dep\nmodules/firmware\n"
                   "modules/firmware/mac\nmodules/firmware/mac/a.fw\nmodules/firmware/mac/b.fw\n");
    CHECK(read_file(tree.dir / "modloop.said").value().find("-mkfs-time 7 -all-time 7") != std::string::npos);
}

TEST_CASE("a packer that fails: its words are in the error") {
    const test::FakeProgram packer("mksquashfs", "cat >/dev/null; echo no space left; exit 3");
    CHECK(Tree().write().error().text() == "mksquashfs: failed with 3: no space left");
}

TEST_CASE("a packer that ends before it has read everything is an error, not our end") {
    const test::FakeProgram packer("mksquashfs", "exit 1");
    Tree tree;
    tree.dir.write("modules/large.ko", std::string(1 << 20, 'x'));
    CHECK(tree.write().error().text() == "mksquashfs: failed with 1: ");
}

TEST_CASE("a module that cannot be read is an error that names it") {
    const test::FakeProgram packer("mksquashfs", "cat >/dev/null");
    Tree tree;
    tree.content.firmware.push_back({"lost.fw", "", tree.dir / "firmware/lost.fw"});
    const auto done = tree.write();
    REQUIRE_FALSE(done);
    CHECK(done.error().text().find("firmware/lost.fw") != std::string::npos);
}
