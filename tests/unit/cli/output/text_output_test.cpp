// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/text_output.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "mkpxerd/cli/output/command_context.hpp"

using namespace mkpxerd;

namespace {

const Problem hostile{.object = "a\x1b[31m", .text = "is\nodd", .hint = "remove it"};

std::string findings(std::optional<unsigned> mode, const std::vector<Problem>& secrets) {
    std::ostringstream err;
    cli::print_findings({{.object = "w", .text = "is odd"}}, secrets, mode, err);
    return err.str();
}

} // namespace

TEST_CASE("a problem is one line, whatever is in it, and the line of the sources comes on request") {
    std::ostringstream err;
    CHECK(cli::report(Error({hostile, {.object = "b", .text = "is missing"}}), err) == cli::exit_failed);
    CHECK(err.str() == "mkpxerd: a\\x1b[31m: is\\x0aodd (remove it)\nmkpxerd: b: is missing\n");
    std::ostringstream placed;
    (void)cli::report(Error(hostile), placed, cli::ShowPlace::Yes);
    CHECK_THAT(placed.str(), Catch::EndsWith(" [" + hostile.place.text() + "]\n"));
    std::ostringstream more;
    cli::warn(hostile, more);
    cli::note(hostile, more);
    CHECK(more.str() == "mkpxerd: warning: a\\x1b[31m: is\\x0aodd (remove it)\n"
                        "mkpxerd: note: a\\x1b[31m: is\\x0aodd (remove it)\n");
}

TEST_CASE("secrets are told with the mode of the file, or that a stream has none") {
    const std::vector<Problem> secrets = {{.object = "etc/key", .text = "contains a key"}};
    const std::string warning = "mkpxerd: warning: w: is odd\n";
    CHECK(findings(0600, {}) == warning);
    CHECK(findings(0644, secrets) ==
          warning + "mkpxerd: note: etc/key: contains a key: the image has mode 0644\n");
    CHECK_THAT(findings(std::nullopt, secrets),
               Catch::EndsWith("anybody who reads the output can read it\n"));
    CHECK_THAT(findings(0640, secrets),
               Catch::Contains("the image has mode 0640") && Catch::Contains("chown"));
}
