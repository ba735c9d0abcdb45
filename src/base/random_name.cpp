// SPDX-License-Identifier: MIT
// Rejects bytes that would make some letters likelier than others.
#include "mkpxerd/base/random_name.hpp"

#include <array>
#include <sys/random.h>

namespace mkpxerd {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

} // namespace

std::string random_name(std::size_t characters) {
    constexpr std::size_t usable = 256 - 256 % letters.size();
    std::string name;
    while (name.size() < characters) {
        std::array<unsigned char, 32> noise{};
        // Without random numbers names repeat, and creating a file of that name fails.
        [[maybe_unused]] const ssize_t got = ::getrandom(noise.data(), noise.size(), 0);
        for (const unsigned char byte : noise)
            if (byte < usable && name.size() < characters) name += letters[byte % letters.size()];
    }
    return name;
}

bool is_random_name(std::string_view name, std::size_t characters) {
    return name.size() == characters && name.find_first_not_of(letters) == std::string_view::npos;
}

} // namespace mkpxerd
