// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/failure_codes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;

TEST_CASE("codes are sorted, unique, and have a page") {
    const auto codes = failure_codes();
    CHECK(std::is_sorted(codes.begin(), codes.end(),
                         [](const auto& a, const auto& b) { return a.code < b.code; }));
    CHECK(std::adjacent_find(codes.begin(), codes.end(),
                             [](const auto& a, const auto& b) { return a.code == b.code; }) == codes.end());
    for (const FailureCode& code : codes) {
        CHECK_FALSE(code.meaning.empty());
        CHECK_FALSE(code.reason.empty());
        CHECK_FALSE(code.remedy.empty());
    }
}

TEST_CASE("the page of a code says what to do") {
    const auto codes = failure_codes();
    const auto denied = std::ranges::find(codes, "MPX-NFS-01", &FailureCode::code);
    REQUIRE(denied != codes.end());
    const std::string page = failure_page(*denied);
    CHECK(page.starts_with("MPX-NFS-01: the NFS server denies access\n"));
    CHECK(page.find(denied->remedy) != std::string::npos);
}

TEST_CASE("silence does not replace an answer, and any later answer replaces an earlier one") {
    const auto failure = [](Failure code) { return Error(Problem{.text = "x", .code = code}); };
    const auto kept = [&](Failure earlier, Failure next) {
        std::optional<Error> error;
        keep_more_telling(error, failure(earlier));
        keep_more_telling(error, failure(next));
        return error->first().code;
    };
    CHECK(kept(Failure::ConnectionRefused, Failure::HostSilent) == Failure::ConnectionRefused);
    CHECK(kept(Failure::HostSilent, Failure::ConnectionRefused) == Failure::ConnectionRefused);
    CHECK(kept(Failure::HostSilent, Failure::Stalled) == Failure::Stalled);
    CHECK(kept(Failure::ConnectionRefused, Failure::CutOff) == Failure::CutOff);
}

TEST_CASE("docs/failures.md is the table") {
    const std::string document = read_file(MKPXERD_SOURCE_DIR "/docs/failures.md").value();
    for (const FailureCode& code : failure_codes())
        CHECK(document.find(fmt::format("| `{}` | {} | {} | {} |\n", code.code, code.meaning, code.reason,
                                        code.remedy)) != std::string::npos);
    CHECK(static_cast<std::size_t>(std::count(document.begin(), document.end(), '\n')) >
          failure_codes().size());
}
