// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/driver_phase.hpp"

#include <fmt/format.h>

#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "mkpxerd/netboot/mount/nfs.hpp"
#include "mkpxerd/netboot/options/option_files.hpp"

namespace mkpxerd::netboot {
namespace {

// Modules of the file systems that the plan will mount.
std::vector<std::string> wanted_later(const BootOptions& options, const BootPlan& plan) {
    std::vector<std::string> names;
    const auto* root = get_source<NfsSource>(plan.root);
    const auto* medium = get_source<NfsSource>(plan.alpine_dev);
    if (root != nullptr || medium != nullptr) {
        names.emplace_back("nfs");
        // nfsv4 is the largest of them: under emulation it takes longer than all the others.
        const bool only_3 = root != nullptr && medium == nullptr &&
                            (wants_nfs3(options.rootflags) || wants_nfs3(root->options));
        names.emplace_back(only_3 ? "nfsv3" : "nfsv4");
    }
    if (plan.modloop || plan.search_modloop) names.insert(names.end(), {"loop", "squashfs"});
    if (options.overlay) names.emplace_back("overlay");
    return names;
}

// A missing module must not keep a machine from booting.
boost::asio::awaitable<void> warn_unless(Task<void> loaded, ConsoleLog& log) {
    if (const auto result = co_await std::move(loaded); !result) log.warning(result.error());
}

} // namespace

Task<std::unique_ptr<ModuleLoader>> load_modules(BootServices services, const BootConfig& image,
                                                 const BootOptions& options, TaskGroup& wanted,
                                                 LoadMode mode) {
    System& system = services.system;
    ConsoleLog& log = services.log;
    MKPXERD_CO_TRY(write_blacklist(system, options.blacklist));
    MKPXERD_CO_TRY_ASSIGN(ImageModules lists, read_modules(system, log));
    auto modules = std::make_unique<ModuleLoader>(services.io, system, log, std::move(lists), mode);
    if (modules->index().size() == 0 && !image.kernel_version.empty())
        log.warning(
            image.kernel_version == system.kernel_release()
                ? fmt::format("/lib/modules/{} lists no modules: the image was built without any, or another "
                              "archive hides them",
                              image.kernel_version)
                : fmt::format("the image has modules for kernel {}, but the running kernel is {}",
                              image.kernel_version, system.kernel_release()));
    std::vector<ModuleRequest> requests = options.modules;
    const auto listed = read_module_list(system);
    requests.insert(requests.end(), listed.begin(), listed.end());
    // Before those that devices ask for, so that these parameters count.
    const Deadline deadline = services.time.half_way();
    for (const ModuleRequest& request : requests)
        wanted.spawn(
            warn_unless(modules->load(request.name, request.parameters, Urgency::Device, deadline), log));
    co_return modules;
}

Result<std::unique_ptr<Devices>> find_devices(const BootServices& services, ModuleLoader& modules,
                                              const BootOptions& options, const BootPlan& plan) {
    auto devices = std::make_unique<Devices>(services.io, services.system, services.log, modules,
                                             needs_of(plan, options));
    MKPXERD_TRY(devices->listen(options.uevent_buffer));
    services.background.spawn(devices->follow());
    services.background.spawn(devices->coldplug());
    return devices;
}

boost::asio::awaitable<void> preload_modules(BootServices services, ModuleLoader& modules, Devices& devices,
                                             const BootOptions& options, const BootPlan& plan) {
    co_await devices.wait_for_coldplug(services.time.half_way());
    std::vector<Task<void>> loads;
    for (const std::string& name : wanted_later(options, plan))
        // If a missing module is needed, the phase that needs it fails.
        if (modules.knows(name))
            loads.push_back(modules.load(name, {}, Urgency::Soon, services.time.deadline()));
    for (Task<void>& load : loads)
        if (const auto loaded = co_await std::move(load); !loaded)
            services.log.detail(LogSubject::Modules, loaded.error().text());
}

} // namespace mkpxerd::netboot
