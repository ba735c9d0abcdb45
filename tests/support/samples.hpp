// SPDX-License-Identifier: MIT
// Bytes to feed to encoders and parsers: the same in every run, on every machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <endian.h>
#include <string>

namespace mkpxerd::test {

// xorshift64*: simple, and good enough to be incompressible.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed * 2654435769U + 1) {}
    std::uint64_t next() {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return state_ * 0x2545f4914f6cdd1dULL;
    }
    // 0 .. limit - 1
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>((next() >> 11U) % limit); }

  private:
    std::uint64_t state_;
};

inline std::string noise(std::size_t size, std::uint64_t seed = 1) {
    Random random(seed);
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
        const std::uint64_t value = htole64(random.next());
        std::memcpy(&bytes[at], &value, std::min(sizeof value, size - at));
    }
    return bytes;
}

// Repeats at all distances, runs, and rare bytes: every kind of symbol and block of a real archive.
inline std::string prose(std::size_t size, std::uint64_t seed = 1) {
    Random random(seed);
    std::string bytes;
    bytes.reserve(size + 64);
    while (bytes.size() < size) {
        switch (random.below(8)) {
        case 0:
            bytes.append(random.below(60), '\0');
            break;
        case 1:
            bytes += noise(random.below(20), random.next());
            break;
        default:
            if (bytes.size() < 64) {
                bytes += "the first words ";
                break;
            }
            const std::size_t back = 1 + random.below(std::min<std::size_t>(bytes.size() - 1, 50000));
            const std::size_t from = bytes.size() - back;
            const std::size_t length = std::min<std::size_t>(back, 3 + random.below(40));
            bytes.append(bytes, from, length);
        }
    }
    bytes.resize(size);
    return bytes;
}

// Prose that repeats within every window: made, packed and unpacked at the speed of copying, where size is
// the point.
inline std::string long_prose(std::size_t size, std::uint64_t seed = 1) {
    const std::string once = prose(std::min<std::size_t>(size, 20'000), seed);
    std::string bytes;
    bytes.reserve(size + once.size());
    while (bytes.size() < size)
        bytes += once;
    bytes.resize(size);
    return bytes;
}

} // namespace mkpxerd::test
