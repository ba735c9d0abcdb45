// SPDX-License-Identifier: MIT
// A deflate decoder without output: each table entry says how many bits a symbol and its extra bits take.
#include "mkpxerd/wrap/deflate_tail.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace mkpxerd::wrap {
namespace {

constexpr unsigned longest_code = 15;     // RFC 1951 3.2.7
constexpr unsigned literal_symbols = 288; // 286 and 287 may have codes in the fixed block only
constexpr unsigned distance_symbols = 32; // 30 and 31 likewise
constexpr unsigned end_of_block = 256;

class BitReader {
  public:
    explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    // Loads at least 56 bits; zeros beyond the end.
    void refill() {
        if (next_ + sizeof(std::uint64_t) <= bytes_.size() && std::endian::native == std::endian::little) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes_.data() + next_, sizeof word);
            held_ |= word << count_;
            next_ += (63 - count_) / 8;
            count_ |= 56U;
            return;
        }
        for (; count_ <= 56; count_ += 8, ++next_)
            if (next_ < bytes_.size()) held_ |= std::to_integer<std::uint64_t>(bytes_[next_]) << count_;
    }
    std::uint64_t held() const { return held_; }
    void drop(unsigned bits) {
        held_ >>= bits;
        count_ -= bits;
    }
    // At most 16 bits.
    unsigned take(unsigned bits) {
        refill();
        const auto value = static_cast<unsigned>(held_ & ((1U << bits) - 1));
        drop(bits);
        return value;
    }
    std::uint64_t position() const { return std::uint64_t{next_} * 8 - count_; }
    bool overrun() const { return position() > std::uint64_t{bytes_.size()} * 8; }
    void seek(std::uint64_t byte) {
        next_ = static_cast<std::size_t>(byte);
        held_ = 0;
        count_ = 0;
    }

  private:
    std::span<const std::byte> bytes_;
    std::size_t next_ = 0; // byte to load next; may pass the end
    std::uint64_t held_ = 0;
    unsigned count_ = 0;
};

// The meaning of a code, in 16 bits to keep the tables in the first-level cache: the low bits say how many
// bits to drop, the high bits what follows.
using Entry = std::uint16_t;
enum Next : unsigned { next_literal = 0, next_distance = 1, next_block = 2, next_nothing = 0xff };
constexpr Entry make_entry(unsigned bits, unsigned next) {
    return static_cast<Entry>(bits | next << 8);
}
constexpr unsigned bits_of(Entry entry) {
    return entry & 0xffU;
}
constexpr unsigned next_of(Entry entry) {
    return entry >> 8U;
}

constexpr Entry literal_entry(unsigned symbol, unsigned length) {
    if (symbol < end_of_block) return make_entry(length, next_literal);
    if (symbol == end_of_block) return make_entry(length, next_block);
    if (symbol > 285) return make_entry(0, next_nothing);
    // 257..264 have no extra bits, then four symbols share each count; 285 has none (RFC 1951 3.2.5).
    const unsigned extra = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
    return make_entry(length + extra, next_distance);
}

constexpr Entry distance_entry(unsigned symbol, unsigned length) {
    if (symbol > 29) return make_entry(0, next_nothing);
    const unsigned extra = symbol < 4 ? 0 : symbol / 2 - 1;
    return make_entry(length + extra, next_literal);
}

constexpr Entry length_entry(unsigned symbol, unsigned length) {
    return make_entry(length, symbol);
}

std::size_t reversed(unsigned code, unsigned length) {
    std::size_t result = 0;
    for (unsigned i = 0; i < length; ++i)
        result |= std::size_t{(code >> i) & 1U} << (length - 1 - i);
    return result;
}

unsigned longest(std::span<const std::uint8_t> lengths) {
    return *std::max_element(lengths.begin(), lengths.end());
}

// Fills a table of 2^width entries, indexed by the next bits of the stream; width is at least the longest
// code. RFC 1951 3.2.2: codes of one length are consecutive, shorter ones precede. The table grows with the
// length: each doubling copies it, which repeats each code for all bits that may follow it. False: too many
// codes.
bool build(Entry* table, unsigned width, std::span<const std::uint8_t> lengths,
           Entry (*entry)(unsigned, unsigned)) {
    std::array<unsigned, longest_code + 2> starts{}; // where the symbols of a length begin in sorted
    for (const auto length : lengths)
        if (length != 0) ++starts.at(length + 1);
    for (unsigned length = 1; length <= longest_code; ++length)
        starts.at(length + 1) += starts.at(length);
    std::array<std::uint16_t, literal_symbols> sorted{};
    auto slots = starts;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
        if (lengths[symbol] != 0) sorted.at(slots.at(lengths[symbol])++) = static_cast<std::uint16_t>(symbol);

    table[0] = make_entry(0, next_nothing);
    unsigned code = 0;
    for (unsigned length = 1; length <= width; ++length) {
        std::copy_n(table, std::size_t{1} << (length - 1), table + (std::size_t{1} << (length - 1)));
        code <<= 1U;
        for (unsigned i = starts.at(length); i < starts.at(length + 1); ++i, ++code) {
            if (code >> length != 0) return false;
            table[reversed(code, length)] = entry(sorted.at(i), length);
        }
    }
    return true;
}

class Scanner {
  public:
    explicit Scanner(std::span<const std::byte> stream) : size_(stream.size()), reader_(stream) {}

    std::optional<DeflateTail> run() {
        for (;;) {
            const std::uint64_t start = reader_.position();
            const bool final = reader_.take(1) != 0;
            if (!block(reader_.take(2)) || reader_.overrun()) return std::nullopt;
            if (final) return DeflateTail{start, reader_.position()};
        }
    }

  private:
    bool block(unsigned type) {
        switch (type) {
        case 0:
            return stored();
        case 1:
            return fixed_tables() && symbols();
        case 2:
            return dynamic_tables() && symbols();
        default:
            return false;
        }
    }

    bool stored() {
        const std::uint64_t byte = (reader_.position() + 7) / 8;
        reader_.seek(byte);
        const unsigned length = reader_.take(16);
        const unsigned complement = reader_.take(16);
        if ((length ^ complement) != 0xffffU || byte + 4 + length > size_) return false;
        reader_.seek(byte + 4 + length);
        return true;
    }

    // Both tables have the same width and are adjacent: an entry says which one comes next.
    bool build_tables(std::span<const std::uint8_t> literals, std::span<const std::uint8_t> distances) {
        width_ = std::max(longest(literals), longest(distances));
        return build(tables_.data(), width_, literals, literal_entry) &&
               build(tables_.data() + (std::size_t{1} << width_), width_, distances, distance_entry);
    }

    bool fixed_tables() {
        std::array<std::uint8_t, literal_symbols> lengths{};
        for (unsigned i = 0; i < literal_symbols; ++i)
            lengths.at(i) = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        std::array<std::uint8_t, distance_symbols> distances{};
        distances.fill(5);
        return build_tables(lengths, distances);
    }

    bool dynamic_tables() {
        constexpr std::array<std::uint8_t, 19> order = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
        const unsigned literals = reader_.take(5) + 257;
        const unsigned distances = reader_.take(5) + 1;
        const unsigned given = reader_.take(4) + 4;
        std::array<std::uint8_t, 19> code_lengths{};
        for (unsigned i = 0; i < given; ++i)
            code_lengths.at(order.at(i)) = static_cast<std::uint8_t>(reader_.take(3));
        width_ = longest(code_lengths);
        if (!build(tables_.data(), width_, code_lengths, length_entry)) return false;

        std::array<std::uint8_t, literal_symbols + distance_symbols> lengths{};
        if (!read_lengths(std::span(lengths).first(literals + distances))) return false;
        return build_tables(std::span(lengths).first(literals),
                            std::span(lengths).subspan(literals, distances));
    }

    // RFC 1951 3.2.7: 16 repeats the length before it, 17 and 18 are runs of zeros. distances_ has their
    // code.
    bool read_lengths(std::span<std::uint8_t> lengths) {
        for (std::size_t i = 0; i < lengths.size();) {
            reader_.refill();
            const Entry entry = tables_[reader_.held() & mask()];
            const unsigned symbol = next_of(entry);
            if (symbol == next_nothing || reader_.overrun()) return false;
            reader_.drop(bits_of(entry));
            if (symbol < 16) {
                lengths[i++] = static_cast<std::uint8_t>(symbol);
                continue;
            }
            if (symbol == 16 && i == 0) return false;
            const std::uint8_t value = symbol == 16 ? lengths[i - 1] : 0;
            const std::size_t run = symbol == 16   ? 3 + reader_.take(2)
                                    : symbol == 17 ? 3 + reader_.take(3)
                                                   : 11 + reader_.take(7);
            if (run > lengths.size() - i) return false;
            std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(i), run, value);
            i += run;
        }
        return true;
    }

    // A literal or length takes at most 15 + 5 bits, a distance 15 + 13: any two steps fit into one refill.
    // Avoids branches on the kind of symbol, which no processor could predict.
    bool symbols() {
        unsigned next = next_literal;
        while (!reader_.overrun()) {
            reader_.refill();
            for (unsigned i = 0; i < 2; ++i) {
                const Entry entry = tables_[(std::size_t{next} << width_) + (reader_.held() & mask())];
                reader_.drop(bits_of(entry));
                next = next_of(entry);
                if (next >= next_block) return next == next_block;
            }
        }
        return false;
    }

    std::uint64_t mask() const { return (std::uint64_t{1} << width_) - 1; }

    std::uint64_t size_;
    BitReader reader_;
    unsigned width_ = 0; // bits of a table's index
    std::vector<Entry> tables_ = std::vector<Entry>(std::size_t{2} << longest_code);
};

} // namespace

std::optional<DeflateTail> find_deflate_tail(std::span<const std::byte> stream) {
    return Scanner(stream).run();
}

} // namespace mkpxerd::wrap
