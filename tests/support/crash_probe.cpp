// SPDX-License-Identifier: MIT
// A program that breaks as its argument says, with the init's handlers in place: what the last resort
// executes is this program again, which prints the reason.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <string_view>
#include <sys/prctl.h>

#include "mkpxerd/netboot/runtime/last_resort.hpp"

namespace {

// Deeper than any stack; the address is used so that the call stays a call.
unsigned recurse(volatile unsigned* before) {
    volatile unsigned own = before == nullptr ? 1 : *before + 1;
    return own == 0 ? 0 : recurse(&own) + own; // a bound that no stack reaches
}

int crash(std::string_view how) {
    if (how == "segv") *static_cast<volatile int*>(nullptr) = 1;
    if (how == "stack") return static_cast<int>(recurse(nullptr));
    if (how == "abort") std::abort();
    if (how == "fpe") std::raise(SIGFPE);
    if (how == "ill") std::raise(SIGILL);
    if (how == "exception") mkpxerd::netboot::start_crashed("an exception's text");
    return 2;
}

} // namespace

int main(int argc, char* argv[]) {
    using namespace mkpxerd::netboot;
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (argc == 3 && first == crashed_argument) {
        std::printf("%s: started again: %s\n", argv[0], argv[2]);
        return 0;
    }
    const bool again = argc == 3 && std::string_view(argv[2]) == "again";
    if (again) {
        // A second crash restarts the machine: without the right to do so, and not beyond the end of the
        // test.
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::unshare(CLONE_NEWUSER) != 0) return 77;
    }
    catch_faults(again);
    return crash(first);
}
