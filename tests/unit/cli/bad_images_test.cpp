// SPDX-License-Identifier: MIT
// Damaged images, for every command that reads one.
#include "bad_input.hpp"
#include "compressed_archives.hpp"
#include "loader_files.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

std::string sound() {
    return NewcBuilder().directory("etc").file("etc/a", "one\n").trailer().text();
}
std::string with(std::string text, std::size_t place, char byte) {
    text.at(place) = byte;
    return text;
}

struct BadImage {
    const char* what;
    std::string bytes;
    std::string said; // behind the name of the image
};

std::vector<BadImage> bad_images() {
    NewcBuilder long_name;
    long_name.file(std::string(5000, 'n'), "x").trailer();
    return {
        {"empty", "", ": contains no archive"},
        {"zeros", std::string(512, '\0'), ": contains no archive"},
        {"text", "this is no image", ": is text, not an initrd"},
        {"program", ElfImage{}.build(), ": is a program, library or module (ELF), not an initrd"},
        {"cut in a header", sound().substr(0, 60), ": the archive ends within the entry at byte 0"},
        {"cut in a name", sound().substr(0, 112), ": the archive ends within the entry at byte 0"},
        {"cut in a body", sound().substr(0, 232), ": the archive ends within the entry at byte "},
        {"no number", with(sound(), 20, 'x'), ": "},
        {"old format", "070707" + sound().substr(6), ": "},
        {"odd place", sound() + std::string(1, '\0') + sound(), ": an archive starts at byte "},
        {"rubbish behind", sound() + "rubbish", ": neither an archive nor compressed data at byte "},
        {"size beyond the end", with(sound(), 116 + 54, '7'), ": "},
        {"gzip, cut", compressed_gzip().substr(0, 40), ": "},
        {"gzip, damaged", with(compressed_gzip(), 30, '\xff'), ": "},
        {"gzip, of text", from_hex("1f8b0800000000000003cbc8e402007a7a6fed03000000"), ": "},
        {"xz, cut", compressed_xz().substr(0, 60), ": "},
        {"xz, damaged", with(compressed_xz(), 70, '\x55'), ": "},
        {"zstd, cut", compressed_zstd().substr(0, 50), ": "},
        {"zstd, damaged", with(compressed_zstd(), 40, '\x01'), ": "},
        {"lz4, cut", compressed_lz4().substr(0, 30), ": "},
        {"lz4, damaged", with(compressed_lz4(), 4, '\xff'), ": "},
        {"bzip2, cut", compressed_bzip2().substr(0, 60), ": "},
        {"bzip2, damaged", with(compressed_bzip2(), 60, '\x55'), ": "},
        {"lzma, cut", compressed_lzma().substr(0, 60), ": "},
        {"lzo, cut", compressed_lzo().substr(0, 100), ": "},
        {"lzo, damaged", with(compressed_lzo(), 80, '\x55'), ": "},
        {"uImage, cut", uimage(3, sound()).substr(0, 100), ": is a uImage of at least "},
        {"uImage of a kernel", uimage(2, sound()), ": is a uImage of type 2, not a RAM disk"},
        {"EFI program", efi_program({{".text", "code"}}), ": is an EFI program without a section .initrd"},
        {"lz4 frame", compressed_lz4_frame(), ": "},
    };
}

} // namespace

TEST_CASE("damaged images, for every command that reads one") {
    BadSystem system;
    system.write("good.img", sound());
    for (const BadImage& image : bad_images()) {
        INFO(image.what);
        system.write("bad.img", image.bytes);
        const std::vector<std::vector<std::string>> commands = {
            {"ls", "@bad.img"},
            {"ls", "--json", "@bad.img"},
            {"size", "@bad.img"},
            {"diff", "@good.img", "@bad.img"},
            {"diff", "--json", "@bad.img", "@good.img"},
            {"cat", "@bad.img", "etc/a"},
            {"extract", "@bad.img", "-C", "@out/tree"},
            {"lint", "quiet", "@bad.img"},
        };
        for (const auto& command : commands) {
            INFO(command.front());
            CHECK(system.run(command) == (command.front() == "diff" ? 2 : 1));
            system.check_said("mkpxerd: @bad.img" + image.said);
            system.check_old_image();
        }
    }
}

TEST_CASE("files that are not images, and paths that are not in an image") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> inputs = {
        {{"ls", "@none.img"}, "mkpxerd: @none.img: cannot open: No such file or directory"},
        {{"size", "@bin"}, "mkpxerd: @bin: is neither a regular file nor a stream"},
        {{"diff", "@good.img", "@none.img"}, "mkpxerd: @none.img: cannot open"},
        {{"cat", "@good.img", "etc/b"}, "mkpxerd: @good.img: no entry 'etc/b' (did you mean etc/a?)"},
        {{"cat", "@good.img", "etc"}, "mkpxerd: @good.img: 'etc' is not a regular file"},
        {{"extract", "@good.img", "-C", "@out/tree", "lib"}, "mkpxerd: @good.img: "},
        {{"extract", "@good.img", "-C", "@out/image"}, "mkpxerd: @out/image"},
        {{"lint", "quiet", "@none.img"}, "mkpxerd: @none.img: cannot open"},
        {{"why", "nothing", "-b", "@"}, "mkpxerd: nothing: is not in this image"},
    };
    BadSystem system;
    system.write("good.img", sound());
    for (const auto& [command, said] : inputs) {
        INFO(command.front());
        CHECK(system.run(command) == (command.front() == "diff" ? 2 : 1));
        system.check_said(said);
        system.check_old_image();
    }
}
