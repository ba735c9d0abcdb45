// SPDX-License-Identifier: MIT
// A kernel tree with modules for depmod and kmod, and depmod's indexes.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "elf_module.hpp"
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
    // A copy of all files: cheaper than depmod.
    KernelTree(const KernelTree& other)
        : version_(other.version_), builtin_(other.builtin_), builtin_modinfo_(other.builtin_modinfo_),
          order_(other.order_) {
        namespace fs = std::filesystem;
        fs::copy(other.dir_.path(), dir_.path(),
                 fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                     fs::copy_options::overwrite_existing);
    }
    KernelTree& operator=(const KernelTree&) = delete;

    const TempDir& dir() const { return dir_; }
    const std::string& version() const { return version_; }
    std::filesystem::path directory() const { return dir_ / ("lib/modules/" + version_); }

    // path: below the module directory, "kernel/fs/nfs/nfs.ko".
    void module(const std::string& path, const ModuleSource& source = {}) {
        ElfModule file;
        file.modinfo = {"license=GPL"};
        file.modinfo.insert(file.modinfo.end(), source.modinfo.begin(), source.modinfo.end());
        file.imports = source.imports;
        file.exports = source.exports;
        module(path, file.build());
    }
    // A module from another source.
    void module(const std::string& path, std::string_view bytes) {
        dir_.write("lib/modules/" + version_ + "/" + path, bytes);
        order_ += path + "\n";
    }
    void builtin(const std::string& path) { builtin_ += path + "\n"; }
    // text: "r8169.firmware=x.fw".
    void builtin_modinfo(const std::string& text) { builtin_modinfo_ += text + '\0'; }
    // A module of the kernel's build that no longer exists.
    void made(const std::string& path) { order_ += path + "\n"; }
    void depmod() const {
        dir_.write("lib/modules/" + version_ + "/modules.builtin", builtin_);
        dir_.write("lib/modules/" + version_ + "/modules.builtin.modinfo", builtin_modinfo_);
        dir_.write("lib/modules/" + version_ + "/modules.order", order_);
        run("depmod -b '" + dir_.path().string() + "' " + version_);
    }

    // Compresses every module, as distributions do. After depmod, because kmod only reads the compressions
    // that it was built with. command: replaces FILE by FILE + suffix.
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
};

} // namespace mkpxerd::test
