// SPDX-License-Identifier: MIT
// Any initrd file -> parts -> entries: several archives one after the other, each plain or compressed, zero
// bytes between them, in any order, as init/initramfs.c accepts them; also inside a uImage or a UKI.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/image/newc_parser.hpp"
#include "mkpxerd/image/types.hpp"

namespace mkpxerd::image {

// What an image may unpack to. The first three grow with the size of the file: a million bytes can be
// compressed to a few. Ordinary images take about ten compressed bytes per entry and unpack to three times
// their size; the constants allow for a disk image of zeros.
struct ImageLimits {
    std::uint64_t unpacked = std::uint64_t{2} << 30;    // bytes, and 64 for each byte of the file
    std::uint64_t entries = std::uint64_t{1} << 18;     // and one for each 2 bytes of the file
    std::uint64_t path_bytes = std::uint64_t{32} << 20; // of all names, and 64 for each byte of the file
    std::uint64_t padding = std::uint64_t{1} << 30;     // zeros between the parts, usually a hole in the file
};

// Calls the visitor for everything in the file, in file order; memory use does not depend on the file's size.
// Errors name the file and the byte: not an archive, cut off, corrupt, a compression that is not supported
// here, more unpacked bytes or more padding than the limits allow; errors of the visitor are passed on. After
// Next::Stop the summary ends with the current part.
Result<ImageSummary> read_image(std::span<const std::byte> file, const std::string& name,
                                ImageVisitor& visitor, const ImageLimits& limits = {});

// By the first bytes alone, without unpacking anything.
bool may_be_image(std::span<const std::byte> file);

struct ReadEntries {
    std::vector<Entry> entries;
    std::vector<Problem> warnings; // what the kernel skips
};
// All entries of an image in memory. Errors: as Image::open.
Result<ReadEntries> read_entries(std::span<const std::byte> image, const std::string& name,
                                 const ImageLimits& limits = {});

using ContentSink = std::function<Result<void>(std::size_t index, std::span<const std::byte> piece)>;
// Contents of the entries with these indices, in file order, in one pass.
Result<void> read_contents(std::span<const std::byte> image, const std::string& name,
                           const std::set<std::size_t>& indices, const ContentSink& sink);

// An open file with its list of entries. Contents are read again on request.
class Image {
  public:
    // file: also a pipe, which is read to its end, and "-", which is standard input.
    // Keeps the contents of the regular files named in `keep` (paths without leading slash), each of at most
    // 16 MiB. Errors: as read_image; more entries than the limits allow, or than 4 million; longer names in
    // total than the limits allow, or than 512 MiB.
    static Result<Image> open(const std::filesystem::path& file, const std::set<std::string>& keep = {},
                              const ImageLimits& limits = {});

    std::span<const std::byte> bytes() const { return file_.bytes(); } // of the file itself
    const ImageSummary& summary() const { return summary_; }
    const std::vector<Entry>& entries() const { return entries_; }
    // nullptr: not kept, or not in the image. Of several, the last.
    const std::string* kept(const std::string& path) const;

    using ContentSink = image::ContentSink;
    Result<void> read_contents(const std::set<std::size_t>& indices, const ContentSink& sink) const;

  private:
    explicit Image(MappedFile file) : file_(std::move(file)) {}
    MappedFile file_;
    ImageSummary summary_;
    std::vector<Entry> entries_;
    std::map<std::string, std::string> kept_;
};

} // namespace mkpxerd::image
