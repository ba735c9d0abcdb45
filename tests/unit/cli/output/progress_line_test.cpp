// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/progress_line.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace mkpxerd;

TEST_CASE("a step stays on the line until it is cleared, also by the end of the object") {
    std::ostringstream out;
    {
        cli::ProgressLine progress(out, true);
        progress.begin("image");
        progress.begin("modloop\x1b[2J");
        CHECK(out.str().starts_with("\rimage\x1b[K\rmodloop"));
        CHECK(out.str().find("\x1b[2J") == std::string::npos);
        progress.clear();
        CHECK(out.str().ends_with("\r\x1b[K"));
        out.str("");
        progress.clear();
        CHECK(out.str().empty());
        progress.begin("loaders");
        out.str("");
    }
    CHECK(out.str() == "\r\x1b[K");
}

TEST_CASE("a short step shows no percentage, and nobody's line is written nowhere") {
    std::ostringstream out;
    cli::ProgressLine short_step(out, true);
    short_step.show(1, 2); // in the first second
    CHECK(out.str().empty());
    cli::ProgressLine in_a_pipe(out, false);
    in_a_pipe.begin("image");
    in_a_pipe.show(1, 2);
    in_a_pipe.clear();
    CHECK(out.str().empty());
}
