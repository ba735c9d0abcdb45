// SPDX-License-Identifier: MIT
// The program /init: PID 1 of the image, and as "modprobe" the program that the kernel starts to load a
// module.
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <new>
#include <unistd.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/boot/boot.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "mkpxerd/netboot/options/image_check.hpp"
#include "mkpxerd/netboot/options/option_files.hpp"
#include "mkpxerd/netboot/runtime/early_mounts.hpp"
#include "mkpxerd/netboot/runtime/last_resort.hpp"
#include "mkpxerd/netboot/runtime/linux_system.hpp"

namespace mkpxerd::netboot {
namespace {

// A person has a terminal; the kernel asks for silence.
class QuietLog final : public Log {
  public:
    explicit QuietLog(bool quiet) : quiet_(quiet) {}
    void line(LogLevel level, std::string_view text) override {
        if (quiet_ || level == LogLevel::Step) return;
        fmt::print(stderr, "modprobe: {}\n", printable(text));
    }
    void detail(LogSubject, std::string_view) override {}

  private:
    bool quiet_;
};

int modprobe_main(const std::vector<std::string>& arguments) {
    LinuxSystem system;
    QuietLog log(!arguments.empty() && arguments.front() == "-q");
    return run_modprobe(system, log, arguments);
}

// busybox's `reboot`, `halt` and `poweroff` reach PID 1 as signals, and so does ctrl-alt-del once the boot
// has taken it over.
void follow_restart_signals(boost::asio::signal_set& signals, System& system, Log& log) {
    signals.async_wait([&](const boost::system::error_code& error, int number) {
        if (error) return;
        log.step("a signal requested a restart");
        const auto done =
            system.restart(number == SIGUSR1 || number == SIGUSR2 ? Restart::PowerOff : Restart::Reboot);
        if (!done) log.failure(done.error().text());
        follow_restart_signals(signals, system, log);
    });
}

// After a crash: reports it, and ends like any other failure.
boost::asio::awaitable<void> report_crash(boost::asio::io_context& io, System& system, ConsoleLog& log,
                                          std::string reason) {
    (void)mount_early(system);
    log.open();
    log.failure(fmt::format("failed {} init: the init crashed: {}", code_text(Failure::InitBroke), reason));
    log.failure("hint: please report it with the lines above");
    Children children(io, system);
    Rescue rescue(io, system, log, children);
    // mkpxerd.onfail= holds for a crash as well.
    OnFail on_fail;
    if (const auto sources = read_settings(system, check_image(system).value_or(BootConfig())))
        on_fail = parse_on_fail_options(*sources);
    if (on_fail.kind == OnFail::Kind::Retry)
        on_fail.kind = OnFail::Kind::Countdown; // there is no step to retry
    while (true)
        co_await rescue.after_failure(on_fail);
}

bool is_crashed(const std::vector<std::string>& arguments) {
    return arguments.size() == 2 && arguments.front() == crashed_argument;
}

[[noreturn]] void run_init(const std::vector<std::string>& arguments) {
    LinuxSystem system;
    ConsoleLog log;
    boost::asio::io_context io(1); // one thread
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    boost::system::error_code error;
    for (const int number : {SIGUSR1, SIGUSR2})
        signals.add(number, error);
    ::signal(SIGPIPE, SIG_IGN);
    follow_restart_signals(signals, system, log);
    std::optional<Boot> boot;
    TaskGroup group(io);
    if (is_crashed(arguments))
        group.spawn(report_crash(io, system, log, arguments.back()));
    else
        group.spawn(boot.emplace(io, system, log).run());
    io.run();
    start_crashed("the boot stopped without a result");
}

} // namespace
} // namespace mkpxerd::netboot

int main(int argc, char* argv[]) {
    using namespace mkpxerd::netboot;
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    if (argc > 0 && std::string_view(argv[0]).ends_with("modprobe")) return modprobe_main(arguments);
    if (::getpid() != 1) {
        std::fputs(
            "init: this is the first program of an image written by mkpxerd, and runs as process 1 only\n",
            stderr);
        return 2;
    }
    catch_faults(is_crashed(arguments));
    try {
        run_init(arguments);
    } catch (const std::bad_alloc&) {
        start_crashed("out of memory");
    } catch (const std::exception& exception) {
        start_crashed(exception.what());
    } catch (...) {
        start_crashed("an unknown exception");
    }
}
