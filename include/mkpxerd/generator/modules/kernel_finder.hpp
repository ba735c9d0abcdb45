// SPDX-License-Identifier: MIT
// BuildRequest -> Kernel: which kernel's modules are meant, and where they lie.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct Kernel {
    std::string version;
    std::string directory;              // real path of lib/modules/VERSION below the tree
    std::vector<Problem> warnings = {}; // directories that are no choices, as their names are none of kernels
    bool operator==(const Kernel&) const = default;
};

class KernelFinder {
  public:
    // running: the running kernel's version when the tree is this machine's own "/", otherwise empty.
    KernelFinder(const Sysroot& tree, std::string running) : tree_(tree), running_(std::move(running)) {}

    // In lib/modules, and in usr/lib/modules where there is no link to it. Directories that a removed kernel
    // left behind, directories whose name is none of a kernel (see is_kernel_version) and links to
    // directories beside them are no choices; who names a link means what it leads to. wanted empty: the
    // running kernel if its directory exists, else the only one there is. Errors: a name that is none; none,
    // several to choose from (all are listed), or not the one that was asked for.
    Result<Kernel> find(const std::string& wanted) const;

  private:
    const Sysroot& tree_;
    std::string running_;
};

} // namespace mkpxerd::generator
