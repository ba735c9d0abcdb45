// SPDX-License-Identifier: MIT
// Feature lists that do not fit the system, and damaged programs in it.
#include <sys/stat.h>

#include "bad_input.hpp"

using namespace mkpxerd;
using test::BadSystem;
using test::check_bad_builds;
using test::ElfImage;

namespace {

std::function<void(const BadSystem&)> list(const std::string& name, const std::string& text) {
    return [=](const BadSystem& s) { s.write("share/features.d/" + name, text); };
}
// The program of the feature "tool", with one thing changed.
std::function<void(const BadSystem&)> program(const std::function<void(ElfImage&)>& change) {
    return [change](const BadSystem& s) {
        ElfImage elf;
        elf.interpreter = "/lib/ld-linux-x86-64.so.2";
        elf.needed = {"libt.so.1"};
        change(elf);
        s.write("bin/tool", elf.build());
    };
}
std::function<void(const BadSystem&)> bytes(const std::function<void(std::string&)>& change) {
    return [change](const BadSystem& s) { s.change("bin/tool", change); };
}
std::function<void(const BadSystem&)> text(const std::string& content) {
    return [content](const BadSystem& s) { s.write("bin/tool", content); };
}

const std::string mods = "mkpxerd: @share/features.d/nfs.modules:";
const std::string files = "mkpxerd: @share/features.d/tool.files:";

} // namespace

TEST_CASE("bad lines of feature lists") {
    check_bad_builds({
        {"no such module",
         list("nfs.modules", "# a\n\nkernel/fs/nsf/nfs.ko\n"),
         {},
         mods + "3: 'kernel/fs/nsf/nfs.ko' matches no module of kernel 6.1-test, built in or not (did you "
                "mean kernel/fs/nfs/nfs.ko?)"},
        {"no such directory",
         list("nfs.modules", "kernel/none/*\n"),
         {},
         mods + "1: 'kernel/none/*' matches no module"},
        {"open bracket",
         list("nfs.modules", "kernel/fs/nfs/[a\n"),
         {},
         mods + "1: 'kernel/fs/nfs/[a' matches no module"},
        {"module outside",
         list("nfs.modules", "../../../bin/tool\n"),
         {},
         mods + "1: '../../../bin/tool' matches no module"},
        {"empty after ?",
         list("nfs.modules", "kernel/fs\n?\n"),
         {},
         mods + "2: names no path (delete the line)"},
        {"everything", list("tool.files", "/bin/tool\n/\n"), {}, files + "2: "},
        {"no such file", list("tool.files", "/bin/tol\n"), {}, files + "1: '/bin/tol' matches nothing in @"},
        {"file outside", list("tool.files", "/../../../../../../etc/hostname\n"), {}, files + "1: "},
        {"binary", list("tool.files", std::string("/bin/\x1b[2J\x00\xff\n", 12)), {}, files + "1: "},
        {"dead link",
         [](const BadSystem& s) {
             s.remove("bin/tool");
             std::filesystem::create_symlink("gone", s.dir() / "bin/tool");
         },
         {},
         files + "2: @bin/tool is a link to gone, which does not exist"},
        {"circle of links",
         [](const BadSystem& s) {
             s.remove("bin/tool");
             std::filesystem::create_symlink("tool", s.dir() / "bin/tool");
         },
         {},
         files + "2: @bin/tool is a link to tool, in a loop of links (point it to a file)"},
        {"circle of links on the way",
         [](const BadSystem& s) {
             s.write("share/features.d/tool.files", "/opt/a/*\n?opt/a/tool\n");
             std::filesystem::create_directory(s.dir() / "opt");
             std::filesystem::create_symlink("/opt/b", s.dir() / "opt/a");
             std::filesystem::create_symlink("a", s.dir() / "opt/b");
         },
         {},
         files + "1: @opt/a is a link to /opt/b, in a loop of links (point it to a file)\n" + files +
             "2: @opt/a is a link to /opt/b, in a loop of links"},
        {"a long line",
         list("tool.files", "/bin/" + std::string(1000000, 'x') + "\n"),
         {},
         files + "1: '/bin/" + std::string(116, 'x') + "... (1000004 bytes)' matches nothing in @"},
        {"a long line of modules",
         list("nfs.modules", "kernel/" + std::string(1000000, 'x') + ".ko\n"),
         {},
         mods + "1: 'kernel/" + std::string(113, 'x') + "... (1000010 bytes)' matches no module"},
        {"pipe",
         [](const BadSystem& s) {
             s.remove("bin/tool");
             REQUIRE(::mkfifo((s.dir() / "bin/tool").c_str(), 0644) == 0);
         },
         {},
         files + "2: @bin/tool is a device, socket or pipe"},
        {"own init",
         [](const BadSystem& s) { list("tool.files", "/init\n")(s); },
         {},
         files + "1: '/init' is created by mkpxerd"},
        {"file for a directory",
         [](const BadSystem& s) {
             s.write("newroot", "x");
             s.write("etc/mkpxerd", "x");
             list("tool.files", "/etc/mkpxerd\n")(s);
         },
         {},
         "mkpxerd: etc/mkpxerd: must be a directory"},
        {"path for a name", {}, {"-F", "../tool"}, "mkpxerd: --features: '../tool' is not a feature name"},
        {"commas",
         {},
         {"-F", "tool,nfs"},
         "mkpxerd: --features: unknown feature 'tool,nfs' (separate features by spaces)"},
        {"misnamed list",
         [](const BadSystem& s) { s.write("share/features.d/my.file", "/bin/tool\n"); },
         {"-F", "my"},
         "mkpxerd: --features: unknown feature 'my' (rename @share/features.d/my.file to my.files or "
         "my.modules)"},
        {"certificates",
         [](const BadSystem& s) {
             s.write("share/features.d/tls.files", "etc/ssl/certs/ca-certificates.crt\n");
         },
         {"-F", "tls"},
         "mkpxerd: @share/features.d/tls.files:1: '/etc/ssl/certs/ca-certificates.crt' matches nothing in @"},
        {"no Alpine tree",
         [](const BadSystem& s) { s.write("share/features.d/apk.files", "sbin/apk\n"); },
         {"-F", "apk"},
         "mkpxerd: @share/features.d/apk.files:1: '/sbin/apk' matches nothing in @"},
        {"unknown, all at once",
         {},
         {"-F", "nfz tol"},
         "mkpxerd: --features: unknown feature 'nfz' (did you mean 'nfs'?)\nmkpxerd: --features: unknown "
         "feature 'tol'"},
        {"directory for a list",
         [](const BadSystem& s) {
             s.remove("share/features.d/nfs.modules");
             std::filesystem::create_directory(s.dir() / "share/features.d/nfs.modules");
         },
         {},
         "mkpxerd: @share/features.d/nfs.modules: is a directory, but must be a list of patterns (rename "
         "the "
         "directory)"},
        {"modules and files at once",
         [](const BadSystem& s) {
             list("nfs.modules", "kernel/x.ko\n")(s);
             list("tool.files", "/x\n")(s);
         },
         {},
         "matches no module of kernel 6.1-test, built in or not (put '?' before the pattern if it may be "
         "absent)\nmkpxerd: @share/features.d/tool.files:1: '/x' matches nothing"},
    });
}

TEST_CASE("damaged programs") {
    const std::string tool = files + "2: @bin/tool: is a broken ELF file: it ";
    check_bad_builds({
        {"cut in its header", bytes([](std::string& b) { b.resize(20); }), {}, tool},
        {"cut in its program headers", bytes([](std::string& b) { b.resize(100); }), {}, tool},
        {"cut in a segment",
         bytes([](std::string& b) { b.resize(b.size() - 1); }),
         {},
         tool + "is cut short within"},
        {"program headers elsewhere", bytes([](std::string& b) { b[39] = '\x7f'; }), {}, tool},
        {"too many program headers",
         bytes([](std::string& b) { b[56] = b[57] = '\xff'; }),
         {},
         tool + "has too many program headers"},
        {"headers of another size",
         bytes([](std::string& b) { b[54] = 1; }),
         {},
         tool + "has program headers of an unknown size"},
        {"class", bytes([](std::string& b) { b[4] = 9; }), {}, tool},
        {"byte order", bytes([](std::string& b) { b[5] = 9; }), {}, tool},
        {"interpreter without an end",
         bytes([](std::string& b) { b[b.find("so.2") + 4] = 'x'; }),
         {},
         tool + "has an interpreter without an end"},
        {"interpreter absent",
         program([](ElfImage& e) { e.interpreter = "/lib/ld-none.so"; }),
         {},
         "/lib/ld-none.so"},
        {"library absent",
         program([](ElfImage& e) {
             e.needed = {"libt.so.1", "libnone.so.3"};
         }),
         {},
         "libnone.so.3"},
        {"library without a name",
         program([](ElfImage& e) { e.needed = {""}; }),
         {},
         tool + "needs a library without a name"},
        {"library for another machine",
         [](const BadSystem& s) {
             ElfImage e;
             e.machine = EM_AARCH64;
             s.write("lib/libt.so.1", e.build());
         },
         {},
         "libt.so.1"},
        {"library that is text",
         [](const BadSystem& s) { s.write("lib/libt.so.1", "INPUT(-lt)\n"); },
         {},
         "libt.so.1"},
        {"library that is damaged",
         [](const BadSystem& s) { s.cut("lib/libt.so.1", 30); },
         {},
         files + "2: @lib/libt.so.1: is a broken ELF file"},
        {"library of a library",
         [](const BadSystem& s) {
             ElfImage e;
             e.needed = {"libdeep.so"};
             s.write("lib/libt.so.1", e.build());
         },
         {},
         "libdeep.so"},
        {"script interpreter absent", text("#!/bin/none -x\n"), {}, "/bin/none"},
        {"script that interprets itself", text("#!/bin/tool\n"), {}, "@bin/tool"},
        {"env without its program",
         [](const BadSystem& s) {
             s.write("usr/bin/env", "#!/bin/x\n");
             s.write("bin/x", "");
             text("#!/usr/bin/env nothing\n")(s);
         },
         {},
         "nothing"},
    });
}
