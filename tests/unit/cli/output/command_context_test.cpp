// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/command_context.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace mkpxerd;

namespace {

const Problem problem{.object = "o", .text = "is odd"};

struct Lab {
    std::ostringstream out;
    std::ostringstream err;
    cli::CommandContext context{
        .out = out, .err = err, .data_dir = {}, .init_program = {}, .source_date_epoch = {}};
};

} // namespace

TEST_CASE("a quiet command tells errors only, and a verbose one where the sources found them") {
    Lab lab;
    lab.context.is_quiet = true;
    cli::warn(problem, lab.context);
    cli::note(problem, lab.context);
    CHECK(lab.err.str().empty());
    CHECK(cli::report(Error(problem), lab.context) == cli::exit_failed);
    CHECK(lab.err.str() == "mkpxerd: o: is odd\n");
    Lab verbose;
    verbose.context.is_verbose = true;
    (void)cli::report(Error(problem), verbose.context);
    CHECK(verbose.err.str() == "mkpxerd: o: is odd [" + problem.place.text() + "]\n");
    CHECK((lab.out.str() + verbose.out.str()).empty());
}

TEST_CASE("messages do not mix with an image on standard output") {
    Lab lab;
    CHECK(&cli::message_stream("-", lab.context) == &lab.err);
    CHECK(&cli::message_stream("pxerd", lab.context) == &lab.out);
}
