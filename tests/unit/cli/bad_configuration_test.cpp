// SPDX-License-Identifier: MIT
// mkinitfs.conf, profiles and options that are wrong: each an error with its line, and the old image stays.
#include "bad_input.hpp"

using namespace mkpxerd;
using test::BadSystem;
using test::check_bad_builds;

namespace {

std::function<void(const BadSystem&)> configuration(const std::string& text) {
    return [text](const BadSystem& s) { s.write("etc/mkinitfs/mkinitfs.conf", text); };
}
std::function<void(const BadSystem&)> profile(const std::string& text) {
    return [text](const BadSystem& s) { s.write("share/profiles/network.yaml", text); };
}

const std::string conf = "mkpxerd: @etc/mkinitfs/mkinitfs.conf:";
const std::string yaml = "mkpxerd: @share/profiles/network.yaml";

} // namespace

TEST_CASE("the system that bad inputs are put into builds") {
    BadSystem system;
    CHECK(system.build({}) == 0);
    CHECK(read_file(system.dir() / "out/image")->size() > 100);
}

TEST_CASE("bad lines of mkinitfs.conf") {
    check_bad_builds({
        {"double quote", configuration("\nfeatures=\"nfs\n"), {}, conf + "2: unterminated quote"},
        {"single quote", configuration("features='nfs"), {}, conf + "1: unterminated quote"},
        {"command", configuration("features=$(ls)\n"), {}, conf + "1: only $NAME and ${NAME} are supported"},
        {"backticks", configuration("features=\"`ls`\"\n"), {}, conf + "1: '`' is shell"},
        {"sourced file",
         configuration("features=nfs\n. /etc/x\n"),
         {},
         conf + "2: '. /etc/x' is not NAME=value"},
        {"branch", configuration("if true; then\n"), {}, conf + "1: 'if true; then' is not NAME=value"},
        {"two words", configuration("features=nfs net\n"), {}, conf + "1: text after the value"},
        {"unset variable", configuration("features=\"$x\"\n"), {}, conf + "1: $x is not set"},
        {"default value", configuration("features=${x:-nfs}\n"), {}, conf + "1: only $NAME"},
        {"list of commands", configuration("features=nfs;reboot\n"), {}, conf + "1: ';' is shell"},
        {"misspelt name",
         configuration("featurs=nfs\n"),
         {},
         conf + "1: unknown setting 'featurs' (did you mean 'features'?)"},
        {"file of accounts",
         configuration("features=nfs\npasswd=/x\n"),
         {},
         conf + "2: unknown setting 'passwd'"},
        {"compression",
         configuration("features=nfs\ninitfscomp=lzma\n"),
         {},
         conf + "2: unknown compression 'lzma' (one of gzip"},
        {"level in words",
         configuration("features=nfs\ncomplevel_gzip=high\n"),
         {},
         conf + "2: 'high' is not a compression level"},
        {"level off the scale",
         configuration("features=nfs\n\ncomplevel_gzip=-99\n"),
         {},
         conf + "3: gzip has levels 1 to 12, not 99"},
        {"neither yes nor no",
         configuration("features=nfs\nhostkeys=maybe\n"),
         {},
         conf + "2: 'maybe' is neither yes nor no, which 'hostkeys' needs"},
        {"no features", configuration("features=\"\"\n"), {}, conf + "1: no features"},
        {"feature",
         configuration("features=\"nfs nfss\"\n"),
         {},
         conf + "1: unknown feature 'nfss' (did you mean 'nfs'?)"},
        {"custom file",
         configuration("features=nfs\ncustom_files=/etc/none\n"),
         {},
         conf + "2: '/etc/none' matches nothing"},
        {"init", configuration("features=nfs\ninit=/none/init\n"), {}, "/none/init"},
        {"fstab",
         configuration("features=nfs\nfstab=/none/fstab\n"),
         {},
         conf + "2: /none/fstab is not a file"},
        {"signature",
         configuration("features=nfs\nmodloop_sig=/none.sig\n"),
         {},
         conf + "2: /none.sig is not a file"},
        {"binary",
         configuration(std::string("\x7f"
                                   "ELF\0\x1b[31m\xff\n",
                                   12)),
         {},
         conf + "1: "},
        {"directory", [](const BadSystem&) {}, {"-c", "@bin"}, "mkpxerd: @bin: cannot read: Is a directory"},
        {"absent", [](const BadSystem&) {}, {"-c", "@none.conf"}, "mkpxerd: @none.conf: cannot open"},
    });
}

TEST_CASE("bad profiles") {
    check_bad_builds({
        {"key",
         profile("description: x\nfeaturs: [nfs]\n"),
         {},
         yaml + ":2: unknown key 'featurs' (did you mean 'features'?)"},
        {"open list", profile("features: [nfs\nmode: 0644\n"), {}, yaml + ":"},
        {"open quote", profile("features: \"nfs\nmode: 0644\n"), {}, yaml + ":"},
        {"tab", profile("features:\n\t- nfs\n"), {}, yaml + ":2: is not valid YAML"},
        {"map for a list",
         profile("features: {nfs: yes}\n"),
         {},
         yaml + ":1: the value of 'features' must be a text"},
        {"list of lists", profile("features: [[nfs]]\n"), {}, yaml + ":1: the value of 'features' must be"},
        {"no value", profile("features:\n"), {}, yaml + ":1: the value of 'features' must be"},
        {"key that is a list", profile("? [a]\n: b\n"), {}, yaml + ":1: a key must be a word"},
        {"a list", profile("- nfs\n"), {}, yaml + ": a profile must be a list of 'key: value' lines"},
        {"empty", profile(""), {}, yaml + ": a profile must be a list of 'key: value' lines"},
        {"twice", profile("features: [nfs]\nmode: 0644\nmode: 0600\n"), {}, yaml + ":3: 'mode' is set twice"},
        {"itself", profile("extends: network\n"), {}, yaml + ":1: 'network' extends itself"},
        {"unknown base",
         profile("features: [nfs]\nextends: networc\n"),
         {},
         yaml + ":2: unknown profile 'networc' (did you mean 'network'?)"},
        {"nested", profile("features: " + std::string(300, '[') + "\n"), {}, yaml + ": is nested too deeply"},
        {"large", profile(std::string(1200000, '#')), {}, yaml + ": is larger than 1048576 bytes"},
        {"mode", profile("features: [nfs]\nmode: 9999\n"), {}, yaml + ":2: '9999' is not a file mode"},
        {"firmware",
         profile("features: [nfs]\nfirmware: some\n"),
         {},
         yaml + ":2: 'some' is not one of all, net, none"},
        {"size", profile("features: [nfs]\nmax-size: 20X\n"), {}, yaml + ":2: '20X' is not a size"},
        {"pin",
         profile("features: [nfs]\npin: kernel=abc\n"),
         {},
         yaml + ":2: 'kernel=abc' is not OBJECT=FILE"},
        {"compression",
         profile("features: [nfs]\ncompression: bzip2\n"),
         {},
         yaml + ":2: unknown compression 'bzip2'"},
        {"two lines of options",
         profile("features: [nfs]\ncmdline: \"a\\nb\"\n"),
         {},
         yaml + ":2: the options must be a single line"},
        {"feature",
         profile("features: [nfs, tol]\n"),
         {},
         yaml + ":1: unknown feature 'tol' (did you mean 'tool'?)"},
        {"binary", profile(std::string("\x01\x02\x00\xff\xfe: [", 9)), {}, yaml},
        {"unknown name",
         {},
         {"--profile", "netwrk"},
         "mkpxerd: --profile: unknown profile 'netwrk' (did you mean 'network'?)"},
        {"absent file", {}, {"--profile", "@none.yaml"}, "mkpxerd: @none.yaml: cannot open"},
    });
}

TEST_CASE("bad options of a build") {
    const auto text = [](const BadSystem& s) { s.write("text", "no archive, no certificate"); };
    check_bad_builds({
        {"unknown", {}, {"--nonsense"}, "--nonsense", 2},
        {"value missing", {}, {"--level"}, "mkpxerd: --level: 'b' is not a compression level"},
        {"two kernels", {}, {"6.1-test", "6.1-other"}, "6.1-other", 2},
        {"kernel",
         {},
         {"6.1-tset"},
         "mkpxerd: @lib/modules: has no kernel '6.1-tset', only: 6.1-test (did you mean '6.1-test'?)"},
        {"mode", {}, {"--mode", "0999"}, "mkpxerd: --mode: '0999' is not a file mode"},
        {"level", {}, {"--level", "x"}, "mkpxerd: --level: 'x' is not a compression level"},
        {"level off the scale", {}, {"--level", "13"}, "mkpxerd: --level: gzip has levels 1 to 12, not 13"},
        {"compression", {}, {"-C", "lzma"}, "mkpxerd: --compression: unknown compression 'lzma'"},
        {"size", {}, {"--max-size", "0"}, "mkpxerd: --max-size: '0' is not a size"},
        {"size too small", {}, {"--max-size", "1"}, "mkpxerd: @out/image: would be "},
        {"pin", {}, {"--pin", "apkovl"}, "mkpxerd: --pin: 'apkovl' is not OBJECT=FILE"},
        {"pinned file", {}, {"--pin", "root=@none"}, "mkpxerd: @none: cannot open"},
        {"authority", text, {"--ca", "@text"}, "mkpxerd: @text: contains no certificate in PEM form"},
        {"authority absent", {}, {"--ca", "@none"}, "mkpxerd: @none: cannot open"},
        {"prepended",
         text,
         {"--prepend", "@text"},
         "mkpxerd: @text: is not an archive that the kernel unpacks"},
        {"appended", {}, {"--append", "@none"}, "mkpxerd: @none: cannot open"},
        {"microcode", {}, {"--ucode"}, "mkpxerd: @lib/firmware: has no CPU microcode"},
        {"firmware", {}, {"--firmware", "some"}, "mkpxerd: --firmware: 'some' is not one of all, net, none"},
        {"strict firmware",
         {},
         {"--strict-firmware"},
         "mkpxerd: mac: firmware 'mac/a.fw' is not in @lib/firmware"},
        {"fstab", {}, {"-f", "@none"}, "mkpxerd: --fstab: @none is not a file"},
        {"fstab that is an image",
         [](const BadSystem& s) { s.write("old.img", std::string("\x1f\x8b\x08\0\0", 5)); },
         {"-f", "@old.img"},
         "mkpxerd: --fstab: @old.img is not a text (-f adds a file as /etc/fstab, -o writes an image)"},
        {"init", {}, {"-i", "@none"}, "mkpxerd: @none: the init program cannot be read"},
        {"init of text",
         [](const BadSystem& s) { s.write("text", "root:x:0:0\n"); },
         {"-i", "@text"},
         "mkpxerd: --init: @text is not a program (/init is an ELF program, or a script that begins with "
         "#!)"},
        {"init of an object file",
         [](const BadSystem& s) {
             s.write("x.o",
                     std::string("\177ELF\2\1\1") + std::string(9, '\0') + "\1" + std::string(9, '\0'));
         },
         {"-i", "@x.o"},
         "mkpxerd: --init: @x.o is not a program"},
        {"signature", {}, {"-s", "@bin"}, "mkpxerd: --modloop-signature: @bin is not a file"},
        {"options", {}, {"--cmdline", "a\nb"}, "mkpxerd: --cmdline: the options must be a single line"},
        {"features", {}, {"-F", " "}, "mkpxerd: --features: no features"},
        {"kernel tree", {}, {"--kernel-root", "@none"}, "mkpxerd: --kernel-root: @none is not a directory"},
        {"feature directory", {}, {"-P", "@none"}, "mkpxerd: --feature-dir: @none is not a directory"},
        {"hardware", {}, {"--hardware", "@none"}, "mkpxerd: @none: cannot open"},
        {"hardware line",
         [](const BadSystem& s) { s.write("h", "pci:v1\n# x\nmodel 7\n"); },
         {"--hardware", "@h"},
         "mkpxerd: @h:3: 'model' is not a modalias"},
        {"hardware empty",
         [](const BadSystem& s) { s.write("h", "\n"); },
         {"--hardware", "@h"},
         "mkpxerd: @h: names no device"},
        {"public secret",
         [](const BadSystem& s) { s.write("bin/tool", "-----BEGIN PRIVATE KEY-----\nx\n"); },
         {"--mode", "0644"},
         "mkpxerd: bin/tool: contains a private key, but mode 0644 lets others read it"},
    });
}

TEST_CASE("bad places for an image, and a bad time") {
    BadSystem system;
    CHECK(system.run({"-b", "@", "-o", "@out"}) == 1);
    system.check_said("mkpxerd: @out: is a directory");
    CHECK(system.run({"-b", "@", "-o", "@none/image"}) == 1);
    system.check_said("mkpxerd: @none/image: cannot write into @none: No such file or directory");
    CHECK(system.run({"-b", "@none", "-o", "@out/image"}) == 1);
    system.check_said("mkpxerd: --basedir: @none is not a directory");
    CHECK(system.run({"-n", "-F", "tool", "-b", "@bin/tool", "-o", "@out/image"}) == 1);
    CHECK(system.build({}, "yesterday") == 1);
    system.check_said("mkpxerd: SOURCE_DATE_EPOCH: 'yesterday' is not a time that cpio can store");
    system.check_old_image();
}
