// SPDX-License-Identifier: MIT
// Bytes that would make some letters likelier than others are drawn again.
#include "mkpxerd/base/random_name.hpp"

#include <array>
#include <string_view>
#include <sys/random.h>

namespace mkpxerd {

std::string random_name(std::size_t characters) {
    static constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    constexpr std::size_t usable = 256 - 256 % letters.size();
    std::string name;
    while (name.size() < characters) {
        std::array<unsigned char, 32> noise{};
        // Without random numbers names repeat; who makes a file by a name that exists fails, and says so.
        [[maybe_unused]] const ssize_t got = ::getrandom(noise.data(), noise.size(), 0);
        for (const unsigned char byte : noise)
            if (byte < usable && name.size() < characters) name += letters[byte % letters.size()];
    }
    return name;
}

} // namespace mkpxerd
