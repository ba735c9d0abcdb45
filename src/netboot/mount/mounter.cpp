// SPDX-License-Identifier: MIT
// mount(2) with modules and mount points before it, and for NFS with repeated tries.
#include "mkpxerd/netboot/mount/mounter.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/mount_options.hpp"
#include "mkpxerd/contract/nfs_options.hpp"
#include "mkpxerd/netboot/mount/file_system_module.hpp"
#include "mkpxerd/netboot/mount/mount_message.hpp"
#include "mkpxerd/netboot/mount/nfs_exports.hpp"
#include "mkpxerd/netboot/net/tcp_connect.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/wrap/block_identity.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_shown = 8; // of the exports of a server
// A starting server may refuse an export that it offers a moment later.
constexpr unsigned max_mount_refusals = 3;

bool is_refusal(NfsAnswer answer) {
    return answer == NfsAnswer::Denied || answer == NfsAnswer::NoExport || answer == NfsAnswer::WrongSecurity;
}

// Opens and closes a connection: finds in a moment a fault that mount(2) reports after minutes.
asio::awaitable<std::error_code> probe_port(asio::io_context& io, const std::string& address, unsigned port,
                                            Deadline deadline) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) co_return error;
    const TcpAttempt attempt = co_await connect_socket(io, {ip, static_cast<std::uint16_t>(port)}, deadline);
    co_return std::error_code(attempt.error);
}

// Version 3 also denies an export that does not exist (nfs-utils and nfs-ganesha both do); the list of
// exports distinguishes the two. An empty list, or none, proves nothing.
asio::awaitable<Problem> with_exports(asio::io_context& io, const NfsMount& request, Problem denied,
                                      Deadline deadline) {
    auto exports = co_await read_exports(io, request.server_address, nfs_mount_port(request), deadline);
    if (!exports || exports->empty() || is_exported(request.source.path, *exports)) co_return denied;
    Problem missing = nfs_problem(request, NfsAnswer::NoExport, {});
    exports->resize(std::min(exports->size(), max_shown));
    for (std::string& path : *exports)
        path = excerpt(path);
    missing.hint = fmt::format("its exports to this machine are {}", fmt::join(*exports, ", "));
    co_return missing;
}

// Why access was denied, as far as the mount service of version 3 knows.
asio::awaitable<Problem> explain_denial(asio::io_context& io, const NfsMount& request, Problem denied,
                                        bool by_3, Deadline deadline) {
    const auto answer = co_await read_mount_answer(io, request.server_address, nfs_mount_port(request),
                                                   request.source.path, deadline);
    if (answer && answer->status == 0 && !answer->flavors.empty() &&
        std::ranges::find(answer->flavors, rpc_auth_sys) == answer->flavors.end())
        co_return kerberos_problem(request, answer->flavors);
    if (answer && answer->status == EACCES) denied = nfs_problem(request, NfsAnswer::Denied, {});
    if (by_3) denied = co_await with_exports(io, request, std::move(denied), deadline);
    co_return denied;
}

} // namespace

// The result of all versions: mounted, or the most informative answer.
struct Mounter::Outcome {
    std::string address = {}; // of the server that gave the answer
    std::string version = {}; // the mounted one, or the one that got this answer
    bool mounted = false;
    NfsAnswer answer = NfsAnswer::NotVersion;
    std::error_code error = {};
};

Mounter::Mounter(asio::io_context& io, System& system, Log& log, Children& children, ModuleLoader& modules,
                 Devices& devices, NfsPatience patience)
    : io_(io), system_(system), log_(log), children_(children), modules_(modules), devices_(devices),
      patience_(patience) {}

void Mounter::make_directory(const std::string& path) {
    std::error_code ignored; // mount(2) reports a missing directory
    std::filesystem::create_directories(system_.host(path), ignored);
}

Result<void> Mounter::mount(const MountCall& call) {
    log_.timeline().begin(Timeline::Lane::Mounts, call.target, fmt::format("{} {}", call.type, call.source));
    return record(call.target, mount_now(call));
}

Result<void> Mounter::record(const std::string& target, Result<void> mounted) {
    if (mounted)
        log_.timeline().end(Timeline::Lane::Mounts, target);
    else
        log_.timeline().fail(Timeline::Lane::Mounts, target, mounted.error());
    return mounted;
}

Result<void> Mounter::mount_now(const MountCall& call) {
    make_directory(call.target);
    const std::error_code error = system_.mount(call);
    if (!error) return {};
    const bool no_type = error == std::errc::no_such_device;
    return fail(call.text(),
                no_type ? fmt::format("the kernel does not support the file system {}", call.type)
                        : fmt::format("cannot mount: {}", error.message()),
                no_type ? "build the image with its module" : "", Failure::MountFailed);
}

Result<void> Mounter::mount_memory(const std::string& source, const std::string& target,
                                   const std::string& options, unsigned long more_flags) {
    const MountOptions parsed = parse_mount_options(options);
    if ((parsed.flags & MS_RDONLY) != 0)
        log_.warning(fmt::format("{}: ignoring ro: a root in memory must be writable", target));
    const bool remount = (more_flags & MS_REMOUNT) != 0;
    const std::string mode = remount ? "" : parsed.data.empty() ? "mode=0755" : "mode=0755,";
    return mount({.source = source,
                  .target = target,
                  .type = "tmpfs",
                  .flags = (parsed.flags & ~static_cast<unsigned long>(MS_RDONLY)) | more_flags,
                  .data = mode + parsed.data});
}

Task<void> Mounter::mount_image(std::string file, std::string target, std::string options,
                                Deadline deadline) {
    MKPXERD_CO_TRY_ASSIGN(const auto identity, wrap::identify_block_device(system_.host(file)));
    if (identity.type.empty())
        co_return fail(file, "contains no known file system", "is it a squashfs?",
                       Failure::UnknownFilesystem);
    MKPXERD_CO_TRY(co_await load_file_system(modules_, log_, "loop", deadline));
    MKPXERD_CO_TRY(co_await load_file_system(modules_, log_, identity.type, deadline));
    MKPXERD_CO_TRY_ASSIGN(const LoopDevice loop, system_.attach_loop(file));
    const MountOptions parsed = parse_mount_options(options);
    co_return mount({.source = loop.path,
                     .target = target,
                     .type = identity.type,
                     .flags = parsed.flags | MS_RDONLY,
                     .data = parsed.data});
}

Task<void> Mounter::mount_overlay(std::string lower, std::string layers, std::string tmpfs_options,
                                  std::string target, Deadline deadline) {
    if (!is_mounted(layers)) // an earlier try may have mounted it
        MKPXERD_CO_TRY(mount_memory("root-tmpfs", layers, tmpfs_options));
    MKPXERD_CO_TRY(co_await load_file_system(modules_, log_, "overlay", deadline));
    make_directory(layers + "/root");
    make_directory(layers + "/work");
    co_return mount(
        {.source = "overlay",
         .target = target,
         .type = "overlay",
         .data = fmt::format("lowerdir={},upperdir={}/root,workdir={}/work", lower, layers, layers)});
}

Task<void> Mounter::mount_device(DeviceMount request, Deadline deadline) {
    const std::string target = request.target;
    log_.timeline().begin(Timeline::Lane::Mounts, target, request.device.text());
    co_return record(target, co_await wait_and_mount(std::move(request), deadline));
}

Task<void> Mounter::wait_and_mount(DeviceMount request, Deadline deadline) {
    MKPXERD_CO_TRY_ASSIGN(const std::string path, co_await devices_.wait_for(request.device, deadline));
    std::string type = request.fstype;
    if (type.empty()) {
        MKPXERD_CO_TRY_ASSIGN(const auto identity, wrap::identify_block_device(system_.host(path)));
        type = identity.type;
    }
    if (type.empty())
        co_return fail(path, "contains no known file system",
                       "name the file system: rootfstype=, or device:fstype:path",
                       Failure::UnknownFilesystem);
    MKPXERD_CO_TRY(co_await load_file_system(modules_, log_, type, deadline));
    const MountOptions options = parse_mount_options(request.options, request.read_only ? MS_RDONLY : 0);
    MKPXERD_CO_TRY(mount_now({.source = path,
                              .target = request.target,
                              .type = type,
                              .flags = options.flags,
                              .data = options.data}));
    log_.step(
        fmt::format("{}: {} mounted{}", path, type, (options.flags & MS_RDONLY) != 0 ? " read-only" : ""));
    co_return Result<void>();
}

asio::awaitable<std::error_code> Mounter::mount_in_child(const MountCall& call, Deadline deadline) {
    const auto pid = children_.start([this, &call] { return system_.mount(call).value(); });
    if (!pid) co_return std::make_error_code(std::errc::resource_unavailable_try_again);
    const auto status = co_await children_.wait(*pid, deadline);
    if (!status) co_return std::make_error_code(std::errc::timed_out);
    co_return std::error_code(*status, std::generic_category());
}

asio::awaitable<Mounter::Outcome> Mounter::try_nfs_versions(const NfsMount& request, Deadline deadline) {
    Outcome outcome;
    bool refused = false;
    for (const NfsAttempt& attempt : nfs_attempts(request)) {
        // The other minor versions would answer the same; version 3 has its own names for exports.
        if (refused && attempt.version != "3") continue;
        const std::error_code error =
            co_await mount_in_child(attempt.call, std::min(deadline, Clock::now() + patience_.one_mount));
        if (!error) co_return Outcome{.version = attempt.version, .mounted = true};
        const NfsAnswer answer =
            classify_nfs_error(error, attempt.version == "3" || wants_nfs3(request.options));
        log_.detail(LogSubject::Mount, fmt::format("{}: {}", attempt.call.text(), error.message()));
        // Version 3 may know an export that version 4 has no name for, so its denial is more informative.
        const bool is_more_specific = answer == NfsAnswer::Denied && outcome.answer == NfsAnswer::NoExport;
        if ((!refused && answer != NfsAnswer::NotVersion) || is_more_specific)
            outcome = {.version = attempt.version, .answer = answer, .error = error};
        if (outcome.error == std::error_code()) outcome.error = error;
        if (answer == NfsAnswer::NoAnswer || answer == NfsAnswer::NoKernel) break;
        refused = refused || is_refusal(answer);
    }
    co_return outcome;
}

// Mounts from the first address that works, else returns the answer of the first address that answers.
asio::awaitable<Mounter::Outcome>
Mounter::try_nfs_servers(NfsMount request, const std::vector<std::string>& addresses, Deadline deadline) {
    Outcome best{.address = addresses.front(), .answer = NfsAnswer::NoAnswer};
    for (const std::string& address : addresses) {
        request.server_address = address;
        Outcome outcome{.answer = NfsAnswer::NoAnswer};
        outcome.error = co_await probe_port(io_, address, nfs_port(request.options),
                                            std::min(deadline, Clock::now() + patience_.connection));
        if (!outcome.error) outcome = co_await try_nfs_versions(request, deadline);
        outcome.address = address;
        if (outcome.mounted) co_return outcome;
        if (addresses.size() > 1)
            log_.detail(
                LogSubject::Mount,
                fmt::format("{}: {}", address, nfs_problem(request, outcome.answer, outcome.error).text));
        if (!best.error || (best.answer == NfsAnswer::NoAnswer && outcome.answer != NfsAnswer::NoAnswer))
            best = outcome;
    }
    co_return best;
}

Task<void> Mounter::mount_nfs(NfsMount request, std::vector<std::string> addresses, Deadline deadline) {
    const std::string target = request.target;
    log_.timeline().begin(Timeline::Lane::Mounts, target, "nfs " + request.source.text());
    co_return record(target, co_await try_nfs(std::move(request), std::move(addresses), deadline));
}

Task<void> Mounter::try_nfs(NfsMount request, std::vector<std::string> addresses, Deadline deadline) {
    if (wants_kerberos(request.options)) co_return fail(Error(kerberos_problem(request, {})));
    make_directory(request.target);
    MKPXERD_CO_TRY(co_await load_file_system(modules_, log_, "nfs", deadline));
    std::chrono::milliseconds pause = patience_.first_pause;
    std::optional<Outcome> refusal; // the last one
    for (unsigned refusals = 0;;) {
        Outcome outcome = co_await try_nfs_servers(request, addresses, deadline);
        if (outcome.mounted) {
            log_.step(fmt::format("nfs:{}: mounted{}{}", request.source.text(),
                                  outcome.version.empty() ? "" : ", version ", outcome.version));
            co_return Result<void>();
        }
        const bool is_late = Clock::now() >= deadline;
        if (is_refusal(outcome.answer)) refusal = outcome;
        // The deadline cuts the last attempt short. Its silence tells less than an earlier refusal.
        if (is_late && refusal && outcome.answer == NfsAnswer::NoAnswer) outcome = *refusal;
        const bool refused = is_refusal(outcome.answer);
        request.server_address = outcome.address;
        Problem problem = nfs_problem(request, outcome.answer, outcome.error);
        const bool hopeless =
            outcome.answer == NfsAnswer::NotVersion || outcome.answer == NfsAnswer::NoKernel;
        if (hopeless || (refused && ++refusals == max_mount_refusals) || is_late) {
            const bool by_3 = outcome.version == "3" || wants_nfs3(request.options);
            if (refused && outcome.answer != NfsAnswer::NoExport)
                problem = co_await explain_denial(io_, request, std::move(problem), by_3,
                                                  Clock::now() + patience_.exports);
            co_return fail(Error(std::move(problem)));
        }
        log_.step(fmt::format("{}; trying again", to_text(problem)));
        co_await sleep_until(io_, std::min(deadline, Clock::now() + pause));
        pause = std::min<std::chrono::milliseconds>(pause * 2, patience_.longest_pause);
    }
}

bool Mounter::is_mounted(const std::string& target) const {
    const auto mounts = read_file(system_.host("/proc/self/mounts"));
    if (!mounts) return false;
    const auto lines = split_lines(*mounts);
    return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
        const auto words = split_words(line);
        return words.size() > 1 && unescape_mount_field(words[1]) == target;
    });
}

} // namespace mkpxerd::netboot
