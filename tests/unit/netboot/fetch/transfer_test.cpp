// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <set>

#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/netboot/fetch/download_file.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "mkpxerd/netboot/net/reach.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"
#include "mkpxerd/netboot/runtime/progress.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct RecordingLog : Log {
    std::vector<std::string> lines;
    void line(LogLevel, std::string_view text) override { lines.emplace_back(text); }
};

std::span<const char> chars(std::string_view text) {
    return {text.data(), text.size()};
}

std::size_t files_in(const std::filesystem::path& directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("a download takes its name when it is complete, not before") {
    const test::TempDir directory;
    const std::filesystem::path destination = directory / "new/object";
    {
        Result<DownloadFile> file = DownloadFile::create(destination);
        REQUIRE(file);
        CHECK(file->write(chars("hello")));
        CHECK(file->size() == 5);
        CHECK_FALSE(std::filesystem::exists(destination));
        CHECK(file->restart());
        CHECK(file->size() == 0);
        CHECK(file->write(chars("bye")));
        CHECK(file->commit());
    }
    CHECK(read_file(destination).value() == "bye");
    CHECK(files_in(destination.parent_path()) == 1);
}

TEST_CASE("a download that is given up leaves nothing, and an older object stays") {
    const test::TempDir directory;
    const std::filesystem::path destination = directory.write("object", "old");
    {
        Result<DownloadFile> file = DownloadFile::create(destination);
        REQUIRE(file);
        CHECK(file->write(chars("new")));
    }
    CHECK(read_file(destination).value() == "old");
    CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("an object that cannot fit is refused before it is fetched") {
    const test::TempDir directory;
    Result<DownloadFile> file = DownloadFile::create(directory / "object");
    REQUIRE(file);
    CHECK(file->expect(1000));
    const Result<void> huge = file->expect(std::uint64_t{1} << 60);
    REQUIRE_FALSE(huge);
    CHECK(huge.error().first().code == "MPX-FETCH-03");
    CHECK_THAT(huge.error().text(), Catch::Contains("object: needs"));
    const Result<DownloadFile> nowhere = DownloadFile::create("/proc/nowhere/object");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().first().object == "/proc/nowhere/object");
}

TEST_CASE("progress is said every ten percent or five seconds, and not at all for what is quick") {
    RecordingLog log;
    const Clock::time_point start = Clock::now();
    Progress quick(log, "apkovl", start);
    for (unsigned i = 0; i <= 100; ++i)
        quick.update(i * 1000, 100000, start + i * 5ms);
    CHECK(log.lines.empty());

    Progress slow(log, "modloop", start);
    for (unsigned i = 0; i <= 600; ++i)
        slow.update(i * 50000, 30000000, start + i * 100ms);
    CHECK(log.lines.size() >= 10);
    CHECK(log.lines.size() <= 24);
    CHECK(log.lines.front() == "modloop: 8 %, 2.50 MB of 30.0 MB, 500 KB/s, 55 s left");
    for (const std::string& line : log.lines)
        CHECK(line.size() <= 79);
}

TEST_CASE("a progress line fits in a terminal whatever the name, and tells what it knows") {
    CHECK(progress_line("x", 1000, std::nullopt, 500) == "x: 1.00 KB, 500 B/s");
    CHECK(progress_line(std::string(200, 'n'), 999999999999, 1999999999999, 1).size() <= 79);
    CHECK(progress_line("x", 5, 0, 0) == "x: 5 B, 0 B/s");
}

TEST_CASE("pauses double up to the cap and are never the same for all") {
    Backoff backoff(500ms, 4000ms);
    for (const int nominal : {500, 1000, 2000, 4000, 4000}) {
        const std::chrono::milliseconds pause = backoff.next();
        CHECK(pause >= std::chrono::milliseconds(nominal * 8 / 10));
        CHECK(pause <= std::chrono::milliseconds(nominal * 12 / 10));
    }
    backoff.reset();
    CHECK(backoff.next() <= 600ms);
    std::set<std::int64_t> seen;
    for (int i = 0; i < 50; ++i) {
        backoff.reset();
        seen.insert(backoff.next().count());
    }
    CHECK(seen.size() > 10);
}

TEST_CASE("a needed host may name its port") {
    CHECK(parse_host_port("10.0.0.1") == HostPort{"10.0.0.1", 80});
    CHECK(parse_host_port("boot.example:2049") == HostPort{"boot.example", 2049});
    CHECK(parse_host_port("[fd00::1]:8080") == HostPort{"fd00::1", 8080});
    CHECK(parse_host_port("[fd00::1]") == HostPort{"fd00::1", 80});
    CHECK(parse_host_port("fd00::1") == HostPort{"fd00::1", 80});
    CHECK(parse_host_port("host:0") == HostPort{"host:0", 80});
}

TEST_CASE("the search list is applied to short names last, to dotted ones second, to absolute ones never") {
    const std::vector<std::string> search{"a.example", "b.example"};
    using Names = std::vector<std::string>;
    CHECK(search_names("boot", search) == Names{"boot.a.example", "boot.b.example", "boot"});
    CHECK(search_names("boot.lab", search) == Names{"boot.lab", "boot.lab.a.example", "boot.lab.b.example"});
    CHECK(search_names("boot.", search) == Names{"boot"});
    CHECK(search_names("boot", {}) == Names{"boot"});
    NetworkState state;
    state.domain = "lab.example";
    CHECK(dns_config(state).search == Names{"lab.example"});
    state.search = search;
    CHECK(dns_config(state).search == search);
}

TEST_CASE(
    "the deadline bounds the wait for the first byte, a stall what moves, and a drip is a stall beyond it") {
    using namespace std::chrono_literals;
    const Deadline start = Clock::now();
    const Deadline deadline = start + 15s;
    StallTimer timer(deadline, 10s);
    CHECK(timer.next(0, start) == start + 10s);
    CHECK(timer.next(0, start + 8s) == deadline);
    CHECK(timer.next(1, start + 8s) == start + 18s);
    CHECK(timer.next(2, start + 14s) == start + 24s);
    CHECK(timer.next(100, start + 16s) == start + 24s);
    CHECK(timer.next(70000, start + 20s) == start + 30s);
    CHECK(timer.next(70001, start + 29s) == start + 30s);
}

TEST_CASE("an attempt after one that stalled waits longer, until the deadline and no more") {
    const test::TempDir directory;
    RecordingLog log;
    Transfer transfer{DownloadFile::create(directory / "object").value(), Progress(log, "object"), {}, {}};
    CHECK(stalled("u", transfer).text().starts_with("u: stalled: nothing for 10 s"));
    std::vector<std::int64_t> seconds;
    for (int i = 0; i < 4; ++i) {
        seconds.push_back(transfer.patience.count());
        transfer.wait_longer();
    }
    CHECK(seconds == std::vector<std::int64_t>{10, 40, 160, 160});
    CHECK(transfer.small_segments);
    const Deadline start = Clock::now();
    StallTimer timer(start + 60s, transfer.patience);
    CHECK(timer.next(0, start) == start + 60s);
    CHECK(timer.next(1, start + 30s) == start + 190s);
}
