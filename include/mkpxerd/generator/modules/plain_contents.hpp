// SPDX-License-Identifier: MIT
// Contents of compressed modules, unpacked once for all uses: imports, declarations, size comparison, the
// image.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::generator {

struct PlainContent {
    std::shared_ptr<const std::string> bytes;
    std::string kernel_refusal; // why the kernel would not unpack the file; empty: it would
};

// Several threads may use it.
class PlainContents {
  public:
    // room: the most bytes to keep. Enough for all network drivers; for all modules of a kernel, the rest is
    // unpacked again.
    explicit PlainContents(std::size_t room = std::size_t{256} << 20) : room_(room) {}

    std::optional<PlainContent> find(const TreePath& file) const;
    // False: there is no room for it.
    bool keep(const TreePath& file, const PlainContent& content);

  private:
    mutable std::mutex mutex_;
    std::size_t room_;
    std::map<std::string, PlainContent> kept_; // by TreePath::string()
};

} // namespace mkpxerd::generator
