// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/execute.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// What a shell that the child becomes prints.
std::string output_of(const Program& program) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(write_end.get(), STDOUT_FILENO);
        ::_exit(execute("/bin/sh", program));
    }
    write_end.reset();
    std::string text(4096, '\0');
    std::size_t size = 0;
    while (const ssize_t got = ::read(read_end.get(), text.data() + size, text.size() - size))
        size += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    text.resize(size);
    CHECK(::waitpid(child, nullptr, 0) == child);
    return text;
}

} // namespace

TEST_CASE("a program gets its path as the first argument, its arguments, and its environment alone") {
    const std::string script = R"(echo "$0" "$1" "$2" "$COLOUR" "$HOME")";
    CHECK(output_of({"/sbin/init", {"-c", script, "/sbin/init", "a b", ""}, {"COLOUR=red"}}) ==
          "/sbin/init a b  red \n");
}

TEST_CASE("without an environment of its own a program has that of the init") {
    ::setenv("MKPXERD_EXECUTE_TEST", "kept", 1);
    CHECK(output_of({"sh", {"-c", "echo $MKPXERD_EXECUTE_TEST"}, {}}) == "kept\n");
    ::unsetenv("MKPXERD_EXECUTE_TEST");
}

TEST_CASE("the kernel's refusal is reported by its errno") {
    CHECK(execute("/no/such/program", {"/no/such/program", {}, {}}) == ENOENT);
    CHECK(execute("/", {"/", {}, {}}) == EACCES);
}
