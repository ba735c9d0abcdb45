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

void ProgressLine::show(std::uint64_t bytes, std::uint64_t total, std::string_view part) {
    const auto now = Clock::now();
    if (!is_watched_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    write(fmt::format("{}{}{}{}{} % of {}", step_, step_.empty() ? "" : ": ", part, part.empty() ? "" : ": ",
                      total == 0 ? 100 : bytes * 100 / total, human_bytes(total)));
}

void ProgressLine::clear() {
    if (is_shown_) out_ << "\r\x1b[K" << std::flush;
    is_shown_ = false;
}

generator::BuildProgress shown_by(ProgressLine& line) {
    return {.packing = [&line](std::uint64_t bytes,
                               std::uint64_t total) { line.show(bytes, total, "packing modules"); },
            .writing = [&line](std::uint64_t bytes, std::uint64_t total) { line.show(bytes, total); }};
}

} // namespace mkpxerd::cli
