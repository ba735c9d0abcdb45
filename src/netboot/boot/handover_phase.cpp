// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/handover_phase.hpp"

#include <fmt/format.h>

#include "mkpxerd/netboot/boot/start_phase.hpp"
#include "mkpxerd/netboot/drivers/urgency.hpp"
#include "mkpxerd/netboot/root/handover.hpp"
#include "mkpxerd/netboot/root/network_files.hpp"
#include "mkpxerd/netboot/root/program_check.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr auto console_patience = std::chrono::seconds(2);
constexpr auto console_pause = std::chrono::milliseconds(10);

} // namespace

boost::asio::awaitable<void> visit_shell(ConsoleLog& log, Rescue& rescue) {
    const auto consoles = log.console_paths();
    if (consoles.empty() || !co_await rescue.run_shell(consoles.back()))
        log.warning("single: the image has no shell");
}

boost::asio::awaitable<void> wait_for_consoles(const BootServices& services, const BootOptions& options,
                                               const ModuleLoader& modules) {
    if (!modules.has_device(DeviceKind::Console)) co_return;
    const Deadline deadline = Clock::now() + console_patience;
    for (const std::string& console : options.consoles) {
        if (!comes_with_driver(console)) continue;
        // No event says that it can be opened: the kernel lists it a moment before.
        while (!services.log.reaches(console) && Clock::now() < deadline)
            co_await sleep_until(services.io, Clock::now() + console_pause);
        if (!services.log.reaches(console))
            services.log.warning(fmt::format("console={} has not appeared", console));
    }
}

Result<void> finish_root(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const std::optional<NetworkState>& network, const NewRoot& root) {
    const System& system = services.system;
    MKPXERD_TRY(check_init(system, options.init));
    if (!network || !root.in_memory) return {};
    // A diskless root gets the whole lease; an overlay over another system gets only its name servers.
    return plan.root ? hand_over_name_servers(system, *network) : hand_over_lease(system, *network);
}

Result<void> become_init(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const Consoles& consoles, Clock::duration elapsed) {
    Program program{options.init, options.init_args, {}};
    program.arguments.insert(program.arguments.end(), options.init_arguments.begin(),
                             options.init_arguments.end());
    const std::string last_words = fmt::format("handover to {} on {} after {:.3f} s", options.init,
                                               plan.root ? to_text(*plan.root) : "tmpfs",
                                               std::chrono::duration<double>(elapsed).count());
    restore_ctrl_alt_del(services.system, consoles);
    auto handed_over = hand_over(services.system, services.log, program, last_words);
    if (!handed_over) take_ctrl_alt_del(services.system, consoles);
    return handed_over;
}

} // namespace mkpxerd::netboot
