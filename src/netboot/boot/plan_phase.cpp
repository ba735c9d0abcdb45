// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/plan_phase.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/netboot/options/image_check.hpp"

namespace mkpxerd::netboot {
namespace {

// Options that fill a diskless root have no effect on a mounted one.
void warn_about_idle_options(Log& log, const BootOptions& options) {
    static constexpr std::array names = std::to_array<std::string_view>(
        {"alpine_repo", "autodetect_serial", "ds", "keep_apk_new", "ssh_key", "tinycloud"});
    for (const auto& setting : options.settings)
        if (std::find(names.begin(), names.end(), setting.name) != names.end())
            log.warning(fmt::format("{}= has no effect together with root=", setting.name));
}

} // namespace

Result<BootPlan> plan_boot(const BootServices& services, const BootConfig& image, const BootOptions& options,
                           const Trust& trust) {
    ConsoleLog& log = services.log;
    log.step(fmt::format("kernel {}, image for {}", services.system.kernel_release(), image.kernel_version));
    for (const Problem& warning : options.warnings)
        log.warning(to_text(warning));
    for (const auto& setting : options.settings)
        log.detail(LogSubject::Options,
                   fmt::format("option {}={} ({})", setting.name, setting.value, setting.origin));
    MKPXERD_TRY_ASSIGN(BootPlan plan, make_boot_plan(options, read_image_abilities(services.system)));
    MKPXERD_TRY(trust.check_plan(options, plan));
    log.step(plan.text());
    if (plan.root) warn_about_idle_options(log, options);
    return plan;
}

} // namespace mkpxerd::netboot
