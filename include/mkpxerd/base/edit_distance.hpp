// SPDX-License-Identifier: MIT
// How far two words are apart: the number of letters to insert, delete, replace or swap with a neighbour
// (optimal string alignment).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace mkpxerd {

// Only as far as the distance is below a limit of at least 1: a row of the table is computed around its
// diagonal alone, and the rows end when all values have reached the limit.
class EditDistance {
  public:
    // Returns the limit when the distance is not below it.
    std::size_t below(std::size_t limit, std::string_view a, std::string_view b);
    // Cells that were computed so far, for a bound of the work.
    std::uint64_t cells() const { return cells_; }

  private:
    std::size_t fill_row(std::size_t limit, std::string_view a, std::string_view b, std::size_t i);

    std::vector<std::size_t> before_; // row i - 2
    std::vector<std::size_t> last_;
    std::vector<std::size_t> row_;
    std::uint64_t cells_ = 0;
};

// The word that a misspelt one probably means, for long lists, where a wrong answer is worse than none: the
// first letters are the same, as people rarely miss those, and of a word with less than eight letters a
// single one may differ. The digits are the same, at most in another order: r8168 and r8169 are two drivers.
// The first `same` letters are the same as well, and do not count.
std::optional<std::string_view>
likely_meant(std::string_view word, std::span<const std::string_view> candidates, std::size_t same = 0);

} // namespace mkpxerd
