// SPDX-License-Identifier: MIT
// The entries of an image under construction, by path, with the image's own links followed.
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
    // Adds all missing parent directories. Errors: a parent that is not a directory.
    Result<void> complete_parents();
    // Ends the tree. Returns its entries by path.
    std::vector<ImageEntry> take();

    // The place for a file that mkpxerd creates itself. Errors: the place is taken, or the init would mount
    // over it.
    Result<std::string> own_place(std::string_view path) const;
    // Without TLS and signatures, /init needs no OpenSSL, which is more than half of it.
    bool needs_tls() const;
    // Every file where the init looks for keys must be a key: the init refuses to boot with any other.
    Result<void> check_keys() const;

  private:
    Result<void> check_key(const std::string& path) const;
    // The place that a path leads to; follows a link at its end, too.
    std::string end_of(std::string_view path) const;
    std::string resolve_parents(const std::string& path) const;

    std::map<std::string, ImageEntry> entries_;
};

} // namespace mkpxerd::generator
