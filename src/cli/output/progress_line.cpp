// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/progress_line.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::cli {

void ProgressLine::write(std::string_view text) {
    out_ << fmt::format("\r{}\x1b[K", text) << std::flush;
    is_shown_ = true;
}

void ProgressLine::begin(std::string_view step) {
    if (!is_watched_) return;
    step_ = printable(step);
    write(step_);
}

void ProgressLine::show(std::uint64_t bytes, std::uint64_t total) {
    const auto now = Clock::now();
    if (!is_watched_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    write(fmt::format("{}{}{} % of {}", step_, step_.empty() ? "" : ": ",
                      total == 0 ? 100 : bytes * 100 / total, human_bytes(total)));
}

void ProgressLine::clear() {
    if (is_shown_) out_ << "\r\x1b[K" << std::flush;
    is_shown_ = false;
}

} // namespace mkpxerd::cli
