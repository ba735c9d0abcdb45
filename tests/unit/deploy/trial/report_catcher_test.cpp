// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/report_catcher.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/base/json.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

std::string report(std::string_view result) {
    JsonWriter json;
    json.begin_object().field("result", result).key("failure").begin_object().field("code", "x").end_object();
    return json.end_object().text();
}

} // namespace

TEST_CASE("the last whole report counts, however its bytes come") {
    ReportCatcher catcher;
    for (const char byte : report("failed")) {
        CHECK(!catcher.last());
        catcher.feed({&byte, 1});
    }
    CHECK(catcher.last() == report("failed"));
    catcher.feed(report("failed") + report("handover") + "{\n  \"result\"");
    CHECK(catcher.last() == report("handover"));
}

TEST_CASE("a report that was torn does not take the next one with it, wherever it ends") {
    for (const std::size_t length : {1U, 2U, 8U, 20U, 40U, 60U}) {
        for (const char* between : {"", "\n"}) {
            INFO(length << between);
            ReportCatcher catcher;
            catcher.feed(report("failed").substr(0, length) + between);
            catcher.feed(report("handover"));
            CHECK(catcher.last() == report("handover"));
        }
    }
}

TEST_CASE("what is not a report is passed over, and does not fill the memory") {
    ReportCatcher catcher;
    catcher.feed("noise {\n}\n");
    CHECK(!catcher.last());
    for (int i = 0; i < 3; ++i)
        catcher.feed(std::string(std::size_t{1} << 20, 'x'));
    catcher.feed(report("failed"));
    CHECK(catcher.last() == report("failed"));
}
