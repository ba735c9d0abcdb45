// SPDX-License-Identifier: MIT
// The entries of an image while it is put together: by path, with the links that the image itself holds
// followed.
#pragma once

#include <map>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class EntryTree {
  public:
    // Puts an entry at its real place: links in its parent directories are followed. The first entry at a
    // place stays.
    void add(ImageEntry entry);
    void add_directory(const std::string& path, unsigned mode, const Reason& reason);
    void add_text(std::string_view path, std::string text);
    // Adds every parent directory that is missing. Errors: a parent that is something else.
    Result<void> complete_parents();
    // Ends the tree: its entries by path.
    std::vector<ImageEntry> take();

    // Where a file that mkpxerd makes itself goes. Errors: something else is there, or the init would mount
    // over it.
    Result<std::string> own_place(std::string_view path) const;
    // Without TLS and signatures, /init does without OpenSSL, which is more than half of it.
    bool needs_tls() const;
    // Whatever lies where the init looks for keys must be a key, or nothing would be verified with it.
    Result<void> check_keys() const;

  private:
    Result<void> check_key(const std::string& path) const;
    // The place that a path leads to, with a link at its end followed, too.
    std::string end_of(std::string_view path) const;
    std::string resolve_parents(const std::string& path) const;

    std::map<std::string, ImageEntry> entries_;
};

} // namespace mkpxerd::generator
