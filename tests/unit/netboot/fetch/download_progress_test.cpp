// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/download_progress.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct RecordingLog : Log {
    std::vector<std::string> lines;
    void line(LogLevel, std::string_view text) override { lines.emplace_back(text); }
    void detail(LogSubject, std::string_view text) override { lines.emplace_back(text); }
};

} // namespace

TEST_CASE("progress is reported every ten percent or five seconds, and not at all for quick downloads") {
    RecordingLog log;
    const Clock::time_point start = Clock::now();
    DownloadProgress quick(log, "apkovl", start);
    for (unsigned i = 0; i <= 100; ++i)
        quick.update(i * 1000, 100000, start + i * 5ms);
    CHECK(log.lines.empty());

    DownloadProgress slow(log, "modloop", start);
    for (unsigned i = 0; i <= 600; ++i)
        slow.update(i * 50000, 30000000, start + i * 100ms);
    CHECK(log.lines.size() >= 10);
    CHECK(log.lines.size() <= 24);
    CHECK(log.lines.front() == "modloop: 8 %, 2.50 MB of 30.0 MB, 500 KB/s, 55 s left");
    for (const std::string& line : log.lines)
        CHECK(line.size() <= 79);
}

TEST_CASE("a progress line fits in a terminal whatever the name, and shows the known values") {
    CHECK(progress_line("x", 1000, std::nullopt, 500) == "x: 1.00 KB, 500 B/s");
    CHECK(progress_line(std::string(200, 'n'), 999999999999, 1999999999999, 1).size() <= 79);
    CHECK(progress_line("x", 5, 0, 0) == "x: 5 B, 0 B/s");
}
