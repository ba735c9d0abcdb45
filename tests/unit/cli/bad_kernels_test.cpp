// SPDX-License-Identifier: MIT
// Damaged module folders: depmod's text lists, its binary indexes, and the modules themselves.
#include "bad_input.hpp"

using namespace mkpxerd;
using test::BadSystem;
using test::check_bad_builds;

namespace {

const std::string folder = test::kernel_folder;
const std::string at = "mkpxerd: @" + folder;

std::function<void(const BadSystem&)> content(const std::string& file, const std::string& text) {
    return [=](const BadSystem& s) { s.write(folder + file, text); };
}
std::function<void(const BadSystem&)> appended(const std::string& file, const std::string& text) {
    return [=](const BadSystem& s) {
        s.write(folder + file, read_file(s.dir() / (folder + file)).value_or("") + text);
    };
}
std::function<void(const BadSystem&)> cut(const std::string& file, std::size_t size) {
    return [=](const BadSystem& s) { s.cut(folder + file, size); };
}
std::function<void(const BadSystem&)> absent(const std::string& file) {
    return [=](const BadSystem& s) { s.remove(folder + file); };
}
// Writes a big-endian number over part of a file.
std::function<void(const BadSystem&)> number(const std::string& file, std::size_t place,
                                             std::uint32_t value) {
    return [=](const BadSystem& s) {
        s.change(folder + file, [&](std::string& bytes) {
            for (unsigned i = 0; i < 4; ++i)
                bytes.at(place + i) = static_cast<char>(value >> (24 - 8 * i));
        });
    };
}

} // namespace

TEST_CASE("damaged text lists of depmod") {
    check_bad_builds({
        {"no kernel",
         [](const BadSystem& s) { s.remove("lib/modules"); },
         {},
         "mkpxerd: @lib/modules: has no kernel modules"},
        {"file for a folder",
         [](const BadSystem& s) {
             s.remove("lib/modules");
             s.write("lib/modules", "x");
         },
         {},
         "mkpxerd: @lib/modules: has no kernel modules"},
        {"two kernels",
         [](const BadSystem& s) { s.write("lib/modules/6.2/x", ""); },
         {},
         "mkpxerd: @lib/modules: has several kernels: 6.1-test, 6.2 (name one as the last argument)"},
        {"no modules.dep", absent("modules.dep"), {}, at + "modules.dep: is missing (run: depmod -b "},
        {"no modules.alias", absent("modules.alias"), {}, at + "modules.alias: is missing (run: depmod -b "},
        {"no modules.softdep",
         absent("modules.softdep"),
         {},
         at + "modules.softdep: is missing (run: depmod -b "},
        {"no modules.builtin",
         absent("modules.builtin"),
         {},
         at + "modules.builtin: is missing (run: depmod -b "},
        {"modules.weakdep, a dead link",
         [](const BadSystem& s) {
             absent("modules.weakdep")(s);
             std::filesystem::create_symlink("gone", s.dir() / (folder + "modules.weakdep"));
         },
         {},
         at + "modules.weakdep: cannot open: No such file or directory"},
        {"modules.order, a folder",
         [](const BadSystem& s) {
             absent("modules.order")(s);
             std::filesystem::create_directory(s.dir() / (folder + "modules.order"));
         },
         {},
         at + "modules.order: cannot read: Is a directory"},
        {"modules.dep, no colon",
         appended("modules.dep", "kernel/x.ko kernel/y.ko\n"),
         {},
         at + "modules.dep:5: is not 'PATH: DEPENDENCY...' (run depmod again"},
        {"modules.dep, no module",
         appended("modules.dep", "kernel/readme.txt:\n"),
         {},
         at + "modules.dep:5: "},
        {"modules.dep, absolute", content("modules.dep", "/bin/tool.ko:\n"), {}, at + "modules.dep:1: "},
        {"modules.dep, outside",
         content("modules.dep", "kernel/../../../../bin/tool.ko:\n"),
         {},
         at + "modules.dep:1: "},
        {"modules.dep, dependency",
         content("modules.dep", "kernel/fs/nfs/nfs.ko: sunrpc\n"),
         {},
         at + "modules.dep:1: "},
        {"modules.dep, binary",
         content("modules.dep", std::string("\0\1\2\x1b", 4)),
         {},
         at + "modules.dep:1: "},
        {"modules.dep, empty",
         content("modules.dep", ""),
         {},
         "nfs.modules:2: 'kernel/fs/nfs/*' matches no module"},
        {"modules.alias, word", appended("modules.alias", "alyas pci:* mac\n"), {}, at + "modules.alias:"},
        {"modules.alias, no module",
         content("modules.alias", "# c\nalias pci:v1\n"),
         {},
         at + "modules.alias:2: is not 'alias PATTERN MODULE'"},
        {"modules.softdep",
         content("modules.softdep", "# c\n\nsoftdep\n"),
         {},
         at + "modules.softdep:3: is not 'softdep MODULE"},
        {"modules.weakdep",
         content("modules.weakdep", "nonsense\n"),
         {},
         at + "modules.weakdep:1: is not 'weakdep MODULE"},
        {"modules.builtin",
         content("modules.builtin", "kernel/a.ko\nkernel/b\n"),
         {},
         at + "modules.builtin:2: is not 'PATH'"},
        {"list, told beside a bad index",
         [](const BadSystem& s) {
             absent("modules.dep.bin")(s);
             s.write(folder + "modules.builtin", "kernel/a\n");
         },
         {},
         at + "modules.builtin:1: is not 'PATH'"},
        {"index, told beside a bad list",
         [](const BadSystem& s) {
             absent("modules.dep.bin")(s);
             s.write(folder + "modules.builtin", "kernel/a\n");
         },
         {},
         at + "modules.dep.bin: is missing"},
        {"modules.alias, tab", appended("modules.alias", "alias pci:* \tmac\n"), {}, at + "modules.alias:"},
    });
}

TEST_CASE("lists that old kernels and depmods do not write may be absent") {
    BadSystem system;
    for (const char* list :
         {"modules.weakdep", "modules.devname", "modules.builtin.modinfo", "modules.order"})
        absent(list)(system);
    CHECK(system.build({"-q"}) == 0);
}

TEST_CASE("damaged binary indexes of depmod") {
    const std::string dep = at + "modules.dep.bin: ";
    check_bad_builds({
        {"absent", absent("modules.dep.bin"), {}, dep + "is missing (run: depmod -b "},
        {"empty", content("modules.dep.bin", ""), {}, dep + "has no index header at byte 0 (run: depmod -b "},
        {"cut in its header", cut("modules.dep.bin", 10), {}, dep + "has no index header"},
        {"cut in half", cut("modules.dep.bin", 80), {}, dep},
        {"magic", number("modules.dep.bin", 0, 0x12345678), {}, dep + "has no index header"},
        {"version",
         number("modules.dep.bin", 4, 0x00030001),
         {},
         dep + "has an index of an unknown version at byte 4"},
        {"root outside", number("modules.dep.bin", 8, 0xefffffff), {}, dep + "points out of itself"},
        {"root within the header", number("modules.dep.bin", 8, 0x20000001), {}, dep},
        {"text", content("modules.dep.bin", "kernel/fs/nfs/nfs.ko:"), {}, dep + "has no index header"},
        {"folder",
         [](const BadSystem& s) {
             absent("modules.dep.bin")(s);
             std::filesystem::create_directory(s.dir() / (folder + "modules.dep.bin"));
         },
         {},
         dep + "is not a regular file"},
        {"of another run",
         appended("modules.dep", "kernel/fs/nfs/more.ko:\n"),
         {},
         at + "kernel/fs/nfs/more.ko: is listed in modules.dep but is not there (run: depmod -b "},
        {"aliases absent", absent("modules.alias.bin"), {}, at + "modules.alias.bin: is missing"},
        {"aliases cut", cut("modules.alias.bin", 40), {}, at + "modules.alias.bin: "},
        {"symbols cut", cut("modules.symbols.bin", 14), {}, at + "modules.symbols.bin: "},
        {"built-ins absent", absent("modules.builtin.bin"), {}, at + "modules.builtin.bin: is missing"},
        {"built-ins cut", cut("modules.builtin.bin", 13), {}, at + "modules.builtin.bin: "},
    });
}

TEST_CASE("an index with any wrong bytes is refused or followed, and nothing else") {
    const std::string index = read_file(test::sound_system().folder() / "modules.dep.bin").value();
    BadSystem system;
    for (std::size_t place = 0; place < index.size(); ++place) {
        std::string bytes = index;
        bytes[place] = static_cast<char>(bytes[place] ^ (place % 2 == 0 ? 0xff : 0x21));
        system.write(folder + "modules.dep.bin", bytes);
        INFO(place);
        const int code = system.run({"-q", "-l", "-b", "@", "-F", "nfs"});
        CHECK((code == 0 || code == 1));
    }
    system.check_old_image();
}

TEST_CASE("damaged modules") {
    const std::string nfs = "kernel/fs/nfs/nfs.ko";
    const std::string no_module = at + nfs + ": is not a kernel module: it ";
    check_bad_builds({
        {"absent",
         absent(nfs),
         {},
         at + nfs + ": is listed in modules.dep but is not there (run: depmod -b "},
        {"dependency absent",
         absent("kernel/net/sunrpc/sunrpc.ko"),
         {},
         at + "kernel/net/sunrpc/sunrpc.ko: is listed in modules.dep but is not there"},
        {"folder",
         [=](const BadSystem& s) {
             absent(nfs)(s);
             std::filesystem::create_directory(s.dir() / (folder + nfs));
         },
         {},
         at + nfs},
        {"empty", content(nfs, ""), {}, no_module + "does not begin as an ELF file does"},
        {"text", content(nfs, "module"), {}, no_module + "does not begin as an ELF file does"},
        {"cut in its header", cut(nfs, 40), {}, no_module + "has no ELF header that can be read"},
        {"cut in its sections", cut(nfs, 200), {}, no_module},
        {"program",
         [=](const BadSystem& s) { content(nfs, test::ElfImage{}.build())(s); },
         {},
         no_module + "is an ELF file of another kind"},
        {"gzip, cut", content(nfs, "\x1f\x8b\x08"), {}, at + nfs + ": "},
        {"xz, damaged", content(nfs, std::string("\xfd\x37zXZ\0\0\1\2\3\4\5\6\7", 14)), {}, at + nfs + ": "},
        {"bzip2",
         content(nfs, "BZh91AY&SY\x12\x0b\xeb\x2a"),
         {},
         at + nfs + ": is packed by bzip2, which kernels do not load"},
        {"damaged and no firmware wanted", content(nfs, "module"), {"--firmware", "none"}, no_module},
    });
}
