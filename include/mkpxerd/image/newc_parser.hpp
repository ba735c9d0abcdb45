// SPDX-License-Identifier: MIT
// Bytes -> entries: the newc format (070701, 070702) as init/initramfs.c reads it. Fed piece by piece; keeps
// one header, name and link target at a time, never a body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/image/types.hpp"

namespace mkpxerd::image {

// Longest name and link target that the kernel accepts, closing zero included.
inline constexpr std::size_t path_limit = 4096;

// Receives the content of a file, in file order.
class ImageVisitor {
  public:
    enum class Next {
        Skip,    // continue with the next entry
        Content, // call content() with the body of this regular file
        Stop,    // stop reading this file
    };
    virtual ~ImageVisitor() = default;
    virtual Result<Next> entry(const Entry& entry) = 0;
    // Pieces of the body, in order; none for an empty one.
    virtual Result<void> content(std::span<const std::byte>) { return {}; }
    // After the last piece, if content was requested.
    virtual Result<void> end_of_content() { return {}; }
    virtual Result<void> end_of_part(const Part&) { return {}; }
};

class NewcParser {
  public:
    struct Place {
        std::string file;         // names the errors
        std::string stream;       // follows a byte position: "" or " of the unpacked xz stream at byte 512"
        std::uint64_t start = 0;  // position of the first byte; entries are aligned to 4 from position 0
        std::size_t part = 0;     // copied into the entries
        std::size_t archive = 0;  // number of the first archive
        bool one_archive = false; // stop after the first trailer
    };
    // visitor and warnings must outlive the parser.
    NewcParser(Place place, ImageVisitor& visitor, std::vector<Problem>& warnings);

    // Consumes bytes until they are used up or, between entries, until one does not begin an entry. Returns
    // the number of bytes. Errors name the file and the byte.
    Result<std::size_t> push(std::span<const std::byte> bytes);
    // Call it at the end of the bytes. Errors: they end within an entry.
    Result<void> finish() const;

    bool stopped() const { return stopped_; }          // by the visitor
    std::size_t archives() const { return archives_; } // complete ones, with a trailer
    std::size_t entries() const { return entries_; }
    std::uint64_t position() const { return position_; }

  private:
    enum class State { Between, Header, Name, Content, Skip };

    void pass_zeros(std::span<const std::byte>& rest);
    Result<void> step(std::span<const std::byte>& rest);
    bool collect(std::span<const std::byte>& rest, std::size_t wanted);
    void take(std::span<const std::byte>& rest, std::size_t count);
    Result<void> begin_entry();
    Result<void> parse_header();
    Result<void> parse_name();
    Result<void> announce();
    Result<void> copy_content(std::span<const std::byte>& rest);
    void skip_to_next();
    void skip_entry(std::string_view reason);
    std::string where(std::uint64_t position) const;

    Place place_;
    ImageVisitor& visitor_;
    std::vector<Problem>& warnings_;
    State state_ = State::Between;
    std::string collected_;
    Entry entry_;
    std::uint64_t position_;
    std::uint64_t header_position_ = 0;
    std::uint64_t next_header_ = 0;
    std::size_t name_size_ = 0;  // closing zero included
    std::size_t name_bytes_ = 0; // with padding
    std::uint32_t checksum_ = 0; // as in the header
    std::uint32_t sum_ = 0;      // as counted
    std::uint32_t content_left_ = 0;
    bool has_checksum_ = false;
    bool wants_content_ = false;
    bool stopped_ = false;
    std::size_t archives_ = 0;
    std::size_t entries_ = 0;
};

} // namespace mkpxerd::image
