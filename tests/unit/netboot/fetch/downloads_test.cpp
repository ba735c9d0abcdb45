// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/downloads.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

FetchRequest request(const std::string& name) {
    return {name, {parse_url("http://h/" + name).value()}, "/tmp/" + name, Clock::now() + 5s};
}

} // namespace

TEST_CASE("objects are fetched side by side, each once") {
    boost::asio::io_context io(1);
    unsigned running = 0;
    unsigned most = 0;
    unsigned fetched = 0;
    Notifier started(io);
    Downloads downloads(io, [&](FetchRequest wanted) -> Task<FetchReport> {
        most = std::max(most, ++running);
        ++fetched;
        started.notify();
        while (fetched < 2) // each waits for the other
            co_await started.wait(Deadline::max());
        --running;
        co_return FetchReport{wanted.urls.front().redacted(), 5, 1};
    });
    downloads.start(request("a"));
    downloads.start(request("b"));
    downloads.start(request("a"));
    CHECK(test::run(io, downloads.wait(request("a"))).value() == "/tmp/a");
    CHECK(test::run(io, downloads.wait(request("b"))).value() == "/tmp/b");
    CHECK(test::run(io, downloads.wait(request("b"))).value() == "/tmp/b");
    CHECK(most == 2);
    CHECK(fetched == 2);
    CHECK(downloads.reports().at("b").bytes == 5);
}

TEST_CASE("a failure is handed out once, then it is tried again; so is what was forgotten") {
    boost::asio::io_context io(1);
    unsigned fetched = 0;
    Downloads downloads(io, [&](FetchRequest wanted) -> Task<FetchReport> {
        if (++fetched == 1)
            co_return fail(wanted.urls.front().redacted(), "not found", "", Failure::HttpNotFound);
        co_return FetchReport{};
    });
    CHECK(test::run(io, downloads.wait(request("a"))).error().first().code == "MPX-HTTP-01");
    CHECK(test::run(io, downloads.wait(request("a"))));
    CHECK(fetched == 2);
    downloads.forget("a");
    CHECK(test::run(io, downloads.wait(request("a"))));
    CHECK(fetched == 3);
}
