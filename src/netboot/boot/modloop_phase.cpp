// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/modloop_phase.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/boot/media_phase.hpp"
#include "mkpxerd/netboot/mount/modloop.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

bool exists(const System& system, const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(system.host(path), ignored);
}

} // namespace

ModloopPhase::ModloopPhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                           const Trust& trust, SourceMounter mounter, ObjectDownloads& objects)
    : services_(services), options_(options), plan_(plan), trust_(trust), mounter_(mounter),
      objects_(objects) {}

Task<void> ModloopPhase::attach(const NewRoot& root) {
    const bool is_fetched = get_source<UrlSource>(plan_.modloop) != nullptr;
    auto file = co_await find_file();
    if (file && !*file) co_return trust_.check_absence("modloop", options_);
    Modloop modloop(services_.system, services_.log, mounter_.mounter());
    Result<void> attached;
    if (file)
        attached = co_await modloop.attach(**file, root.in_memory, services_.time.deadline());
    else
        attached = fail(file.error());
    if (!attached && file && is_fetched) objects_.discard("modloop", **file);
    if (!attached && is_optional(options_, "modloop")) {
        services_.log.warning("continuing without a modloop", attached.error());
        co_return Result<void>();
    }
    co_return attached;
}

Task<std::optional<std::string>> ModloopPhase::find_file() {
    std::string file;
    if (const auto* urls = get_source<UrlSource>(plan_.modloop)) {
        MKPXERD_CO_TRY_ASSIGN(file, co_await fetch(*urls));
        co_return file;
    }
    if (plan_.modloop) {
        MKPXERD_CO_TRY_ASSIGN(file, co_await find_on_medium(services_.system, mounter_, *plan_.modloop));
    } else {
        file = fmt::format("{}/{}", alpine_media, Modloop::usual_path(services_.system.kernel_release()));
        if (!plan_.search_modloop || !exists(services_.system, file)) co_return std::optional<std::string>();
    }
    MKPXERD_CO_TRY_ASSIGN(file, trust_.verified_copy(services_.system, services_.log, "modloop", file));
    co_return file;
}

Task<std::string> ModloopPhase::fetch(const UrlSource& urls) {
    const std::string_view directory = plan_.root ? run_downloads : root_downloads;
    MKPXERD_CO_TRY_ASSIGN(const std::string fetched, co_await objects_.fetch("modloop", urls, directory));
    if (plan_.root) co_return fetched;
    co_return move_into_root(fetched);
}

// A root in memory gets it as /lib/<name>, where the system's own modloop service looks for it.
Result<std::string> ModloopPhase::move_into_root(const std::string& fetched) {
    System& system = services_.system;
    const Sysroot root(system.host(new_root));
    const auto lib = root.resolve("lib");
    const std::string place = fmt::format("{}/{}/{}", new_root, lib ? lib->path : "lib",
                                          std::filesystem::path(fetched).filename().string());
    std::error_code error;
    if (!exists(system, fetched) && exists(system, place)) return place; // an earlier attempt moved it
    std::filesystem::create_directories(system.host(place).parent_path(), error);
    std::filesystem::rename(system.host(fetched), system.host(place), error);
    if (error)
        return fail(place, fmt::format("cannot be moved there: {}", error.message()), {},
                    Failure::CannotPlaceModloop);
    std::filesystem::remove_all(system.host(root_downloads), error);
    return place;
}

} // namespace mkpxerd::netboot
