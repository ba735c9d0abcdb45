// SPDX-License-Identifier: MIT
// Firmware names of modules -> files of the kernel tree, with their links.
#pragma once

#include <functional>
#include <map>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Firmware that modules ask for without naming it in their .modinfo: module name -> firmware names.
using UndeclaredFirmware = std::multimap<std::string, std::string, std::less<>>;
// One "MODULE NAME..." per line, '#' begins a comment. Pure. Errors, with file and line: a line with one
// word.
Result<UndeclaredFirmware> parse_undeclared_firmware(const std::string& text, const std::string& file);
// From a file, which may be missing.
Result<UndeclaredFirmware> read_undeclared_firmware(const std::filesystem::path& file);

class FirmwareFinder {
  public:
    FirmwareFinder(const Sysroot& tree, const std::string& kernel_version);

    // name: as in the module; may be a pattern (MODULE_FIRMWARE("mrvl/*.bin")), which means every matching
    // file, compressed or not. false: the tree lacks it.
    bool add(const std::string& name, const std::string& module);
    // Everything added so far, by path.
    std::vector<Firmware> take() const;

  private:
    bool add_name(const std::string& name, const std::string& module);
    bool add_path(const std::string& path, const std::string& module);
    std::string image_path(const std::string& real) const;

    const Sysroot& tree_;
    std::vector<std::string> directories_; // in the order in which the kernel looks
    std::vector<std::string> real_libs_;   // real paths of lib and usr/lib, with a slash
    std::map<std::string, Firmware> found_;
};

} // namespace mkpxerd::generator
