// SPDX-License-Identifier: MIT
// BuildRequest -> Kernel: the kernel whose modules the image gets, and where they are.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct Kernel {
    std::string version;
    std::string directory;              // real path of lib/modules/VERSION below the tree
    std::vector<Problem> warnings = {}; // skipped directories, whose names are not kernel versions
    bool operator==(const Kernel&) const = default;
};

class KernelFinder {
  public:
    // running: the running kernel's version when the tree is this machine's own "/", otherwise empty.
    KernelFinder(const Sysroot& tree, std::string running) : tree_(tree), running_(std::move(running)) {}

    // Searches lib/modules, and usr/lib/modules unless a link leads to it. Ignored: leftovers of removed
    // kernels, directories whose names are not kernel versions (is_kernel_version), and links to directories
    // beside them; wanted may name a link, which means its target. If wanted is empty: the running kernel if
    // its directory exists, else the only kernel. Errors: wanted is not a kernel version; there is no kernel;
    // there are several (all are listed); wanted does not exist.
    Result<Kernel> find(const std::string& wanted) const;

  private:
    const Sysroot& tree_;
    std::string running_;
};

} // namespace mkpxerd::generator
