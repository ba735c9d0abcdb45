// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/explain_command.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "mkpxerd/contract/failure_codes.hpp"

using namespace mkpxerd;

namespace {

struct Explanation {
    std::ostringstream out;
    std::ostringstream err;
    int run(const std::vector<std::string>& codes) {
        out.str("");
        err.str("");
        return cli::run_explain(
            codes, {.out = out, .err = err, .data_dir = {}, .init_program = {}, .source_date_epoch = {}});
    }
};

} // namespace

TEST_CASE("explain prints the page of a code, lists all, and names near ones") {
    Explanation program;
    CHECK(program.run({"mpx-nfs-01"}) == 0);
    CHECK(program.out.str().starts_with("MPX-NFS-01: the NFS server denies access\n\n"));
    CHECK(program.run({}) == 0);
    CHECK(program.out.str().find("MPX-BUG-01    ") != std::string::npos);
    CHECK(program.run({"MPX-NFS-99"}) == 1);
    CHECK(program.err.str().find("MPX-NFS-99: is not a failure code (there are MPX-NFS-01, MPX-NFS-02") !=
          std::string::npos);
    CHECK(program.run({"what"}) == 1);
    CHECK(program.err.str().find("`mkpxerd explain` lists all") != std::string::npos);
}

TEST_CASE("several codes are explained with a blank line between, and a wrong one does not stop the others") {
    Explanation program;
    CHECK(program.run({"MPX-NFS-01", "MPX-\x1b[31m-1", "MPX-NFS-02"}) == 1);
    CHECK(program.out.str().find("\n\nMPX-NFS-02: ") != std::string::npos);
    CHECK(program.err.str().find('\x1b') == std::string::npos);
    CHECK(program.run({}) == 0);
    const std::string all = program.out.str();
    CHECK(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')) == failure_codes().size());
}
