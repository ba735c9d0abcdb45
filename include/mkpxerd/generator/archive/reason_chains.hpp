// SPDX-License-Identifier: MIT
// ImageTree -> why each entry is in the image, as a chain from the entry back to a line of a list:
//   sunrpc.ko <- nfs.ko (depends) <- nfs.modules:1 <- feature nfs <- profile network
#pragma once

#include <map>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ReasonChains {
  public:
    // profile may be empty. The tree must outlive the object.
    ReasonChains(const ImageTree& tree, std::string profile);

    std::string chain(const ImageEntry& entry) const;
    // Why a driver is missing although a feature names it.
    std::string chain(const LeftOut& driver) const;
    // By path (leading slash optional), by module name, or by file name; empty: not in the image.
    std::vector<const ImageEntry*> find(std::string_view wanted) const;

  private:
    const ImageEntry* source(const Reason& reason) const;
    std::string line_of(const Reason& reason) const;

    const ImageTree& tree_;
    std::string profile_;
    std::map<std::string, const ImageEntry*, std::less<>> by_path_;
    std::map<std::string, const ImageEntry*, std::less<>> by_module_;
};

} // namespace mkpxerd::generator
