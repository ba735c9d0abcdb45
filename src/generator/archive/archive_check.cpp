// SPDX-License-Identifier: MIT
// The rules of unpack_to_rootfs() in init/initramfs.c, for archives that go into the image unchanged:
// everything that would stop the kernel is an error here. Format of a header: see image/newc_parser.cpp,
// which also reads the contents; this file only checks the structure.
#include "mkpxerd/generator/archive/archive_check.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t header_size = 110;
constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::uint32_t longest_path = 4096; // with its terminating zero byte

// Reads an archive piece by piece; keeps one header and one name at a time.
class ArchiveWalk {
  public:
    // stream follows byte numbers in messages: "" or " of the unpacked xz stream". start: the number of the
    // first byte.
    ArchiveWalk(const std::string& file, std::string stream, std::uint64_t start)
        : file_(file), stream_(std::move(stream)), position_(start) {}

    // Reads up to the first byte after a trailer that does not begin an archive; returns the number of bytes
    // read.
    Result<std::size_t> push(std::span<const std::byte> bytes) {
        auto rest = bytes;
        while (!rest.empty()) {
            if (state_ == State::Between) {
                if (rest.front() == std::byte{0}) { // padding
                    take(rest, 1);
                    continue;
                }
                if (rest.front() != std::byte{'0'}) break;
                if (position_ % 4 != 0)
                    return fail(file_, fmt::format("the entry at {} does not start at a multiple of 4",
                                                   where(position_)));
                begin_ = position_;
                wanted_ = header_size;
                held_.clear();
                state_ = State::Header;
            }
            if (state_ == State::Body) {
                take(rest, static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), next_ - position_)));
                if (position_ == next_) state_ = State::Between;
                continue;
            }
            const std::size_t count = std::min(rest.size(), wanted_ - held_.size());
            held_.append(reinterpret_cast<const char*>(rest.data()), count);
            take(rest, count);
            if (held_.size() < wanted_) continue;
            MKPXERD_TRY(state_ == State::Header ? read_header() : read_name());
        }
        return bytes.size() - rest.size();
    }

    Result<void> finish() const {
        if (state_ != State::Between)
            return fail(file_, fmt::format("ends within the entry at {}", where(begin_)),
                        "it was truncated: create it again");
        if (!ended_)
            return fail(file_, fmt::format("has no {} up to {}", trailer, where(position_)),
                        "it was truncated: create it again");
        return {};
    }

  private:
    enum class State { Between, Header, Name, Body };

    std::string where(std::uint64_t position) const { return fmt::format("byte {}{}", position, stream_); }
    void take(std::span<const std::byte>& rest, std::size_t count) {
        rest = rest.subspan(count);
        position_ += count;
    }
    tl::unexpected<Error> broken(std::string text) const {
        return fail(file_, fmt::format("the cpio header at {} {}", where(begin_), text),
                    "the kernel reads newc: cpio -H newc");
    }
    std::optional<std::uint32_t> field(std::size_t number) const {
        std::uint32_t value = 0;
        const char* digits = held_.data() + 6 + number * 8;
        const auto [end, error] = std::from_chars(digits, digits + 8, value, 16);
        return error == std::errc{} && end == digits + 8 ? std::optional(value) : std::nullopt;
    }

    Result<void> read_header() {
        if (held_.starts_with("070707")) return broken("is in the old portable format");
        if (!held_.starts_with("070701") && !held_.starts_with("070702")) return broken("has a bad magic");
        for (std::size_t i = 0; i < 13; ++i)
            if (!field(i)) return broken("has a field that is not hexadecimal");
        const std::uint32_t name_size = *field(11);
        if (name_size == 0 || name_size > longest_path)
            return broken(fmt::format("gives the length of the name as {} bytes", name_size));
        const auto align4 = [](std::uint64_t value) { return (value + 3) & ~std::uint64_t{3}; };
        const std::uint64_t body = align4(position_ + name_size);
        next_ = align4(body + *field(6));
        wanted_ = name_size;
        held_.clear();
        state_ = State::Name;
        return {};
    }

    Result<void> read_name() {
        if (held_.back() != '\0') return broken("has a name without a terminating zero byte");
        ended_ = std::string_view(held_.c_str()) == trailer;
        // Padding after a trailer counts as padding between archives: it may be missing at the end of a file.
        state_ = position_ == next_ || (ended_ && next_ - position_ < 4) ? State::Between : State::Body;
        return {};
    }

    const std::string& file_;
    std::string stream_;
    std::uint64_t position_;
    std::uint64_t begin_ = 0; // of the entry
    std::uint64_t next_ = 0;  // end of its body
    std::size_t wanted_ = 0;
    std::string held_;
    State state_ = State::Between;
    bool ended_ = false; // the last entry was a trailer
};

// bytes: a whole stream that can be decompressed. Errors: the kernel's decoder refuses it.
Result<void> check_decoder(const wrap::Encoding& encoding, std::span<const std::byte> bytes, std::size_t at,
                           const std::string& name, const std::optional<std::string>& config) {
    const auto refuse = [&](const std::string& why, const std::string& hint) {
        return fail(
            name,
            fmt::format("the kernel does not unpack the {} stream at byte {}: {}", encoding.name, at, why),
            hint);
    };
    if (const std::string missing = missing_to_unpack(config, encoding.name); !missing.empty())
        return refuse("it was built without " + missing,
                      "compress it with a format that the kernel supports, or not at all");
    if (encoding.demands == nullptr) return {};
    const wrap::KernelDemands demands = encoding.demands(bytes);
    const std::string refusal = find_refusal(demands, config);
    return refusal.empty() ? Result<void>() : refuse(refusal, demands.hint);
}

Result<std::size_t> check_compressed(std::span<const std::byte> bytes, std::size_t at,
                                     const std::string& name, const std::optional<std::string>& config) {
    const auto encoding = wrap::recognize_encoding(bytes);
    if (!encoding)
        return fail(name,
                    at == 0 ? "is not an archive that the kernel unpacks"
                            : fmt::format("has neither an archive nor compressed data at byte {}", at),
                    "it must be a cpio archive in newc format, plain or compressed");
    const std::string stream = fmt::format(" of the unpacked {} stream at byte {}", encoding->name, at);
    ArchiveWalk walk(name, stream, 0);
    std::uint64_t unpacked = 0;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        MKPXERD_TRY_ASSIGN(const std::size_t taken, walk.push(piece));
        if (taken < piece.size())
            return fail(name, fmt::format("no cpio header at byte {}{}", unpacked + taken, stream),
                        "compressed data must be a cpio archive in newc format");
        unpacked += piece.size();
        return {};
    };
    MKPXERD_TRY_ASSIGN(const std::size_t length, wrap::decompress(*encoding, bytes, sink, {name, at}));
    MKPXERD_TRY(walk.finish());
    MKPXERD_TRY(check_decoder(*encoding, bytes.first(length), at, name, config));
    return length;
}

} // namespace

Result<void> check_archive(std::span<const std::byte> file, const std::string& name,
                           const std::optional<std::string>& config) {
    bool holds_any = false;
    std::size_t at = 0;
    while (at < file.size()) {
        if (file[at] == std::byte{0}) {
            ++at;
            continue;
        }
        holds_any = true;
        if (file[at] != std::byte{'0'}) {
            MKPXERD_TRY_ASSIGN(const std::size_t length,
                               check_compressed(file.subspan(at), at, name, config));
            at += length;
            continue;
        }
        ArchiveWalk walk(name, "", at);
        MKPXERD_TRY_ASSIGN(const std::size_t length, walk.push(file.subspan(at)));
        MKPXERD_TRY(walk.finish());
        at += length;
    }
    if (!holds_any) return fail(name, "contains no archive", "the file is empty, or all zeros");
    return {};
}

} // namespace mkpxerd::generator
