// SPDX-License-Identifier: MIT
// A name that no entry of an image has -> where it is instead, and what would bring it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class AbsenceFinder {
  public:
    // Of a planned image with this kernel (empty: without modules). Errors: those of reading the kernel's
    // lists.
    static Result<AbsenceFinder> make(const BuildRequest& request, const ImageTree& image,
                                      const std::string& kernel_version);

    // The answer has the name as its object, and a hint about what to do. wanted: a module by name, file
    // name, path or alias; firmware by name, path or file name; a file by path, or the name of a program.
    // nullopt: nothing here has that name. Errors: a module that cannot be read.
    Result<std::optional<Problem>> find(const std::string& wanted) const;

    // Only what would bring a module of the kernel's tree; empty: the tree has no such module.
    std::string find_hint(const std::string& wanted) const;

    // Names of all modules that this name or alias means.
    std::vector<std::string> names(const std::string& wanted) const;
    // One of them that the image has; empty: none.
    std::string find_present(const std::string& wanted) const;

    // Names of all modules of the kernel; as_files: "nfs.ko".
    std::vector<std::string> modules(bool as_files) const;

  private:
    struct KernelTree {
        Sysroot tree;
        std::string version;
        std::string directory; // of the modules
        KernelLists lists;
        std::filesystem::path undeclared_firmware;
    };
    AbsenceFinder(const BuildRequest& request, const ImageTree& image);

    std::optional<Problem> find_module(const std::string& wanted) const;
    Result<std::optional<Problem>> find_firmware(const std::string& wanted) const;
    std::optional<Problem> find_file(const std::string& wanted) const;
    Problem judge_firmware(const std::string& wanted, const std::string& path,
                           const std::vector<Firmware>& requested) const;
    Result<ReadModules> read_all_modules() const;
    std::string features_hint(const std::vector<Pattern>& known, const std::vector<std::string_view>& paths,
                              std::string_view because = {}) const;
    std::string module_hint(std::string_view path) const;

    Sysroot basedir_;
    std::vector<Pattern> module_patterns_; // of all features
    std::vector<Pattern> file_patterns_;
    std::set<std::string> selected_;     // features of the image
    bool is_for_hardware_;               // of some machines
    std::vector<std::string> present_;   // names of the image's modules
    std::unique_ptr<KernelTree> kernel_; // nullptr: an image without modules
};

} // namespace mkpxerd::generator
