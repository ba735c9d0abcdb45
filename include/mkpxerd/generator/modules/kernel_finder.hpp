// SPDX-License-Identifier: MIT
// BuildRequest -> Kernel: which kernel's modules to take, and where they are.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct Kernel {
    std::string version;
    std::string directory; // real path of lib/modules/VERSION below the tree
    std::vector<Problem> warnings =
        {}; // directories that were left out, as their names are not kernel versions
    bool operator==(const Kernel&) const = default;
};

class KernelFinder {
  public:
    // running: the running kernel's version when the tree is this machine's own "/", otherwise empty.
    KernelFinder(const Sysroot& tree, std::string running) : tree_(tree), running_(std::move(running)) {}

    // Looks in lib/modules, and in usr/lib/modules where no link leads to it. Not considered: directories
    // that a removed kernel left behind, directories whose names are not kernel versions (is_kernel_version),
    // and links to directories beside them; a link that is wanted means its target. wanted empty: the running
    // kernel if its directory exists, else the only kernel. Errors: wanted is not a kernel version; no
    // kernel; several to choose from (all are listed); not the one that is wanted.
    Result<Kernel> find(const std::string& wanted) const;

  private:
    const Sysroot& tree_;
    std::string running_;
};

} // namespace mkpxerd::generator
