// SPDX-License-Identifier: MIT
// Signal handlers: they use no heap, which may be damaged.
#include "mkpxerd/netboot/runtime/last_resort.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <sys/reboot.h>
#include <unistd.h>

namespace mkpxerd::netboot {
namespace {

constexpr unsigned seconds_to_read = 30;

// sigaltstack(2): the fault may be a stack overflow.
std::array<char, 64 * 1024> signal_stack;

bool crashed_before = false;

[[noreturn]] void restart_init(const char* reason) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::array<char, crashed_argument.size() + 1> word{};
    crashed_argument.copy(word.data(), crashed_argument.size());
    std::array<char*, 4> arguments = {const_cast<char*>("/init"), word.data(), const_cast<char*>(reason),
                                      nullptr};
    if (!crashed_before) {
        ::execve("/proc/self/exe", arguments.data(), environ);
        ::execve("/init", arguments.data(), environ);
    }
    for (const std::string_view part :
         {std::string_view("mkpxerd: failed "), code_text(Failure::InitBroke),
          std::string_view(" init: the init crashed and cannot be restarted\n")})
        (void)!::write(STDERR_FILENO, part.data(), part.size());
    ::sleep(seconds_to_read);
    ::reboot(RB_AUTOBOOT);
    while (true)
        ::pause();
}

void on_fault(int number) {
    switch (number) {
    case SIGSEGV:
        restart_init("segmentation fault");
    case SIGBUS:
        restart_init("bus error: bad memory, or a mapped file that became shorter");
    case SIGFPE:
        restart_init("arithmetic fault");
    case SIGILL:
        restart_init("illegal instruction: is the image built for this processor?");
    default:
        restart_init("aborted");
    }
}

} // namespace

void catch_faults(bool crashed) {
    crashed_before = crashed;
    stack_t stack{};
    stack.ss_sp = signal_stack.data();
    stack.ss_size = signal_stack.size();
    ::sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_handler = on_fault;
    action.sa_flags = SA_ONSTACK | SA_RESETHAND;
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        ::sigaction(number, &action, nullptr);
}

void start_crashed(std::string_view reason) {
    static std::array<char, 512> text{};
    reason.copy(text.data(), text.size() - 1);
    restart_init(text.data());
}

} // namespace mkpxerd::netboot
