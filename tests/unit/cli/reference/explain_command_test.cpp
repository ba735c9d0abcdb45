// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/reference/explain_command.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "mkpxerd/contract/failure_codes.hpp"

using namespace mkpxerd;

namespace {

struct Explanation {
    std::ostringstream out;
    std::ostringstream err;
    int run(const std::vector<std::string>& codes, bool as_json = false) {
        out.str("");
        err.str("");
        return cli::run_explain(codes, {.out = out,
                                        .err = err,
                                        .data_dir = {},
                                        .init_program = {},
                                        .source_date_epoch = {},
                                        .wants_json = as_json});
    }
};

} // namespace

TEST_CASE("explain finds a code in the forms in which people write it") {
    Explanation program;
    for (const char* form : {"MPX-NFS-01", "mpx-nfs-01", "NFS-01", "nfs-1", "nfs1", "MPX_NFS_01", "NFS 1",
                             " MPX-NFS-01:", "mpx-nfs-1"}) {
        INFO(form);
        CHECK(program.run({form}) == 0);
        CHECK(program.out.str().starts_with("MPX-NFS-01: the NFS server denies access\n\n"));
    }
}

TEST_CASE("explain prints a table of a family of codes, and of all without one") {
    Explanation program;
    CHECK(program.run({}) == 0);
    const std::string all = program.out.str();
    CHECK(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')) == failure_codes().size());
    for (const char* form : {"MPX-NFS", "nfs", "NFS-", "mpx-nfs-"}) {
        INFO(form);
        CHECK(program.run({form}) == 0);
        const std::string table = program.out.str();
        CHECK(table.starts_with("MPX-NFS-01    the NFS server denies access\nMPX-NFS-02    "));
        CHECK(all.find(table) != std::string::npos);
        CHECK(table.find("MPX-NTP") == std::string::npos);
    }
    CHECK(program.run({"BUG"}) == 0); // of one code
    CHECK(program.out.str().starts_with("MPX-BUG-01    "));
    CHECK(program.run({"N"}) == 1); // no family, only the start of some
}

TEST_CASE("explain names what is near an unknown code") {
    Explanation program;
    const auto hint = [&](const char* wanted) {
        CHECK(program.run({wanted}) == 1);
        CHECK(program.out.str().empty());
        return program.err.str();
    };
    CHECK(hint("MPX-NFS-99") ==
          "mkpxerd: MPX-NFS-99: is not a failure code (`mkpxerd explain MPX-NFS` lists the "
          "codes of this kind)\n");
    CHECK(hint("DHPC-01").find("(did you mean MPX-DHCP-01?)") != std::string::npos);
    CHECK(hint("mpx-dhpc").find("(did you mean MPX-DHCP?)") != std::string::npos);
    for (const char* other : {"what", "", "MPX", "MPX-", "-", "17"})
        CHECK(hint(other).find("`mkpxerd explain` lists all") != std::string::npos);
}

TEST_CASE(
    "several codes are explained with an empty line between, and a wrong one does not stop the others") {
    Explanation program;
    CHECK(program.run({"MPX-NFS-01", "MPX-\x1b[31m-1", "MPX-NFS-02", "BUG"}) == 1);
    CHECK(program.out.str().find("\n\nMPX-NFS-02: ") != std::string::npos);
    CHECK(program.out.str().find("\n\nMPX-BUG-01    ") != std::string::npos);
    CHECK(program.err.str().find('\x1b') == std::string::npos);
}

TEST_CASE("explain prints codes as JSON, and an object for each unknown one") {
    Explanation program;
    CHECK(program.run({"nfs-1", "bug"}, true) == 0);
    CHECK(
        program.out.str().starts_with("[\n  {\n    \"code\": \"MPX-NFS-01\",\n    \"meaning\": \"the NFS "));
    CHECK(program.out.str().find("\"code\": \"MPX-BUG-01\"") != std::string::npos);
    CHECK(program.out.str().find("\"remedy\": \"") != std::string::npos);
    CHECK(program.run({"what", "DHPC-01", "nfs-99"}, true) == 1);
    CHECK(program.err.str().empty());
    CHECK(program.out.str().starts_with(
        "[\n  {\n    \"asked\": \"what\",\n    \"code\": \"\",\n    \"text\": \"is "
        "not a failure code\",\n    \"hint\": \"`mkpxerd explain` lists all\",\n    "
        "\"nearest\": []\n  },\n"));
    CHECK(program.out.str().find("\"nearest\": [\n      \"MPX-DHCP-01\"\n    ]") != std::string::npos);
    CHECK(program.out.str().find("\"nearest\": [\n      \"MPX-NFS\"\n    ]") != std::string::npos);
}
