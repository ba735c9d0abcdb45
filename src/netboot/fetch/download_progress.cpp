// SPDX-License-Identifier: MIT
// Plain lines: a serial console cannot redraw.
#include "mkpxerd/netboot/fetch/download_progress.hpp"

#include <cmath>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_silence = 5s; // between two lines
constexpr auto shortest_interval = 1s;
constexpr unsigned percent_step = 10;
constexpr std::size_t columns = 79;

} // namespace

std::string progress_line(const std::string& name, std::uint64_t bytes, std::optional<std::uint64_t> total,
                          double bytes_per_second) {
    const std::string rate = human_bytes(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
    std::string text = fmt::format(": {}, {}", human_bytes(bytes), rate);
    if (total && *total > 0 && bytes <= *total) {
        text = fmt::format(": {} %, {} of {}, {}", bytes * 100 / *total, human_bytes(bytes),
                           human_bytes(*total), rate);
        if (bytes_per_second >= 1)
            text += fmt::format(", {:.0f} s left",
                                std::ceil(static_cast<double>(*total - bytes) / bytes_per_second));
    }
    if (text.size() > columns) text.resize(columns);
    return name.substr(0, columns - text.size()) + text;
}

DownloadProgress::DownloadProgress(Log& log, std::string name, Clock::time_point now)
    : log_(log), name_(std::move(name)), started_(now), logged_at_(now) {}

void DownloadProgress::update(std::uint64_t bytes, std::optional<std::uint64_t> total,
                              Clock::time_point now) {
    log_.timeline().receive(name_, bytes);
    if (!counting_ || bytes < first_bytes_) {
        counting_ = true;
        first_bytes_ = bytes;
        started_ = now;
        logged_percent_ = 0;
    }
    const unsigned percent =
        total && *total > 0 ? static_cast<unsigned>(std::min(bytes, *total) * 100 / *total) : 0;
    const bool stepped = percent >= logged_percent_ + percent_step && now - logged_at_ >= shortest_interval;
    if (!stepped && now - logged_at_ < longest_silence) return;
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(bytes - first_bytes_) / seconds : 0;
    log_.step(progress_line(name_, bytes, total, rate));
    logged_at_ = now;
    logged_percent_ = percent - percent % percent_step;
}

} // namespace mkpxerd::netboot
