// SPDX-License-Identifier: MIT
// Each phase gets the values that it needs and returns its own; the files *_phase say what it does.
#include "mkpxerd/netboot/boot/boot.hpp"

#include <fmt/format.h>

#include "mkpxerd/netboot/boot/apkovl_phase.hpp"
#include "mkpxerd/netboot/boot/driver_phase.hpp"
#include "mkpxerd/netboot/boot/handover_phase.hpp"
#include "mkpxerd/netboot/boot/media_phase.hpp"
#include "mkpxerd/netboot/boot/modloop_phase.hpp"
#include "mkpxerd/netboot/boot/network_phase.hpp"
#include "mkpxerd/netboot/boot/package_phase.hpp"
#include "mkpxerd/netboot/boot/plan_phase.hpp"
#include "mkpxerd/netboot/boot/root_phase.hpp"
#include "mkpxerd/netboot/boot/start_phase.hpp"
#include "mkpxerd/netboot/options/option_files.hpp"

namespace mkpxerd::netboot {

Boot::Boot(boost::asio::io_context& io, System& system, ConsoleLog& log, RescuePace pace)
    : children_(io, system), background_(io), wanted_modules_(io),
      syslog_(io), services_{io, system, log, children_, background_, time_},
      runner_(services_, values_, pace) {}

boost::asio::awaitable<void> Boot::run() {
    // Consoles first: without them, no message can be read.
    co_await runner_.run("start", [this] { return open_consoles(); });
    co_await runner_.run("start", [this] { return read_image(); });
    // The options decide what the boot waits for.
    co_await runner_.run("options", [this] { return read_options(); });
    co_await runner_.run("modules", [this] { return load_modules(); });
    // From here on, drivers load in the background.
    co_await runner_.run("devices", [this] { return find_devices(); });
    co_await runner_.run("network", [this] { return bring_up_network(); });
    // Downloads start here, and run beside the later phases.
    co_await runner_.run("root", [this] { return mount_root(); });
    co_await runner_.run("media", [this] { return mount_media(); });
    // The database comes before the apkovl, which may bring parts of it.
    co_await runner_.run("apkovl", [this] { return make_package_database(); });
    co_await runner_.run("apkovl", [this] { return unpack_apkovl(); });
    co_await runner_.run("packages", [this] { return install_packages(); });
    // After everything that may make /lib a link.
    co_await runner_.run("modloop", [this] { return attach_modloop(); });
    co_await runner_.run("handover", [this] { return visit_shell(); });
    // Beyond this point there is no way back.
    co_await runner_.run("handover", [this] { return hand_over(); });
}

Task<void> Boot::open_consoles() {
    MKPXERD_CO_TRY(keep(values_.consoles, netboot::open_consoles(services_)));
    // mkpxerd.onfail= holds from here on, even if the image is damaged or another option is wrong.
    values_.options.on_fail = read_on_fail(services_.system, values_.image);
    co_return Result<void>();
}

Task<void> Boot::read_image() {
    co_return keep(values_.image, netboot::read_image(services_));
}

Task<void> Boot::read_options() {
    MKPXERD_CO_TRY_ASSIGN(const auto sources, read_settings(services_.system, values_.image));
    values_.options.on_fail = parse_on_fail_options(sources); // even if another option is wrong
    // Before the boot reads or fetches anything else.
    MKPXERD_CO_TRY(keep(values_.trust, Trust::load(services_.system, values_.image.pins)));
    MKPXERD_CO_TRY(keep(values_.options, parse_boot_options(sources)));
    services_.log.set_verbosity(values_.options.quiet, values_.options.details);
    runner_.start_watchdog(values_.options);
    time_.renew(std::chrono::seconds(values_.options.timeout));
    co_return keep(values_.plan, plan_boot(services_, values_.image, values_.options, *values_.trust));
}

Task<void> Boot::load_modules() {
    co_return keep(values_.modules, co_await netboot::load_modules(services_, values_.image, values_.options,
                                                                   wanted_modules_));
}

Task<void> Boot::find_devices() {
    co_return keep(values_.devices,
                   netboot::find_devices(services_, *values_.modules, values_.options, values_.plan));
}

Task<void> Boot::bring_up_network() {
    auto& [io, system, log, children, background, time] = services_;
    values_.machine = read_machine_facts(system);
    background.spawn(
        preload_modules(services_, *values_.modules, *values_.devices, values_.options, values_.plan));
    if (values_.plan.needs_network) {
        MKPXERD_CO_TRY_ASSIGN(auto up, co_await connect(services_, values_.options, values_.plan,
                                                        *values_.modules, *values_.devices));
        values_.network = std::move(up.state);
        add_network_facts(*values_.network, values_.machine);
        MKPXERD_CO_TRY(publish_network(services_, *values_.network));
        co_await start_syslog(services_, syslog_, values_.options.log_host, *values_.network);
        values_.fetcher = make_fetcher(services_, values_.image, values_.plan, *values_.network);
        keep_leases(services_, std::move(up.leases), *values_.network, *values_.fetcher);
    }
    values_.objects = std::make_unique<ObjectDownloads>(io, system, log, fetch_with(values_.fetcher.get()),
                                                        values_.machine, *values_.trust, time);
    co_return Result<void>();
}

Task<void> Boot::mount_root() {
    RootPhase phase(services_, values_.options, values_.plan, *values_.devices, mounter(), *values_.objects);
    MKPXERD_CO_TRY(keep(values_.root, co_await phase.mount(values_.root)));
    co_return co_await phase.mount_usr(*values_.trust);
}

Task<void> Boot::mount_media() {
    MediaPhase phase(services_, values_.options, values_.plan, *values_.devices, mounter());
    co_return keep(values_.found_apkovl, co_await phase.mount());
}

Task<void> Boot::make_package_database() {
    co_return keep(values_.packages,
                   co_await netboot::make_package_database(services_, values_.options, values_.plan));
}

Task<void> Boot::unpack_apkovl() {
    ApkovlPhase phase(services_, values_.options, values_.plan, *values_.trust, mounter(), *values_.objects);
    co_return keep(values_.apkovl, co_await phase.lay(values_.found_apkovl, values_.packages.has_value()));
}

Task<void> Boot::install_packages() {
    PackagePhase phase(services_, values_.options, values_.plan, values_.apkovl, *values_.objects,
                       values_.fetcher.get(), mounter().mounter());
    co_return co_await phase.install(values_.packages);
}

Task<void> Boot::attach_modloop() {
    ModloopPhase phase(services_, values_.options, values_.plan, *values_.trust, mounter(), *values_.objects);
    co_return co_await phase.attach(*values_.root);
}

Task<void> Boot::visit_shell() {
    if (values_.options.single) co_await netboot::visit_shell(services_.log, runner_.rescue());
    co_return Result<void>();
}

Task<void> Boot::hand_over() {
    co_await wanted_modules_.join(); // the new root may count on them
    MKPXERD_CO_TRY(finish_root(services_, values_.options, values_.plan, values_.network, *values_.root));
    co_await wait_for_consoles(services_, values_.options, *values_.modules);
    for (const std::string& module : still_loading(values_.modules->loads(), Clock::now()))
        services_.log.step(fmt::format("still loading: {}", module));
    co_await runner_.report_handover();
    co_return become_init(services_, values_.options, values_.plan, *values_.consoles,
                          Clock::now() - runner_.started());
}

SourceMounter Boot::mounter() {
    const Mounter mounter(services_.io, services_.system, services_.log, children_, *values_.modules,
                          *values_.devices);
    return {services_.io, mounter, values_.network, time_};
}

} // namespace mkpxerd::netboot
