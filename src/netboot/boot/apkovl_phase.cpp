// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/apkovl_phase.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/boot/media_phase.hpp"
#include "mkpxerd/netboot/root/apkovl.hpp"
#include "mkpxerd/netboot/root/runlevels.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

// Absence is what mkpxerd.optional= allows for, damage is not. A driver that has not returned may be why.
bool is_absent(const Error& error) {
    const auto& problems = error.problems();
    return std::ranges::any_of(problems, [](const Problem& problem) { return is_absence(problem.code); }) &&
           std::ranges::all_of(problems, [](const Problem& problem) {
               return is_absence(problem.code) || problem.code == Failure::InitBlocked;
           });
}

} // namespace

ApkovlPhase::ApkovlPhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                         const Trust& trust, SourceMounter mounter, ObjectDownloads& objects)
    : services_(services), options_(options), plan_(plan), trust_(trust), mounter_(mounter),
      objects_(objects) {}

Task<UnpackedApkovl> ApkovlPhase::lay(const FoundApkovl& found, bool for_apk) {
    System& system = services_.system;
    const bool none_wanted = plan_.root && !plan_.apkovl && !plan_.search_apkovl;
    std::optional<std::string> file;
    if (!none_wanted) {
        MKPXERD_CO_TRY_ASSIGN(file, co_await find_file(found));
    }
    if (!file) {
        MKPXERD_CO_TRY(trust_.check_absence("apkovl", options_));
        if (!none_wanted) services_.log.step("no apkovl");
        co_return UnpackedApkovl{.names = {}, .default_services = wants_default_services(system, false)};
    }
    if (!file->starts_with(run_downloads)) { // the fetcher has verified those
        MKPXERD_CO_TRY_ASSIGN(*file, trust_.verified_copy(system, services_.log, "apkovl", *file));
    }
    auto unpacked = apply_apkovl(system, services_.log, *file, for_apk);
    if (file->starts_with(run_downloads)) objects_.discard("apkovl", *file);
    if (!unpacked) co_return fail(std::move(unpacked).error());
    services_.log.step(fmt::format("apkovl {}: {} files", *file, unpacked->entries));
    co_return UnpackedApkovl{.names = std::move(unpacked->names),
                             .default_services = wants_default_services(system, true)};
}

Task<std::optional<std::string>> ApkovlPhase::find_file(const FoundApkovl& found) {
    if (!plan_.apkovl) co_return found.path;
    Result<std::string> file;
    if (const auto* urls = get_source<UrlSource>(plan_.apkovl))
        file = co_await objects_.fetch("apkovl", *urls, run_downloads);
    else
        file = co_await find_on_medium(services_.system, mounter_, *plan_.apkovl);
    if (file) co_return std::optional(std::move(*file));
    if (!is_optional(options_, "apkovl") || !is_absent(file.error())) co_return fail(std::move(file).error());
    services_.log.warning("continuing without an apkovl", file.error());
    co_return std::optional<std::string>();
}

} // namespace mkpxerd::netboot
