// SPDX-License-Identifier: MIT
// Files of the tree -> the same packed, each on its own, on all cores.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/file_packing.hpp"

namespace mkpxerd::generator {

// Packed contents of fewer bytes are compressed again with the headers around them: that costs less than a
// block of their own.
constexpr std::uint64_t smallest_stored = 512;

struct PackableFile {
    TreePath source;
    std::uint64_t size = 0; // bytes
};

struct PackedContent {
    std::uint64_t size = 0;                   // bytes, packed
    std::shared_ptr<const std::string> bytes; // nullptr: there was no room for them
    bool shrinks = false;                     // smaller than the file
};

// Packs each file once, however often it is asked for.
class FilePacks {
  public:
    // room: the most packed bytes to keep; files beyond it are packed again when the image is written.
    FilePacks(const wrap::Packing& packing, std::shared_ptr<wrap::ChunkCache> cache,
              std::size_t room = std::size_t{128} << 20)
        : packing_(packing), cache_(std::move(cache)), room_(room) {}

    const wrap::Packing& packing() const { return packing_; }
    // progress: called on this thread; may be empty. Errors name each file: unreadable, or no longer of this
    // size.
    Result<void> pack(const std::vector<PackableFile>& files, const WriteProgress& progress = {});
    // Precondition: the file was packed.
    const PackedContent& of(const TreePath& file) const { return packed_.at(file.string()); }
    PackedFile content(const PackableFile& file) const;

  private:
    wrap::Packing packing_;
    std::shared_ptr<wrap::ChunkCache> cache_;
    std::size_t room_;
    std::map<std::string, PackedContent> packed_; // by TreePath::string()
};

// Passes the packed bytes on; packs the file again if there was no room for them. Errors: as above, also if
// its packed size is another one; those of sink.
Result<void> write_packed(const PackedFile& file, std::uint64_t packed_size, const wrap::ByteSink& sink);

} // namespace mkpxerd::generator
