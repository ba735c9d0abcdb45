// SPDX-License-Identifier: MIT
// A kernel tree with real modules: relocatable ELF files made by the compiler, indexes made by depmod.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "temp_dir.hpp"

namespace mkpxerd::test {

struct ModuleSource {
    std::vector<std::string> exports{}; // symbols that others may use
    std::vector<std::string> imports{}; // symbols of others: a dependency
    std::vector<std::string> modinfo{}; // "firmware=x.bin", "softdep=pre: y", "alias=pci:..."
};

class KernelTree {
  public:
    explicit KernelTree(std::string kernel_version = "6.1-test") : version_(std::move(kernel_version)) {}

    const TempDir& dir() const { return dir_; }
    const std::string& version() const { return version_; }
    std::filesystem::path directory() const { return dir_ / ("lib/modules/" + version_); }

    // path: below the module directory, "kernel/fs/nfs/nfs.ko".
    void module(const std::string& path, const ModuleSource& source = {}) {
        std::string code;
        const auto text_in = [&](const std::string& section, const std::string& text) {
            code += "static const char t" + std::to_string(count_++) + "[] __attribute__((section(\"" +
                    section + "\"), used)) = \"" + text + "\";\n";
        };
        text_in(".modinfo", "license=GPL");
        for (const auto& line : source.modinfo)
            text_in(".modinfo", line);
        for (const auto& symbol : source.exports)
            text_in("__ksymtab_strings", symbol);
        for (const auto& symbol : source.imports)
            code += "extern int " + symbol + "; int* use_" + symbol + " = &" + symbol + ";\n";
        const auto input = dir_.write("module.c", code);
        const auto output = directory() / path;
        std::filesystem::create_directories(output.parent_path());
        run("gcc -c -o '" + output.string() + "' '" + input.string() + "'");
        order_ += path + "\n";
    }
    // A module of any machine, ready made.
    void module(const std::string& path, std::string_view bytes) {
        dir_.write("lib/modules/" + version_ + "/" + path, bytes);
        order_ += path + "\n";
    }
    void builtin(const std::string& path) { builtin_ += path + "\n"; }
    // text: "r8169.firmware=x.fw".
    void builtin_modinfo(const std::string& text) { builtin_modinfo_ += text + '\0'; }
    // A module that the kernel's build made, and that is not there any more.
    void made(const std::string& path) { order_ += path + "\n"; }
    void depmod() const {
        dir_.write("lib/modules/" + version_ + "/modules.builtin", builtin_);
        dir_.write("lib/modules/" + version_ + "/modules.builtin.modinfo", builtin_modinfo_);
        dir_.write("lib/modules/" + version_ + "/modules.order", order_);
        run("depmod -b '" + dir_.path().string() + "' " + version_);
    }

    // Packs every module, as distributions do. After depmod: kmod reads the compressions alone that it was
    // built with. command: leaves FILE + suffix in place of FILE.
    void pack(const std::string& command, const std::string& suffix) const {
        run("cd '" + directory().string() + "' && find . -name '*.ko' -exec " + command +
            " {} + && sed -i 's/[.]ko\\>/.ko" + suffix + "/g' modules.dep");
    }

    static void run(const std::string& command) {
        if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
    }

  private:
    TempDir dir_;
    std::string version_;
    std::string builtin_;
    std::string builtin_modinfo_;
    std::string order_;
    unsigned count_ = 0;
};

} // namespace mkpxerd::test
