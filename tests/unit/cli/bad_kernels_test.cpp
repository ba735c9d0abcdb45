// SPDX-License-Identifier: MIT
// Damaged module directories: depmod's text lists, and the modules themselves.
#include "bad_input.hpp"

using namespace mkpxerd;
using test::BadSystem;
using test::check_bad_builds;

namespace {

const std::string directory = test::kernel_directory;
const std::string at = "mkpxerd: @" + directory;

std::function<void(const BadSystem&)> content(const std::string& file, const std::string& text) {
    return [=](const BadSystem& s) { s.write(directory + file, text); };
}
std::function<void(const BadSystem&)> appended(const std::string& file, const std::string& text) {
    return [=](const BadSystem& s) {
        s.write(directory + file, read_file(s.dir() / (directory + file)).value_or("") + text);
    };
}
std::function<void(const BadSystem&)> cut(const std::string& file, std::size_t size) {
    return [=](const BadSystem& s) { s.cut(directory + file, size); };
}
std::function<void(const BadSystem&)> absent(const std::string& file) {
    return [=](const BadSystem& s) { s.remove(directory + file); };
}
} // namespace

TEST_CASE("damaged text lists of depmod") {
    check_bad_builds({
        {"no kernel",
         [](const BadSystem& s) { s.remove("lib/modules"); },
         {},
         "mkpxerd: @lib/modules: has no kernel modules"},
        {"file for a directory",
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
        {"modules.weakdep, a dead link",
         [](const BadSystem& s) {
             absent("modules.weakdep")(s);
             std::filesystem::create_symlink("gone", s.dir() / (directory + "modules.weakdep"));
         },
         {},
         at + "modules.weakdep: cannot open: No such file or directory"},
        {"modules.order, a directory",
         [](const BadSystem& s) {
             absent("modules.order")(s);
             std::filesystem::create_directory(s.dir() / (directory + "modules.order"));
         },
         {},
         at + "modules.order: cannot read: Is a directory"},
        {"modules.dep, no colon",
         appended("modules.dep", "kernel/x.ko kernel/y.ko\n"),
         {},
         at + "modules.dep:5: is not 'PATH: DEPENDENCY...' (run: depmod -b "},
        {"modules.dep, no module",
         appended("modules.dep", "kernel/readme.txt:\n"),
         {},
         at + "modules.dep:5: "},
        {"modules.dep, absolute and not there",
         content("modules.dep", "kernel/fs/nfs/nfs.ko: /opt/none.ko\n/opt/none.ko:\n"),
         {},
         "mkpxerd: @opt/none.ko: is listed in modules.dep but does not exist (run: depmod -b "},
        {"modules.dep, absolute, leads up",
         content("modules.dep", "/opt/../../bin/tool.ko:\n"),
         {},
         at + "modules.dep:1: "},
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

TEST_CASE("a kernel that was copied without some lists builds, and the loss is told") {
    BadSystem system;
    for (const char* list : {"modules.alias", "modules.softdep", "modules.builtin", "modules.dep.bin"})
        absent(list)(system);
    CHECK(system.build({}) == 0);
    system.check_said("warning: @" + directory +
                      "modules.alias: is missing: no device finds its driver (run: depmod");
    CHECK(system.build({"--hardware", "@host.modalias"}) == 1);
    system.write("host.modalias", "pci:v000010ECd00008168\n");
    CHECK(system.build({"--hardware", "@host.modalias"}) == 1);
    system.check_said(
        at + "modules.alias: is missing or empty, and without it --hardware finds no driver (run: depmod");
    test::KernelTree::run(system.spelled("depmod -b @ 6.1-test 2> /dev/null"));
    CHECK(system.build({"--hardware", "@host.modalias"}) == 0);
}

TEST_CASE("depmod helps where a module that modules.dep lists is gone") {
    BadSystem system;
    absent("kernel/net/sunrpc/sunrpc.ko")(system);
    CHECK(system.build({"-F", "nfs"}) == 1);
    test::KernelTree::run(system.spelled("depmod -b @ 6.1-test 2> /dev/null"));
    CHECK(system.build({"-F", "nfs"}) == 0);
}

TEST_CASE("damaged modules") {
    const std::string nfs = "kernel/fs/nfs/nfs.ko";
    const std::string no_module = at + nfs + ": is not a kernel module: it ";
    check_bad_builds({
        {"absent",
         absent(nfs),
         {},
         at + nfs + ": is listed in modules.dep but does not exist (run: depmod -b "},
        {"dependency absent",
         absent("kernel/net/sunrpc/sunrpc.ko"),
         {},
         at + "kernel/net/sunrpc/sunrpc.ko: is listed in modules.dep but does not exist"},
        {"directory",
         [=](const BadSystem& s) {
             absent(nfs)(s);
             std::filesystem::create_directory(s.dir() / (directory + nfs));
         },
         {},
         at + nfs},
        {"empty", content(nfs, ""), {}, no_module + "does not begin like an ELF file"},
        {"text", content(nfs, "module"), {}, no_module + "does not begin like an ELF file"},
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
         at + nfs + ": is compressed with bzip2, which kernels do not load"},
        {"damaged and no firmware wanted", content(nfs, "module"), {"--firmware", "none"}, no_module},
    });
}
