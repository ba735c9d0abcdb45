// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/transfer.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "memory_log.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

std::span<const char> chars(std::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

TEST_CASE(
    "the deadline bounds the wait for the first byte, a stall what moves, and a drip is a stall beyond it") {
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
    test::MemoryLog log;
    Transfer transfer{.file = DownloadFile::create(directory / "object").value(),
                      .progress = DownloadProgress(log, "object")};
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

TEST_CASE("an attempt without bytes ends with its patience or the deadline, and says which") {
    const test::TempDir directory;
    test::MemoryLog log;
    Transfer transfer{.file = DownloadFile::create(directory / "object").value(),
                      .progress = DownloadProgress(log, "object")};
    const Url url = *parse_url("http://me:secret@h/object?key");
    const Deadline start = Clock::now();
    const StallTimer timer(start + 60s, 10s);
    const Error silent = timer.failure(url, transfer, 0, start + 10s);
    CHECK(silent.first().code == "MPX-FETCH-06");
    CHECK_THAT(silent.text(), Catch::StartsWith("http://h/object?...: stalled: no data for 10 s (raise"));
    CHECK_THAT(silent.first().hint, Catch::Contains("MTU"));
    CHECK_THAT(timer.failure(url, transfer, 0, start + 60s).text(),
               Catch::Contains("the boot's deadline passed"));
    // What has begun to arrive is not held up by an MTU.
    REQUIRE(transfer.write(chars("hello")));
    const Error drip = timer.failure(url, transfer, 5, start + 60s);
    CHECK(drip.first().text == "stalled: no data for 10 s");
    CHECK(drip.first().hint.empty());
}

TEST_CASE("an error ends its attempt by its code, and names the URL and what has arrived") {
    const test::TempDir directory;
    test::MemoryLog log;
    Transfer transfer{.file = DownloadFile::create(directory / "object").value(),
                      .progress = DownloadProgress(log, "object")};
    const Url url = *parse_url("http://h/object");
    const auto broken = [&](std::string object, Failure code) {
        return AttemptEnd::broken(Error(std::move(object), "broke", "", code), url, transfer);
    };
    const AttemptEnd parser = broken("", Failure::NotHttp);
    CHECK(parser.error->text() == "http://h/object: broke");
    const AttemptEnd peer = broken("10.0.0.1:80", Failure::CutOff);
    CHECK(peer.kind == AttemptEnd::Kind::Again);
    CHECK(peer.error->text() == "http://h/object: 10.0.0.1:80: broke");
    REQUIRE(transfer.write(chars("hello")));
    CHECK(broken("http://h/object", Failure::CutOff).error->text() == "http://h/object: broke (at 5 bytes)");
    transfer.total = 9;
    CHECK(broken("", Failure::CutOff).error->text() == "http://h/object: broke (at 5 of 9 bytes)");
    const AttemptEnd permanent = broken("h", Failure::UnknownIssuer);
    CHECK(permanent.kind == AttemptEnd::Kind::Definite);
    CHECK(permanent.error->text() == "http://h/object: h: broke");
    const AttemptEnd full = broken("/tmp/object", Failure::CannotStore);
    CHECK(full.kind == AttemptEnd::Kind::Definite);
    CHECK(full.error->first().object == "/tmp/object");
}

TEST_CASE("a transfer accepts no more than its limit") {
    const test::TempDir directory;
    test::MemoryLog log;
    Transfer transfer{.file = DownloadFile::create(directory / "object").value(),
                      .progress = DownloadProgress(log, "object"),
                      .limit = 8};
    CHECK(transfer.write(chars("12345")));
    const Result<void> more = transfer.write(chars("6789"));
    REQUIRE_FALSE(more);
    CHECK(more.error().first().code == "MPX-FETCH-12");
    CHECK(transfer.file.size() == 5);
    CHECK(transfer.write(chars("678")));
}
