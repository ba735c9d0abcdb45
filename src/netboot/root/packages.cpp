// SPDX-License-Identifier: MIT
// apk's command line and input; package_failure reads its messages.
#include "mkpxerd/netboot/root/packages.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/apk_places.hpp"
#include "mkpxerd/netboot/root/package_failure.hpp"
#include "mkpxerd/netboot/root/root_files.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/private_files.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr unsigned repository_depth = 3;

void add_once(std::vector<std::string>& names, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

void search_repositories(const Sysroot& media, const std::string& directory, unsigned depth,
                         std::vector<std::string>& found) {
    for (const std::string& name : media.list(directory)) {
        // A line of /etc/apk/repositories is words between spaces, so it cannot name such a directory.
        if (!is_printable(name) || name.find(' ') != std::string::npos) continue;
        const std::string path = directory.empty() ? name : directory + "/" + name;
        const auto entry = media.entry(path);
        if (!entry) continue;
        if (name == ".boot_repository") found.push_back("/media/" + directory);
        if (entry->kind == Sysroot::Entry::Kind::Directory && depth < repository_depth)
            search_repositories(media, path, depth + 1, found);
    }
}

} // namespace

std::vector<std::string> apk_arguments(const PackageRequest& request) {
    std::vector<std::string> arguments = {"add", "--root", std::string(new_root)};
    for (const std::string& repository : request.repositories) {
        arguments.emplace_back("--repository");
        arguments.push_back(repository);
    }
    // The options that --initramfs-diskless-boot implies, except --force-broken-world: with that, apk
    // succeeds although packages are missing, and the machine would start without them.
    for (const char* option :
         {"--force-overwrite", "--force-old-apk", "--force-non-repository", "--no-commit-hooks"})
        arguments.emplace_back(option);
    if (request.best_effort) arguments.emplace_back("--force-broken-world");
    arguments.emplace_back(request.network ? "--update-cache" : "--no-network");
    if (!request.keep_apk_new) {
        arguments.emplace_back("--clean-protected");
        if (request.overlay_files) arguments.emplace_back("--overlay-from-stdin");
    }
    arguments.insert(arguments.end(), request.names.begin(), request.names.end());
    return arguments;
}

std::vector<std::string> wanted_packages(const System& system, const BootOptions& options, bool has_apkovl,
                                         bool default_services) {
    std::vector<std::string> names;
    for (const std::string& name : options.packages)
        add_once(names, name);
    if (has_apkovl) {
        if (const auto world = read_in_root(system, apk_world))
            for (const auto name : split_words(*world))
                add_once(names, name);
    }
    if (default_services && !options.ssh_key.empty()) add_once(names, "openssh");
    if (default_services && options.tiny_cloud)
        for (const char* name : {"tiny-cloud", "ifupdown-ng", "doas"})
            add_once(names, name);
    add_once(names, "alpine-base");
    return names;
}

std::vector<std::string> find_boot_repositories(const System& system) {
    const Sysroot media(system.host("/media"));
    std::vector<std::string> found;
    for (const std::string& medium : media.list(""))
        search_repositories(media, medium, 1, found);
    return found;
}

PackageInstaller::PackageInstaller(boost::asio::io_context& io, System& system, Log& log, Children& children,
                                   std::string apk, std::vector<std::string> environment)
    : io_(io), system_(system), log_(log), children_(children), apk_(std::move(apk)),
      environment_(std::move(environment)) {}

Task<void> PackageInstaller::make_database(Deadline deadline) {
    std::vector<std::string> arguments = {"add", "--root", std::string(new_root), "--initdb", "--quiet"};
    co_return co_await run(std::move(arguments), std::filesystem::path(), deadline);
}

Task<void> PackageInstaller::install(PackageRequest request, Deadline deadline) {
    std::filesystem::path input;
    if (request.overlay_files && !request.keep_apk_new) {
        std::string list;
        for (const std::string& name : *request.overlay_files)
            if (name.find('\n') == std::string::npos) list += name + "\n"; // apk reads one name per line
        input = system_.host(run_overlay_list);
        MKPXERD_CO_TRY(write_private(input, list));
    }
    const auto place = [](std::string_view directory) {
        return std::string(new_root) + std::string(directory);
    };
    // Package scripts expect them.
    std::vector<std::string> bound;
    for (const char* directory : {"/sys", "/proc", "/dev"}) {
        std::error_code ignored;
        std::filesystem::create_directories(system_.host(place(directory)), ignored);
        if (const auto error = system_.mount(
                {.source = directory, .target = place(directory), .type = {}, .flags = MS_BIND, .data = {}}))
            log_.warning(fmt::format("{}: cannot bind: {}", place(directory), error.message()));
        else
            bound.push_back(place(directory));
    }
    const auto done = co_await run(apk_arguments(request), input, deadline);
    std::error_code ignored; // the file is no longer needed
    if (!input.empty()) std::filesystem::remove(input, ignored);
    for (const std::string& target : bound)
        (void)system_.unmount(target, MNT_DETACH);
    co_return done;
}

Task<void> PackageInstaller::run(std::vector<std::string> arguments, std::filesystem::path input,
                                 Deadline deadline) {
    Program program{apk_, std::move(arguments), environment_};
    MKPXERD_CO_TRY_ASSIGN(
        const auto run,
        co_await run_program(io_, system_, log_, children_, std::move(program), std::move(input), deadline));
    if (run.status == 0) co_return Result<void>();
    // apk's own messages help most.
    const std::vector<std::string> lines(run.last_lines.begin(), run.last_lines.end());
    constexpr std::size_t shown = 20;
    for (std::size_t i = lines.size() > shown ? lines.size() - shown : 0; i < lines.size(); ++i)
        log_.warning("apk: " + lines[i]);
    co_return fail(Error(explain_apk(lines, run.status)));
}

} // namespace mkpxerd::netboot
