// SPDX-License-Identifier: MIT
// unpack_to_rootfs() of init/initramfs.c: at each place a zero byte is padding, '0' begins a plain archive,
// anything else must be a compressed stream. For a loader's file, reads what the loader hands to the kernel.
#include "mkpxerd/image/image_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>

#include "mkpxerd/image/container.hpp"
#include "mkpxerd/image/foreign_formats.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t entry_limit = std::size_t{4} << 20;
constexpr std::size_t keep_limit = std::size_t{16} << 20;          // lists of modules, reasons: about 2 MiB
constexpr std::uint64_t path_bytes_limit = std::uint64_t{1} << 29; // of all entries together

// ImageLimits has the others, which grow with the file by these.
constexpr std::uint64_t unpacked_of_byte = 64;
constexpr std::uint64_t bytes_of_entry = 2;
constexpr std::uint64_t path_bytes_of_byte = 64;

class FileReader {
  public:
    FileReader(std::span<const std::byte> file, const std::string& name, ImageVisitor& visitor,
               const ImageLimits& limits)
        : file_(file), visitor_(visitor), limits_(limits) {
        summary_.name = name;
        summary_.size = file.size();
    }

    Result<ImageSummary> read() {
        MKPXERD_TRY_ASSIGN(const Container container, find_container(file_, summary_.name));
        summary_.container = container.kind;
        summary_.outside = file_.size();
        for (const Region& region : container.regions)
            summary_.outside -= region.length;
        for (const Region& region : container.regions)
            MKPXERD_TRY(read_region(region));
        if (summary_.parts.empty()) return fail(summary_.name, "contains no archive");
        return std::move(summary_);
    }

  private:
    Result<void> read_region(const Region& region) {
        section_ = region.section;
        end_ = region.offset + region.length;
        std::size_t at = region.offset;
        while (at < end_ && !stopped_) {
            if (file_[at] == std::byte{0}) {
                MKPXERD_TRY_ASSIGN(at, pass_padding(at));
                continue;
            }
            if (file_[at] == std::byte{'0'})
                MKPXERD_TRY(read_plain(at));
            else
                MKPXERD_TRY(read_compressed(at));
            const Part& part = summary_.parts.back();
            at += part.length;
            archives_ += part.archives;
            MKPXERD_TRY(visitor_.end_of_part(part));
        }
        return {};
    }

    // Returns where it ends.
    Result<std::size_t> pass_padding(std::size_t at) {
        static constexpr std::array<std::byte, 65536> zeros{};
        for (std::size_t length = 0; at < end_; at += length) {
            length = std::min(end_ - at, zeros.size());
            if (std::memcmp(&file_[at], zeros.data(), length) != 0) break;
            MKPXERD_TRY(count_padding(length));
        }
        for (; at < end_ && file_[at] == std::byte{0}; ++at)
            MKPXERD_TRY(count_padding(1));
        return at;
    }
    Result<void> count_padding(std::uint64_t bytes) {
        summary_.padding += bytes;
        if (summary_.padding <= limits_.padding) return {};
        return fail(summary_.name,
                    fmt::format("has more than {} bytes of padding between its parts", limits_.padding));
    }

    std::span<const std::byte> rest(std::size_t at) const { return file_.subspan(at, end_ - at); }

    NewcParser make_parser(std::string stream, std::uint64_t start, bool one_archive) {
        return {{summary_.name, std::move(stream), start, summary_.parts.size(), archives_, one_archive},
                visitor_,
                summary_.warnings};
    }

    Result<void> read_plain(std::size_t at) {
        if (at % 4 != 0)
            return fail(summary_.name,
                        fmt::format("an archive starts at byte {}, which is not a multiple of 4", at),
                        "the kernel does not find it there: pad the part before it with zero bytes");
        NewcParser parser = make_parser("", at, true);
        MKPXERD_TRY_ASSIGN(const std::size_t length, parser.push(rest(at)));
        MKPXERD_TRY(parser.finish());
        Part part;
        part.offset = at;
        part.length = part.unpacked = length;
        part.compression = "none";
        add(std::move(part), parser);
        return {};
    }

    Result<void> read_compressed(std::size_t at) {
        const auto encoding = wrap::recognize_encoding(rest(at));
        const bool is_first = summary_.parts.empty() && summary_.container.empty();
        if (const auto foreign = is_first && !encoding ? recognize_foreign(file_) : std::nullopt)
            return fail(summary_.name, fmt::format("is {}, not an initrd", foreign->name), foreign->hint);
        if (!encoding)
            return fail(summary_.name, fmt::format("neither an archive nor compressed data at byte {}", at));
        Part part;
        part.offset = at;
        part.compression = encoding->name;
        const std::string stream = fmt::format(" of the unpacked {} stream at byte {}", encoding->name, at);
        NewcParser parser = make_parser(stream, 0, false);
        const auto sink = [&](std::span<const std::byte> piece, std::size_t consumed) -> Result<void> {
            MKPXERD_TRY_ASSIGN(const std::size_t taken, parser.push(piece));
            if (parser.stopped()) return fail(summary_.name, "reading was stopped");
            if (const auto foreign = taken + part.unpacked == 0 ? recognize_foreign(piece) : std::nullopt)
                return fail(
                    summary_.name,
                    fmt::format("is not an initrd: it unpacks ({}) to {}", encoding->name, foreign->name),
                    foreign->hint);
            if (taken < piece.size())
                return fail(summary_.name,
                            fmt::format("no cpio header at byte {}{}", part.unpacked + taken, stream));
            part.unpacked += piece.size();
            unpacked_ += piece.size();
            if (const auto limit = limits_.unpacked + unpacked_of_byte * file_.size(); unpacked_ > limit)
                return fail(summary_.name,
                            fmt::format("unpacks to more than {} bytes, the limit for a file of {} bytes",
                                        limit, file_.size()),
                            "ordinary images do not: unpack it with the tool that compressed it");
            part.checkpoints.push_back({part.unpacked, consumed});
            return {};
        };
        auto length = wrap::decompress(*encoding, rest(at), sink, {summary_.name, at});
        if (!length && !parser.stopped()) return fail(std::move(length).error());
        MKPXERD_TRY(parser.finish());
        part.length = length.value_or(0);
        if (length) check_decoder(*encoding, at, *length);
        if (!part.checkpoints.empty()) part.checkpoints.back().compressed = part.length;
        add(std::move(part), parser);
        return {};
    }

    // The kernel does not accept everything that this reader accepts: docs/kernel-decoders.md.
    void check_decoder(const wrap::Encoding& encoding, std::size_t at, std::size_t length) {
        if (encoding.demands == nullptr) return;
        wrap::KernelDemands demands = encoding.demands(file_.subspan(at, length));
        if (demands.refused.empty()) return;
        summary_.warnings.push_back(
            {.object = summary_.name,
             .text = fmt::format("the kernel does not unpack the {} stream at byte {}: {}", encoding.name, at,
                                 demands.refused),
             .hint = std::move(demands.hint)});
    }

    void add(Part part, const NewcParser& parser) {
        part.section = section_;
        part.archives = parser.archives();
        part.entries = parser.entries();
        stopped_ = parser.stopped();
        summary_.parts.push_back(std::move(part));
    }

    std::span<const std::byte> file_;
    ImageVisitor& visitor_;
    const ImageLimits& limits_;
    ImageSummary summary_;
    std::string_view section_; // of the current region, and where it ends
    std::size_t end_ = 0;
    std::size_t archives_ = 0;
    std::uint64_t unpacked_ = 0; // of all compressed parts
    bool stopped_ = false;
};

// Keeps all entries, and the contents of a few.
class Collector : public ImageVisitor {
  public:
    Collector(const std::string& name, std::uint64_t file_size, const ImageLimits& limits,
              const std::set<std::string>& keep, std::vector<Entry>& entries,
              std::map<std::string, std::string>& kept)
        : name_(name), file_size_(file_size),
          max_entries_(std::min<std::uint64_t>(entry_limit, limits.entries + file_size / bytes_of_entry)),
          max_path_bytes_(std::min(path_bytes_limit, limits.path_bytes + path_bytes_of_byte * file_size)),
          keep_(keep), entries_(entries), kept_(kept) {}

    Result<Next> entry(const Entry& entry) override {
        path_bytes_ += entry.path.size() + entry.target.size();
        if (entries_.size() >= max_entries_)
            return fail(name_, fmt::format("has more than {} entries, the limit for a file of {} bytes",
                                           max_entries_, file_size_));
        if (path_bytes_ > max_path_bytes_)
            return fail(
                name_,
                fmt::format("the names of its entries take more than {} bytes, the limit for a file of "
                            "{} bytes",
                            max_path_bytes_, file_size_));
        entries_.push_back(entry);
        // Only one of several hard links has the body; the others must not hide it.
        if (!entry.is_regular() || !keep_.contains(entry.path)) return Next::Skip;
        current_ = &kept_[entry.path];
        if (entry.size > 0) current_->clear();
        return Next::Content;
    }
    Result<void> content(std::span<const std::byte> piece) override {
        if (current_->size() + piece.size() > keep_limit)
            return fail(name_, fmt::format("'{}' is larger than {} bytes", entries_.back().path, keep_limit));
        current_->append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    }

  private:
    const std::string& name_;
    std::uint64_t file_size_;
    std::uint64_t max_entries_;
    std::uint64_t max_path_bytes_;
    const std::set<std::string>& keep_;
    std::vector<Entry>& entries_;
    std::map<std::string, std::string>& kept_;
    std::string* current_ = nullptr;
    std::uint64_t path_bytes_ = 0;
};

// Passes on the contents of selected entries and stops after the last.
class Chooser : public ImageVisitor {
  public:
    Chooser(const std::set<std::size_t>& indices, const Image::ContentSink& sink)
        : indices_(indices), sink_(sink), next_(indices_.begin()) {}

    Result<Next> entry(const Entry&) override {
        if (next_ == indices_.end()) return Next::Stop;
        if (index_++ != *next_) return Next::Skip;
        ++next_;
        return Next::Content;
    }
    Result<void> content(std::span<const std::byte> piece) override { return sink_(index_ - 1, piece); }

  private:
    const std::set<std::size_t>& indices_;
    const Image::ContentSink& sink_;
    std::set<std::size_t>::const_iterator next_;
    std::size_t index_ = 0;
};

} // namespace

bool may_be_image(std::span<const std::byte> file) {
    const auto container = find_container(file, {});
    if (!container) return false;
    const auto start = file.subspan(container->regions.front().offset);
    if (start.empty()) return false;
    if (start.front() == std::byte{0}) return !container->kind.empty() || !recognize_foreign(file);
    return start.front() == std::byte{'0'} || wrap::recognize_encoding(start);
}

Result<ImageSummary> read_image(std::span<const std::byte> file, const std::string& name,
                                ImageVisitor& visitor, const ImageLimits& limits) {
    return FileReader(file, name, visitor, limits).read();
}

Result<ReadEntries> read_entries(std::span<const std::byte> image, const std::string& name,
                                 const ImageLimits& limits) {
    ReadEntries read;
    const std::set<std::string> none;
    std::map<std::string, std::string> kept;
    Collector collector(name, image.size(), limits, none, read.entries, kept);
    MKPXERD_TRY_ASSIGN(ImageSummary summary, read_image(image, name, collector, limits));
    read.warnings = std::move(summary.warnings);
    return read;
}

Result<void> read_contents(std::span<const std::byte> image, const std::string& name,
                           const std::set<std::size_t>& indices, const ContentSink& sink) {
    if (indices.empty()) return {};
    Chooser chooser(indices, sink);
    MKPXERD_TRY(read_image(image, name, chooser));
    return {};
}

Result<Image> Image::open(const std::filesystem::path& file, const std::set<std::string>& keep,
                          const ImageLimits& limits) {
    MKPXERD_TRY_ASSIGN(MappedFile mapped, MappedFile::open_input(file));
    Image image(std::move(mapped));
    const std::string name = file == "-" ? "standard input" : file.string();
    Collector collector(name, image.file_.bytes().size(), limits, keep, image.entries_, image.kept_);
    MKPXERD_TRY_ASSIGN(image.summary_, read_image(image.file_.bytes(), name, collector, limits));
    return image;
}

const std::string* Image::kept(const std::string& path) const {
    const auto found = kept_.find(path);
    return found == kept_.end() ? nullptr : &found->second;
}

Result<void> Image::read_contents(const std::set<std::size_t>& indices, const ContentSink& sink) const {
    return image::read_contents(file_.bytes(), summary_.name, indices, sink);
}

} // namespace mkpxerd::image
