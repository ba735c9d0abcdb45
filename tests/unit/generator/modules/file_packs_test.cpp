// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/file_packs.hpp"

#include <catch2/catch.hpp>

#include "samples.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Files {
    test::TempDir dir;
    std::vector<PackableFile> all;
    void add(const std::string& name, const std::string& content) {
        all.push_back({.source = TreePath(dir.path(), name), .size = content.size()});
        dir.write(name, content);
    }
};

std::string packed_alone(const std::string& plain) {
    return wrap::FilePacker(wrap::packing_zstd, nullptr).pack(std::as_bytes(std::span(plain))).value();
}

} // namespace

TEST_CASE("every file is packed on its own, whatever the others are") {
    Files files;
    std::vector<std::string> contents;
    for (unsigned i = 0; i < 20; ++i) {
        contents.push_back(test::prose(100 + (i * 7919) % 5000));
        files.add("f" + std::to_string(i), contents.back());
    }
    FilePacks packs(wrap::packing_zstd, nullptr);
    REQUIRE(packs.pack(files.all));
    for (unsigned i = 0; i < 20; ++i) {
        const PackedContent& content = packs.of(files.all[i].source);
        CHECK(content.shrinks);
        REQUIRE(content.bytes);
        CHECK(*content.bytes == packed_alone(contents[i]));
        CHECK(content.size == content.bytes->size());
    }
}

TEST_CASE("a file that does not shrink says so") {
    Files files;
    files.add("noise", test::noise(3000));
    files.add("empty", "");
    FilePacks packs(wrap::packing_zstd, nullptr);
    REQUIRE(packs.pack(files.all));
    for (const PackableFile& file : files.all)
        CHECK_FALSE(packs.of(file.source).shrinks);
}

TEST_CASE("packed bytes beyond the room are not kept, and the file is packed again with the same result") {
    Files files;
    const std::string content = test::prose(5000);
    files.add("a", content);
    files.add("b", content);
    FilePacks packs(wrap::packing_zstd, nullptr, packed_alone(content).size());
    REQUIRE(packs.pack(files.all));
    const PackedContent& a = packs.of(files.all[0].source);
    const PackedContent& b = packs.of(files.all[1].source);
    CHECK((a.bytes != nullptr) != (b.bytes != nullptr));
    CHECK(a.size == b.size);
    const PackedFile again{.source = files.all[0].source, .plain_size = 5000, .packing = wrap::packing_zstd};
    std::string written;
    const auto sink = [&](std::span<const std::byte> bytes) -> Result<void> {
        written.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    };
    REQUIRE(write_packed(again, a.size, sink));
    CHECK(written == packed_alone(content));
    files.dir.write("a", test::noise(5000)); // of the same size, and packed it is not
    const auto changed = write_packed(again, a.size, sink);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().text().find("changed while it was read") != std::string::npos);
}

TEST_CASE("a file is packed once, however often it is asked for") {
    Files files;
    files.add("a", test::prose(5000));
    FilePacks packs(wrap::packing_zstd, nullptr);
    REQUIRE(packs.pack(files.all));
    std::filesystem::remove(files.dir / "a");
    CHECK(packs.pack(files.all));
}

TEST_CASE("every file that cannot be packed is named") {
    Files files;
    files.add("grown", "x");
    files.add("fine", test::prose(100));
    files.add("gone", "y");
    files.dir.write("grown", "xx");
    std::filesystem::remove(files.dir / "gone");
    FilePacks packs(wrap::packing_zstd, nullptr);
    const auto done = packs.pack(files.all);
    REQUIRE_FALSE(done);
    REQUIRE(done.error().problems().size() == 2);
    CHECK(done.error().problems()[0].text == "changed while it was read");
    CHECK(done.error().problems()[1].object == (files.dir / "gone").string());
}
