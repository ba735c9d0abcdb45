// SPDX-License-Identifier: MIT
// One valid system, created once and copied for each bad input: the fault goes into the copy, and a whole
// command line must end in a clear error that leaves the old image unchanged.
#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "elf_image.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"

namespace mkpxerd::test {

inline constexpr const char* kernel_directory = "lib/modules/6.1-test/";

// A system that builds: a kernel with dependencies, a program with a library, features and a profile.
class SoundSystem : public KernelTree {
  public:
    SoundSystem() {
        module("kernel/net/sunrpc/sunrpc.ko", {.exports = {"rpc_call"}});
        module("kernel/fs/nfs/nfs.ko", {.imports = {"rpc_call"}, .modinfo = {"softdep=pre: late"}});
        module("kernel/drivers/net/ethernet/mac.ko",
               {.modinfo = {"firmware=mac/a.fw", "alias=pci:v000010ECd00008168*"}});
        module("kernel/misc/late.ko");
        builtin("kernel/net/packet/af_packet.ko");
        depmod();
        const TempDir& root = dir();
        root.write("init", "init");
        root.write("share/features.d/nfs.modules", "# NFS\nkernel/fs/nfs/*\n");
        root.write("share/features.d/net.modules", "kernel/drivers/net\n");
        root.write("share/features.d/tool.files", "# a program\n/bin/tool\n");
        root.write("share/profiles/network.yaml", "description: All.\nfeatures: [nfs, net, tool]\n");
        ElfImage program;
        program.interpreter = "/lib/ld-linux-x86-64.so.2";
        program.needed = {"libt.so.1"};
        root.write("bin/tool", program.build());
        std::filesystem::permissions(dir() / "bin/tool", std::filesystem::perms(0755));
        root.write("lib/ld-linux-x86-64.so.2", ElfImage{}.build());
        root.write("lib/libt.so.1", ElfImage{}.build());
    }
};
inline const KernelTree& sound_system() {
    static const SoundSystem tree;
    return tree;
}

class BadSystem : private CommandRunner {
  public:
    BadSystem() { dir_.write("out/image", old_image); }
    BadSystem(const BadSystem&) = delete;
    BadSystem& operator=(const BadSystem&) = delete;
    const TempDir& dir() const { return dir_; }
    std::string path(const std::string& name) const { return (dir_ / name).string(); }
    void write(const std::string& name, std::string_view text) const { dir_.write(name, text); }
    // The existing file, changed by a function.
    void change(const std::string& name, const std::function<void(std::string&)>& how) const {
        std::string bytes = read_file(dir_ / name).value();
        how(bytes);
        dir_.write(name, bytes);
    }
    void cut(const std::string& name, std::size_t size) const {
        change(name, [&](std::string& bytes) { bytes.resize(size); });
    }
    void remove(const std::string& name) const { std::filesystem::remove_all(dir_ / name); }

    // "@" stands for the root of this system, in arguments and in messages.
    std::string spelled(std::string text) const {
        for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1))
            text.replace(at, 1, dir_.path().string() + '/');
        return text;
    }
    int run(std::vector<std::string> arguments, const std::string& epoch = {}) {
        for (std::string& argument : arguments)
            argument = spelled(argument);
        return run_with(dir_ / "share", dir_ / "init", arguments, epoch);
    }
    int build(std::vector<std::string> arguments, const std::string& epoch = {}) {
        arguments.insert(arguments.end(), {"-b", "@", "-o", "@out/image"});
        return run(std::move(arguments), epoch);
    }

    // The messages, one problem per line, each after the program's name.
    void check_said(const std::string& what) const {
        const std::string said = err.str();
        INFO(said);
        CHECK(said.find(spelled(what)) != std::string::npos);
        CHECK(said.starts_with("mkpxerd: "));
        CHECK(said.ends_with('\n'));
        for (const char c : said) // damaged files must not control the terminal
            CHECK((c == '\n' || static_cast<unsigned char>(c) >= ' '));
    }
    void check_old_image() const {
        CHECK(read_file(dir_ / "out/image").value() == old_image);
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& item : std::filesystem::recursive_directory_iterator(dir_ / "out"))
            ++files;
        CHECK(files == 1);
    }

  private:
    static constexpr std::string_view old_image = "the old image";
    KernelTree tree_{sound_system()};
    const TempDir& dir_ = tree_.dir();
};

struct BadInput {
    const char* what;
    std::function<void(const BadSystem&)> spoil; // may be empty: the fault is in the arguments
    std::vector<std::string> arguments;
    std::string said; // file and line or object, and the problem
    int exit_code = 1;
};

inline void check_bad_builds(const std::vector<BadInput>& inputs) {
    for (const BadInput& input : inputs) {
        INFO(input.what);
        BadSystem system;
        if (input.spoil) input.spoil(system);
        CHECK(system.build(input.arguments) == input.exit_code);
        system.check_said(input.said);
        system.check_old_image();
    }
}

} // namespace mkpxerd::test
