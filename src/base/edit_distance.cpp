// SPDX-License-Identifier: MIT
#include "mkpxerd/base/edit_distance.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace mkpxerd {

std::size_t EditDistance::below(std::size_t limit, std::string_view a, std::string_view b) {
    before_.assign(b.size() + 2, limit);
    last_ = row_ = before_;
    for (std::size_t j = 0; j <= b.size() && j < limit; ++j)
        last_[j] = j;
    std::size_t least_before = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t least = fill_row(limit, a, b, i);
        if (least >= limit && least_before + 1 >= limit) return limit; // a swap reaches over one row
        least_before = least;
        std::swap(before_, last_);
        std::swap(last_, row_);
    }
    return std::min(last_[b.size()], limit);
}

// Returns the least value of row i.
std::size_t EditDistance::fill_row(std::size_t limit, std::string_view a, std::string_view b, std::size_t i) {
    const std::size_t first = i >= limit ? i - limit + 1 : 1;
    const std::size_t end = std::min(b.size(), i + limit - 1) + 1;
    std::size_t left = first == 1 ? i : limit; // the value of the cell before
    std::size_t least = left;
    row_[first - 1] = left;
    for (std::size_t j = first; j < end; ++j) {
        std::size_t value = last_[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        if (last_[j] + 1 < value) value = last_[j] + 1;
        if (left + 1 < value) value = left + 1;
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before_[j - 2] + 1 < value)
            value = before_[j - 2] + 1;
        row_[j] = left = value;
        if (value < least) least = value;
    }
    row_[end] = limit;
    cells_ += end - first + 1;
    return least;
}

namespace {

std::string sorted_digits(std::string_view word) {
    std::string digits;
    std::ranges::copy_if(word, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    std::ranges::sort(digits);
    return digits;
}

} // namespace

std::optional<std::string_view> likely_meant(std::string_view word,
                                             std::span<const std::string_view> candidates, std::size_t same) {
    constexpr std::size_t shortest = 4; // letters that count
    constexpr std::size_t long_word = 8;
    if (word.size() < same + shortest) return std::nullopt;
    const std::string_view rest = word.substr(same);
    std::size_t limit = rest.size() < long_word ? 2 : 3;
    EditDistance distances;
    std::optional<std::string_view> best;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() <= shortest || candidate.substr(0, same + 1) != word.substr(0, same + 1))
            continue;
        const std::size_t distance = distances.below(limit, rest, candidate.substr(same));
        if (distance >= limit || sorted_digits(candidate) != sorted_digits(word)) continue;
        best = candidate;
        limit = std::max<std::size_t>(distance, 1);
    }
    return best;
}

} // namespace mkpxerd
