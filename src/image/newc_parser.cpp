// SPDX-License-Identifier: MIT
// A state machine with the kernel's rules: everything that stops the kernel is an error, and every entry that
// the kernel skips silently is a warning.
//
//   header  110 bytes: magic 6, then 13 fields of 8 hexadecimal digits
//   name    closing zero included, padded so that header and name are a multiple of 4
//   body    padded to a multiple of 4
#include "mkpxerd/image/newc_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t header_size = 110;
constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::size_t warning_limit = 100; // a hostile file could hold millions

std::uint64_t align4(std::uint64_t value) {
    return (value + 3) & ~std::uint64_t{3};
}

// The fields after the magic, in order.
enum Field {
    Inode,
    Mode,
    Uid,
    Gid,
    Links,
    Mtime,
    Size,
    Major,
    Minor,
    NodeMajor,
    NodeMinor,
    NameSize,
    Check,
    FieldCount
};

bool parse_fields(std::string_view header, std::array<std::uint32_t, FieldCount>& fields) {
    for (std::size_t i = 0; i < FieldCount; ++i) {
        const std::string_view digits = header.substr(6 + i * 8, 8);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), fields[i], 16);
        if (error != std::errc{} || end != digits.data() + digits.size()) return false;
    }
    return true;
}

} // namespace

NewcParser::NewcParser(Place place, ImageVisitor& visitor, std::vector<Problem>& warnings)
    : place_(std::move(place)), visitor_(visitor), warnings_(warnings), position_(place_.start) {}

std::string NewcParser::where(std::uint64_t position) const {
    return fmt::format("byte {}{}", position, place_.stream);
}

Result<std::size_t> NewcParser::push(std::span<const std::byte> bytes) {
    auto rest = bytes;
    while (!stopped_) {
        if (state_ == State::Between) {
            if (place_.one_archive && archives_ > 0) break;
            pass_zeros(rest);
            if (rest.empty() || rest.front() != std::byte{'0'}) break;
            MKPXERD_TRY(begin_entry());
        }
        if (rest.empty()) break;
        MKPXERD_TRY(step(rest));
    }
    return bytes.size() - rest.size();
}

Result<void> NewcParser::finish() const {
    if (state_ == State::Between || stopped_) return {};
    std::string text = fmt::format("the archive ends within the entry at {}", where(header_position_));
    if (state_ == State::Content || state_ == State::Skip)
        text += fmt::format(" ('{}'): {} bytes are missing", entry_.path, next_header_ - position_);
    return fail(place_.file, std::move(text));
}

void NewcParser::pass_zeros(std::span<const std::byte>& rest) {
    const auto end = std::ranges::find_if(rest, [](std::byte b) { return b != std::byte{0}; });
    take(rest, static_cast<std::size_t>(end - rest.begin()));
}

void NewcParser::take(std::span<const std::byte>& rest, std::size_t count) {
    rest = rest.subspan(count);
    position_ += count;
}

// True if `wanted` bytes are collected.
bool NewcParser::collect(std::span<const std::byte>& rest, std::size_t wanted) {
    const std::size_t count = std::min(rest.size(), wanted - collected_.size());
    collected_.append(reinterpret_cast<const char*>(rest.data()), count);
    take(rest, count);
    return collected_.size() == wanted;
}

Result<void> NewcParser::step(std::span<const std::byte>& rest) {
    switch (state_) {
    case State::Header:
        return collect(rest, header_size) ? parse_header() : Result<void>{};
    case State::Name:
        return collect(rest, name_bytes_ + (entry_.is_link() ? entry_.size : 0)) ? parse_name()
                                                                                 : Result<void>{};
    case State::Content:
        return copy_content(rest);
    case State::Skip:
        take(rest, static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), next_header_ - position_)));
        if (position_ == next_header_) state_ = State::Between;
        return {};
    case State::Between:
        break;
    }
    return {};
}

Result<void> NewcParser::begin_entry() {
    if (position_ % 4 != 0)
        return fail(place_.file, fmt::format("the entry at {} is not aligned to 4 bytes: broken padding",
                                             where(position_)));
    header_position_ = position_;
    collected_.clear();
    state_ = State::Header;
    return {};
}

Result<void> NewcParser::parse_header() {
    const std::string_view magic = std::string_view(collected_).substr(0, 6);
    if (magic == "070707")
        return fail(place_.file,
                    fmt::format("the archive at {} has the old portable format", where(header_position_)),
                    "the kernel reads newc only: cpio -H newc");
    if (magic != "070701" && magic != "070702")
        return fail(place_.file, fmt::format("no cpio header at {}", where(header_position_)));
    std::array<std::uint32_t, FieldCount> fields{};
    if (!parse_fields(collected_, fields))
        return fail(place_.file, fmt::format("the cpio header at {} has a field that is not hexadecimal",
                                             where(header_position_)));
    has_checksum_ = magic == "070702";
    checksum_ = fields[Check];
    entry_ = {};
    entry_.part = place_.part;
    entry_.archive = place_.archive + archives_;
    entry_.inode = fields[Inode];
    entry_.mode = fields[Mode];
    entry_.uid = fields[Uid];
    entry_.gid = fields[Gid];
    entry_.links = fields[Links];
    entry_.mtime = fields[Mtime];
    entry_.size = fields[Size];
    entry_.device_major = fields[Major];
    entry_.device_minor = fields[Minor];
    entry_.node_major = fields[NodeMajor];
    entry_.node_minor = fields[NodeMinor];
    entry_.begin = header_position_ - place_.start;
    // The kernel's N_ALIGN(): the padded size of the name after the 110 bytes of the header.
    const std::uint64_t name_bytes = ((std::uint64_t{fields[NameSize]} + 1) & ~std::uint64_t{3}) + 2;
    next_header_ = align4(position_ + name_bytes + entry_.size);
    entry_.end = next_header_ - place_.start;
    if (fields[NameSize] == 0 || fields[NameSize] > path_limit) {
        skip_entry(fmt::format("a name of {} bytes", fields[NameSize]));
        return {};
    }
    if (entry_.is_link() && entry_.size > path_limit) {
        skip_entry(fmt::format("a link target of {} bytes", entry_.size));
        return {};
    }
    if (!entry_.is_link() && !entry_.is_regular() && entry_.size > 0) {
        skip_entry(fmt::format("type {:o} with a body", entry_.mode & 0170000));
        return {};
    }
    name_size_ = fields[NameSize];
    name_bytes_ = name_bytes;
    collected_.clear();
    state_ = State::Name;
    return {};
}

Result<void> NewcParser::parse_name() {
    if (collected_[name_size_ - 1] != '\0')
        return fail(place_.file,
                    fmt::format("the name of the entry at {} has no closing zero", where(header_position_)));
    const std::string_view name(collected_.c_str()); // up to the first zero, as in the kernel
    if (name == trailer && !entry_.is_link()) {
        ++archives_;
        skip_to_next();
        return {};
    }
    entry_.path = clean_path(name);
    if (entry_.is_link()) entry_.target = collected_.c_str() + name_bytes_;
    return announce();
}

Result<void> NewcParser::announce() {
    ++entries_;
    MKPXERD_TRY_ASSIGN(const ImageVisitor::Next next, visitor_.entry(entry_));
    if (next == ImageVisitor::Next::Stop) {
        stopped_ = true;
        return {};
    }
    if (!entry_.is_regular()) {
        skip_to_next();
        return {};
    }
    wants_content_ = next == ImageVisitor::Next::Content;
    content_left_ = entry_.size;
    sum_ = 0;
    state_ = State::Content;
    std::span<const std::byte> nothing;
    return content_left_ == 0 ? copy_content(nothing) : Result<void>{};
}

Result<void> NewcParser::copy_content(std::span<const std::byte>& rest) {
    const auto piece = rest.first(std::min<std::size_t>(rest.size(), content_left_));
    if (has_checksum_)
        for (const std::byte b : piece)
            sum_ += std::to_integer<std::uint32_t>(b);
    if (wants_content_ && !piece.empty()) MKPXERD_TRY(visitor_.content(piece));
    content_left_ -= static_cast<std::uint32_t>(piece.size());
    take(rest, piece.size());
    if (content_left_ > 0) return {};
    if (has_checksum_ && sum_ != checksum_)
        return fail(place_.file,
                    fmt::format("'{}' (entry at {}) has a bad checksum: {:08x} instead of {:08x}",
                                entry_.path, where(header_position_), sum_, checksum_));
    if (wants_content_) MKPXERD_TRY(visitor_.end_of_content());
    skip_to_next();
    return {};
}

void NewcParser::skip_to_next() {
    state_ = position_ == next_header_ ? State::Between : State::Skip;
}

void NewcParser::skip_entry(std::string_view reason) {
    if (warnings_.size() < warning_limit)
        warnings_.push_back(
            {place_.file,
             fmt::format("the kernel skips the entry at {}: {}", where(header_position_), reason),
             {},
             {}});
    skip_to_next();
}

} // namespace mkpxerd::image
