// SPDX-License-Identifier: MIT
// Trees whose modules are compressed: what they ask for is read, and the image holds them as --modules says.
#include <catch2/catch.hpp>
#include <span>
#include <sstream>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

struct Compression {
    const char* command;
    const char* suffix;
    const char* option; // of the kernel that loads it
};
constexpr Compression compressions[] = {
    {"gzip -n", ".gz", "CONFIG_MODULE_COMPRESS_GZIP"},
    {"xz --check=crc32", ".xz", "CONFIG_MODULE_COMPRESS_XZ"},
    {"zstd -q --rm", ".zst", "CONFIG_MODULE_COMPRESS_ZSTD"},
};

struct System : test::CommandRunner {
    test::KernelTree kernel;
    std::string plain; // nfs.ko before it was compressed
    explicit System(const Compression& compression) {
        kernel.module("kernel/net/sunrpc/sunrpc.ko", {.exports = {"rpc_call"}});
        kernel.module("kernel/fs/nfs/nfs.ko", {.imports = {"rpc_call"}, .modinfo = {"firmware=nfs/a.fw"}});
        kernel.builtin("kernel/drivers/net/virtio_net.ko");
        kernel.depmod();
        plain = read_file(kernel.directory() / "kernel/fs/nfs/nfs.ko").value();
        kernel.pack(compression.command, compression.suffix);
        const auto& dir = kernel.dir();
        dir.write("lib/firmware/nfs/a.fw", "blob");
        dir.write("init", "init");
        dir.write("other-init", "#!/bin/sh\n");
        dir.write("share/features.d/nfs.modules", "kernel/fs/nfs/nfs.ko\n");
    }
    void configuration(const std::string& text) const {
        kernel.dir().write("boot/config-6.1-test", "CONFIG_RD_GZIP=y\n" + text);
    }
    int build(std::vector<std::string> arguments) {
        const auto& dir = kernel.dir();
        arguments.insert(arguments.end(),
                         {"-F", "nfs", "-b", dir.path().string(), "-o", (dir / "image").string()});
        return run_with(dir / "share", dir / "init", arguments);
    }
    // With an init that leaves modules to the kernel.
    int build_with_other_init(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-i", (kernel.dir() / "other-init").string()});
        return build(std::move(arguments));
    }
    // As the last build left it.
    std::string content(const std::string& name) const {
        const std::string path = "lib/modules/6.1-test/" + name;
        const auto image = image::Image::open(kernel.dir() / "image", {path, name});
        REQUIRE(image);
        const std::string* kept = image->kept(path) != nullptr ? image->kept(path) : image->kept(name);
        return kept == nullptr ? "(not in the image)" : *kept;
    }
    std::uintmax_t image_size() const { return std::filesystem::file_size(kernel.dir() / "image"); }
};

const std::string absent = "(not in the image)";

} // namespace

TEST_CASE("compressed modules are read in every compression, and unpacked on the way into the image") {
    for (const Compression& compression : compressions) {
        INFO(compression.command);
        System system(compression);
        REQUIRE(system.build({"--modules", "plain"}) == 0);
        CHECK(system.err.str().empty());
        CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
        CHECK(system.content(std::string("kernel/fs/nfs/nfs.ko") + compression.suffix) == absent);
        CHECK(system.content("modules.dep") ==
              "kernel/net/sunrpc/sunrpc.ko:\nkernel/fs/nfs/nfs.ko: kernel/net/sunrpc/sunrpc.ko\n");
        CHECK(system.content("modules.order") == "kernel/net/sunrpc/sunrpc.ko\nkernel/fs/nfs/nfs.ko\n");
        CHECK(system.content("lib/firmware/nfs/a.fw") == "blob");
    }
}

TEST_CASE("compressed modules are kept as they are, names and all, for a kernel that loads them") {
    for (const Compression& compression : compressions) {
        INFO(compression.command);
        System system(compression);
        const std::string suffix = compression.suffix;
        const std::string compressed =
            read_file(system.kernel.directory() / ("kernel/fs/nfs/nfs.ko" + suffix)).value();
        system.configuration("CONFIG_MODULE_DECOMPRESS=y\n" + std::string(compression.option) + "=y\n");
        REQUIRE(system.build({"--modules", "keep"}) == 0);
        CHECK(system.err.str().empty());
        CHECK(system.content("kernel/fs/nfs/nfs.ko" + suffix) == compressed);
        CHECK(system.content("kernel/fs/nfs/nfs.ko") == absent);
        CHECK(system.content("modules.dep") == "kernel/net/sunrpc/sunrpc.ko" + suffix +
                                                   ":\nkernel/fs/nfs/nfs.ko" + suffix +
                                                   ": kernel/net/sunrpc/sunrpc.ko" + suffix + "\n");
    }
}

TEST_CASE("a modprobe of the image's own leaves modules to the kernel, as another init does") {
    System system(compressions[1]);
    system.configuration("");
    system.kernel.dir().write("sbin/modprobe", "of another program");
    system.kernel.dir().write("share/features.d/nfs.files", "sbin/modprobe\n");
    CHECK(system.build({"--modules", "keep"}) == 1);
    CHECK_THAT(system.err.str(), Catch::Contains("built without CONFIG_MODULE_DECOMPRESS"));
    REQUIRE(system.build({}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
}

TEST_CASE("compressed modules are not kept for a kernel that cannot load them, unless our own init does") {
    System system(compressions[1]);
    system.configuration("");
    REQUIRE(system.build({"--modules", "keep"}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko.xz") != absent);
    CHECK(system.build_with_other_init({"--modules", "keep"}) == 1);
    CHECK(system.err.str() ==
          "mkpxerd: kernel 6.1-test: cannot load modules compressed with xz: it was built without "
          "CONFIG_MODULE_DECOMPRESS (use --modules plain)\n");
    system.configuration("CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n");
    CHECK(system.build_with_other_init({"--modules", "keep"}) == 1);
    CHECK(system.err.str().find("built without CONFIG_MODULE_COMPRESS_XZ") != std::string::npos);
    REQUIRE(system.build_with_other_init({}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
    std::filesystem::remove(system.kernel.dir() / "boot/config-6.1-test");
    REQUIRE(system.build_with_other_init({"--modules", "keep"}) == 0);
    CHECK(system.err.str().find("warning: kernel 6.1-test: its configuration is not available") !=
          std::string::npos);
    CHECK(system.content("kernel/fs/nfs/nfs.ko.xz") != absent);
    REQUIRE(system.build_with_other_init({}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
}

TEST_CASE("plain modules are packed on request, and the lists and the firmware follow") {
    System system({"true", "", ""}); // the tree has them plain
    system.configuration("CONFIG_FW_LOADER_COMPRESS_XZ=y\n");
    system.kernel.dir().write("lib/firmware/nfs/a.fw", std::string(1000, 'f'));
    struct Packed {
        const char* word;
        std::string suffix;
        wrap::Format format;
    };
    for (const Packed& packed :
         {Packed{"packed", ".zst", wrap::Format::Zstd}, Packed{"packed:xz", ".xz", wrap::Format::Xz}}) {
        INFO(packed.word);
        REQUIRE(system.build({"--modules", packed.word}) == 0);
        CHECK(system.err.str().empty());
        CHECK(system.content("kernel/fs/nfs/nfs.ko") == absent);
        const std::string module = system.content("kernel/fs/nfs/nfs.ko" + packed.suffix);
        std::string plain;
        const auto append = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
            plain.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        };
        REQUIRE(wrap::decompress_file(packed.format, std::as_bytes(std::span(module)), append, "nfs.ko"));
        CHECK(plain == system.plain);
        CHECK(system.content("modules.dep") == "kernel/net/sunrpc/sunrpc.ko" + packed.suffix +
                                                   ":\nkernel/fs/nfs/nfs.ko" + packed.suffix +
                                                   ": kernel/net/sunrpc/sunrpc.ko" + packed.suffix + "\n");
        CHECK(system.content("lib/firmware/nfs/a.fw") == absent);
        CHECK(system.content("lib/firmware/nfs/a.fw.xz") != absent);
    }
    REQUIRE(system.build({"--modules", "plain"}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
    CHECK(system.content("lib/firmware/nfs/a.fw") == std::string(1000, 'f'));
    CHECK(system.build({"--modules", "packed:gzip"}) == 1);
}

TEST_CASE("without --modules the smaller image is made") {
    System system(compressions[1]);
    system.configuration("CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n");
    for (const std::string compression : {"none", "gzip"}) {
        INFO(compression);
        REQUIRE(system.build({"-C", compression, "--modules", "keep"}) == 0);
        const auto kept = system.image_size();
        REQUIRE(system.build({"-C", compression, "--modules", "plain"}) == 0);
        const auto plain = system.image_size();
        REQUIRE(system.build({"-C", compression}) == 0);
        CHECK(kept != plain);
        CHECK(system.image_size() == std::min(kept, plain));
        CHECK((kept < plain) == (compression == "none"));
    }
}

TEST_CASE("a module that is compressed and damaged is an error that names it") {
    System system(compressions[2]);
    const auto file = system.kernel.directory() / "kernel/fs/nfs/nfs.ko.zst";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 9);
    CHECK(system.build({}) == 1);
    CHECK(system.err.str().find("mkpxerd: " + file.string() + ": ") == 0);
}

TEST_CASE("modules that the kernel would not unpack are kept only with our own init") {
    // gzip with a flag and its field after the ten bytes of the header (RFC 1952, section 2.3.1).
    const std::string with_field =
        "sh -c 'flag=$1 field=$2; shift 2; for m; do gzip -nc $m >$m.x; (head -c 3 $m.x; printf \"$flag\"; "
        "head -c 10 $m.x | tail -c 6; printf \"$field\"; tail -c +11 $m.x) >$m.gz; rm $m $m.x; done' sh ";
    const std::string extra = with_field + R"('\004' '\002\000xx')";
    const std::string comment = with_field + R"('\020' 'x\000')";
    const std::string checksum = with_field + R"('\002' '\247\167')"; // of a header of gzip -n
    const Compression unusual[] = {
        {"xz --check=crc64", ".xz", "its check is CRC64, not CRC32"},
        {"xz --check=crc32 --delta --lzma2", ".xz", "it uses filters other than LZMA2 after one BCJ filter"},
        {"sh -c 'for m; do gzip -n $m; gzip -nc /dev/null >>$m.gz; done' sh", ".gz",
         "it has more than one stream"},
        {extra.c_str(), ".gz", "it has an extra field"},
        {comment.c_str(), ".gz", "it has a comment"},
        {checksum.c_str(), ".gz", "it has a checksum of its header"},
    };
    for (const Compression& compression : unusual) {
        INFO(compression.command);
        System system(compression);
        system.configuration("CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n"
                             "CONFIG_MODULE_COMPRESS_GZIP=y\n");
        REQUIRE(system.build({"--modules", "keep"}) == 0);
        CHECK(system.content(std::string("kernel/fs/nfs/nfs.ko") + compression.suffix) != absent);
        REQUIRE(system.build_with_other_init({"-C", "none"}) == 0);
        CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
        CHECK(system.build_with_other_init({"--modules", "keep"}) == 1);
        CHECK(system.err.str().find(std::string(".ko") + compression.suffix +
                                    ": the kernel would not unpack it: " + compression.option +
                                    " (use --modules plain)") != std::string::npos);
    }
}

TEST_CASE("a module compressed in several streams is unpacked whole") {
    System system(
        {"sh -c 'for m; do head -c 100 $m | gzip -n >$m.gz; tail -c +101 $m | gzip -n >>$m.gz; rm $m; "
         "done' sh",
         ".gz", ""});
    REQUIRE(system.build({}) == 0);
    CHECK(system.content("kernel/fs/nfs/nfs.ko") == system.plain);
}
