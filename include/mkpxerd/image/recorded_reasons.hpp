// SPDX-License-Identifier: MIT
// Image -> why each of its entries is there, from the reasons that it carries (contract/provenance):
//   sunrpc.ko <- nfs.ko (depends) <- features.d/nfs.modules:1 <- feature nfs
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/absent_drivers.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

class RecordedReasons {
  public:
    // Errors: those of reading the image; it carries no reasons, or damaged ones.
    static Result<RecordedReasons> read(const std::filesystem::path& file);

    struct Answer {
        std::string path;
        std::uint64_t bytes = 0;
        std::optional<std::uint64_t> plain; // bytes of a compressed module or firmware once decompressed
        std::string why;
    };
    // By path (leading slash optional; also through links), by the name or an alias of a module, or by file
    // name; empty: not in the image.
    std::vector<Answer> find(std::string_view wanted) const;
    // The path of a module that is built into the kernel, as the image's own list names it; empty: it is not.
    std::string builtin(std::string_view module) const;
    // The feature that has a network driver of the kernel which the image lacks; empty: the image knows none.
    std::string absent_driver(std::string_view module) const;
    // File names, for hints.
    std::vector<std::string> names() const;
    const std::string& kernel_version() const { return kernel_version_; } // may be empty
    const std::vector<std::string>& features() const { return features_; }

  private:
    struct Item {
        std::uint64_t bytes = 0;
        std::optional<std::uint64_t> plain;
        std::size_t part = 0; // that brings it
        bool is_recorded = false;
    };
    std::string chain(const std::string& path) const;
    std::string real_path(std::string path) const;
    std::vector<std::string> modules_of_alias(std::string_view wanted) const;

    std::map<std::string, std::string, std::less<>> links_; // path -> the real path that it leads to
    std::map<std::string, Item, std::less<>> items_;        // by path
    std::map<std::string, Provenance, std::less<>> reasons_;
    std::map<std::string, std::string, std::less<>> modules_; // name -> path
    std::string builtin_;                                     // modules.builtin
    std::string aliases_;                                     // modules.alias
    std::vector<AbsentDriver> absent_drivers_;
    std::string kernel_version_;
    std::vector<std::string> features_;
};

} // namespace mkpxerd::image
