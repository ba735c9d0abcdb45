// SPDX-License-Identifier: MIT
// As whole command lines, since the request comes from there.
#include "mkpxerd/cli/build/request_check.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

struct Program : test::Program {
    int build(std::vector<std::string> options) {
        options.insert(options.end(), {"-b", root(), "-o", image()});
        return run(options);
    }
    bool said(const std::string& text) const { return err.str().find(text) != std::string::npos; }
};

} // namespace

TEST_CASE("a build names problems of --cmdline, of lists and of archives at once, and leaves the old image") {
    Program program;
    REQUIRE(program.build({"-F", "nfs"}) == 0);
    const std::string before = read_file(program.image()).value();
    program.kernel.dir().write("share/mkpxerd/features.d/own.files", "/no/such/file\n");
    CHECK(program.build({"-F", "nfs own", "--cmdline", "mkpxerd.timeout=never root=tftp://h/x"}) == 1);
    CHECK(program.said("cmdline: mkpxerd.timeout=never: "));
    CHECK(program.said("cmdline: root"));
    CHECK(program.said("/no/such/file"));
    CHECK(program.build({"-F", "nfs", "--cmdline", "mkpxerd.timeout=never", "--append", "/no/archive"}) == 1);
    CHECK(program.said("cmdline: mkpxerd.timeout=never: "));
    const auto first = program.err.str().find("/no/archive");
    CHECK(first != std::string::npos);
    CHECK(program.err.str().find("/no/archive", first + 1) == std::string::npos);
    CHECK(read_file(program.image()).value() == before);
}

TEST_CASE("warnings about baked options are those of a build") {
    Program program;
    CHECK(program.build({"-F", "nfs", "--cmdline", "modlop=x"}) == 0);
    CHECK(program.said("warning: --cmdline: modlop: unknown option (did you mean modloop?)"));
}
