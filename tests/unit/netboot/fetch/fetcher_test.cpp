// SPDX-License-Identifier: MIT
// The fetcher without network and without waiting: scripted attempts, and a clock that jumps.
#include "mkpxerd/netboot/fetch/fetcher.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "memory_log.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "run_task.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

using Step = std::function<AttemptEnd(Transfer&)>;

std::span<const char> chars(std::string_view text) {
    return {text.data(), text.size()};
}

Problem problem(Failure code) {
    return {.object = "server", .text = "broke", .code = code};
}

// A server that follows a script, one step an attempt; its last step is repeated.
class Lab {
  public:
    std::vector<std::string> asked;     // URLs, in order
    std::vector<Clock::duration> slept; // pauses
    test::MemoryLog log;

    Result<FetchReport> fetch(const std::vector<std::string>& urls, std::vector<Step> steps,
                              std::chrono::seconds time = 60s) {
        boost::asio::io_context io(1);
        FetcherOptions options;
        options.key_directory = directory_ / "keys";
        options.ca_files.clear();
        options.effects.now = [this] { return now_; };
        options.effects.sleep_until = [this](Deadline when) -> boost::asio::awaitable<void> {
            slept.push_back(when - now_);
            now_ = when;
            co_return;
        };
        options.effects.attempt =
            [&, number = std::size_t{0}](const TransferContext&, const Url& url,
                                         Transfer& transfer) mutable -> boost::asio::awaitable<AttemptEnd> {
            asked.push_back(url.redacted());
            const Step& step = steps[std::min(number++, steps.size() - 1)];
            now_ += 1s;
            co_return step(transfer);
        };
        Fetcher fetcher(io, log, NetworkState(), options);
        FetchRequest request;
        request.name = "object";
        for (const std::string& url : urls)
            request.urls.push_back(parse_url(url).value());
        request.destination = destination();
        request.deadline = now_ + time;
        return test::run(io, fetcher.fetch(request));
    }
    std::filesystem::path destination() const { return directory_ / "object"; }
    const test::TempDir& directory() const { return directory_; }
    Clock::time_point now() const { return now_; }
    void pass(Clock::duration time) { now_ += time; }

  private:
    test::TempDir directory_;
    Clock::time_point now_ = Clock::now();
};

Step delivers(std::string text) {
    return [text](Transfer& transfer) {
        REQUIRE(transfer.write(chars(text)));
        return AttemptEnd{};
    };
}

Step breaks(Failure code, std::string text = "") {
    return [code, text](Transfer& transfer) {
        REQUIRE(transfer.write(chars(text)));
        return AttemptEnd::again(problem(code));
    };
}

Step ends(AttemptEnd end) {
    return [end](Transfer&) { return end; };
}

constexpr const char* hello_hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

} // namespace

TEST_CASE("a fetch goes on where an attempt ended, and says how many it took") {
    Lab lab;
    const auto report = lab.fetch({"http://me:secret@h/a"},
                                  {breaks(Failure::CutOff, "he"), breaks(Failure::CutOff), delivers("llo")});
    REQUIRE(report);
    CHECK(report->url == "http://h/a");
    CHECK(report->bytes == 5);
    CHECK(report->attempts == 3);
    CHECK(read_file(lab.destination()).value() == "hello");
    REQUIRE(lab.slept.size() == 2);
    CHECK(lab.slept[0] <= 600ms); // progress
    CHECK(lab.slept[1] >= 800ms); // none
    CHECK(lab.log.says("object: MPX-FETCH-07 server: broke; next attempt in "));
}

TEST_CASE("the timeline has each URL of a fetch, with its attempts and why it failed") {
    Lab lab;
    REQUIRE(lab.fetch({"http://me:secret@h/a", "http://h/b"},
                      {ends(AttemptEnd::not_found(problem(Failure::HttpNotFound))),
                       breaks(Failure::CutOff, "he"), delivers("llo")}));
    const auto& downloads = lab.log.timeline().events(Timeline::Lane::Downloads);
    REQUIRE(downloads.size() == 2);
    CHECK(downloads[0].detail == "http://h/a");
    REQUIRE(downloads[0].problem);
    CHECK(downloads[0].problem->code == Failure::HttpNotFound);
    CHECK(downloads[1].attempts == 2);
    CHECK(downloads[1].bytes == 5);
    CHECK(!downloads[1].problem);
    CHECK(downloads[1].steps[static_cast<std::size_t>(Timeline::Step::FirstByte)] >= downloads[1].begin);
    CHECK(downloads[1].end >= downloads[1].begin);
}

TEST_CASE("a fetch gives up before its deadline, with its effort in the message, and leaves nothing") {
    Lab lab;
    const Clock::time_point start = lab.now();
    const auto failed = lab.fetch({"http://h/a"}, {breaks(Failure::CutOff)}, 20s);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().first().code == "MPX-FETCH-07");
    CHECK_THAT(failed.error().text(),
               Catch::Contains("; gave up after " + std::to_string(lab.asked.size()) + " attempts in "));
    CHECK(lab.now() - start < 20s + 1s); // an attempt takes a second here, and the last one began in time
    CHECK(lab.asked.size() >= 3);
    CHECK_FALSE(std::filesystem::exists(lab.destination()));
    CHECK(std::filesystem::is_empty(lab.directory().path()));
}

TEST_CASE("an attempt that the deadline cuts short does not hide the failure before it") {
    Lab lab;
    const auto cut = [&lab](Failure code) {
        return Step([&lab, code](Transfer&) {
            lab.pass(60s);
            return AttemptEnd::again(problem(code));
        });
    };
    const auto code_after = [&](std::vector<Step> steps) {
        return lab.fetch({"http://h/a"}, std::move(steps), 20s).error().first().code;
    };
    CHECK(code_after({breaks(Failure::ConnectionRefused), cut(Failure::HostSilent)}) == "MPX-FETCH-04");
    CHECK(code_after({breaks(Failure::ConnectionRefused), cut(Failure::CutOff)}) == "MPX-FETCH-07");
    // Silence that ended before the deadline is news of the server.
    CHECK(code_after({breaks(Failure::ConnectionRefused), breaks(Failure::Stalled)}) == "MPX-FETCH-06");
    CHECK(code_after({cut(Failure::HostSilent)}) == "MPX-FETCH-05");
}

TEST_CASE("only an attempt that stalled makes the next one wait longer, in small segments") {
    Lab lab;
    std::vector<std::pair<std::int64_t, bool>> seen;
    const auto look = [&seen](Step step) {
        return [&seen, step](Transfer& transfer) {
            seen.emplace_back(transfer.patience.count(), transfer.small_segments);
            return step(transfer);
        };
    };
    CHECK(lab.fetch({"http://h/a"}, {look(breaks(Failure::CutOff)), look(breaks(Failure::Stalled)),
                                     look(breaks(Failure::CutOff)), look(delivers("x"))}));
    CHECK(seen ==
          std::vector<std::pair<std::int64_t, bool>>{{10, false}, {10, false}, {40, true}, {40, true}});
    CHECK(lab.log.says("with a patience of 40 s"));
}

TEST_CASE("a name that DNS denies again and again ends the fetch early") {
    Lab lab;
    const auto failed = lab.fetch({"http://h/a"}, {breaks(Failure::NoSuchName)}, 3600s);
    REQUIRE_FALSE(failed);
    CHECK(lab.asked.size() == 3);
}

TEST_CASE("a definite end is not tried again, and no other URL is") {
    Lab lab;
    const auto failed = lab.fetch({"http://h/a", "http://h/b"},
                                  {ends(AttemptEnd::definite(problem(Failure::UnknownIssuer)))});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().first().code == "MPX-TLS-03");
    CHECK(lab.asked == std::vector<std::string>{"http://h/a"});
    CHECK(lab.slept.empty());
}

TEST_CASE("after an object that is not found, the next URL is tried; all of them are reported") {
    const Step missing = ends(AttemptEnd::not_found(problem(Failure::HttpNotFound)));
    Lab lab;
    const auto found = lab.fetch({"http://h/a", "http://h/b"}, {missing, delivers("x")});
    REQUIRE(found);
    CHECK(found->url == "http://h/b");
    CHECK(found->attempts == 2);
    Lab other;
    const auto failed = other.fetch({"http://h/a", "http://h/b"}, {missing});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().problems().size() == 2);
    CHECK(other.slept.empty());
}

TEST_CASE("an object with a wrong hash is fetched once more, and refused then") {
    const std::string url = std::string("http://h/a#sha256=") + hello_hash;
    Lab lab;
    const auto damaged_once = lab.fetch({url}, {delivers("hellx"), delivers("hello")});
    REQUIRE(damaged_once);
    CHECK(damaged_once->attempts == 2);
    CHECK(read_file(lab.destination()).value() == "hello");
    Lab other;
    const auto wrong = other.fetch({url}, {delivers("hellx")});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().first().code == "MPX-FETCH-08");
    CHECK(other.asked.size() == 2);
    CHECK_FALSE(std::filesystem::exists(other.destination()));
}

TEST_CASE("with a key in the image an object without a signature is refused") {
    Lab lab;
    lab.directory().write("keys/site.pub", "-----BEGIN PUBLIC KEY-----\n"
                                           "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                                           "-----END PUBLIC KEY-----\n");
    const auto failed = lab.fetch(
        {"http://h/a"}, {delivers("x"), ends(AttemptEnd::not_found(problem(Failure::HttpNotFound)))});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().first().code == "MPX-FETCH-10");
    CHECK(lab.asked == std::vector<std::string>{"http://h/a", "http://h/a.sig"});
    CHECK_FALSE(std::filesystem::exists(lab.destination()));
}

TEST_CASE("a request without a URL fails at once") {
    Lab lab;
    CHECK(lab.fetch({}, {delivers("x")}).error().first().code == "MPX-FETCH-01");
    CHECK(lab.asked.empty());
}

TEST_CASE("the authorities of --ca replace those of the system") {
    const test::TempDir image;
    const auto all = trusted_authorities(image.path());
    CHECK(all.size() == 3); // whichever of them exist
    image.write("etc/ssl/cert.pem", "system");
    CHECK(trusted_authorities(image.path()) == all);
    const auto own = image.write("etc/mkpxerd/ca.pem", "site");
    CHECK(trusted_authorities(image.path()) == std::vector<std::filesystem::path>{own});
}
