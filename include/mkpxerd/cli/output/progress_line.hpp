// SPDX-License-Identifier: MIT
// One line on a terminal that says what a long command is doing, and overwrites itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

class ProgressLine {
  public:
    // is_watched: out is a terminal; otherwise nothing is written.
    ProgressLine(std::ostream& out, bool is_watched) : out_(out), is_watched_(is_watched) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() { clear(); }

    // Names the step that begins; it stays on the line until the next one.
    void begin(std::string_view step);
    // How much of the step is done. Shown after the first second, and ten times a second at most.
    // part: of the step; may be empty.
    void show(std::uint64_t bytes, std::uint64_t total, std::string_view part = {});
    // Removes the line, so that other text can follow.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    void write(std::string_view text);

    std::ostream& out_;
    bool is_watched_;
    bool is_shown_ = false;
    std::string step_;
    Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

// Shows the progress of a build in the line, which must outlive it.
generator::BuildProgress shown_by(ProgressLine& line);

} // namespace mkpxerd::cli
