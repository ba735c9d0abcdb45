// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/reference/shell_template.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using cli::ShellTemplate;

namespace {

struct Lab {
    test::TempDir dir;
    Result<ShellTemplate> read(std::string_view text) const {
        return ShellTemplate::read(dir.write("shell", text));
    }
};

} // namespace

TEST_CASE("a template is a script with gaps, forms of one or several lines, and comments") {
    const Lab lab;
    auto shell = lab.read("first @x@\n"
                          "%# a comment [not a form]\n"
                          "%option[ --@name@ ]\n"
                          "%two[one\n"
                          "%two @name@\n"
                          "]\n"
                          "%no form\n"
                          "last\n");
    REQUIRE(shell);
    CHECK(shell->form("option", {{"name", "help"}}) == " --help ");
    CHECK(shell->form("two", {{"name", "x"}}) == "one\n%two x\n");
    CHECK(shell->script({{"x", "gap"}}).value() == "first gap\nlast\n");
    CHECK_FALSE(shell->script({})); // its gap has no value
}

TEST_CASE("every missing form and value is told when the script is asked for") {
    const Lab lab;
    auto shell = lab.read("%a[@x@]\nscript\n");
    REQUIRE(shell);
    CHECK(shell->form("a").empty());
    CHECK(shell->form("b").empty());
    const auto script = shell->script({});
    REQUIRE_FALSE(script);
    REQUIRE(script.error().problems().size() == 2);
    CHECK(script.error().problems()[1].text == "has no form 'b'");
    CHECK(script.error().problems()[1].object == (lab.dir / "shell").string());
}

TEST_CASE("a form without an end, and a file that cannot be read, are errors") {
    const Lab lab;
    CHECK_THAT(lab.read("%a[x\nmore\n").error().text(), Catch::Contains("has a form without an end"));
    CHECK_FALSE(ShellTemplate::read(lab.dir / "none"));
    CHECK(lab.read("").value().script({}).value().empty());
}
