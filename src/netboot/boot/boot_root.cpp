// SPDX-License-Identifier: MIT
// The steps that make the new root: what is fetched and mounted, and where to.
#include <algorithm>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/netboot/boot/boot.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/root/memory_root.hpp"
#include "mkpxerd/netboot/root/root_writer.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/wrap/block_identity.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view overlay_lower = "/media/root-ro"; // the names that mkinitfs has
constexpr std::string_view overlay_layers = "/media/root-rw";
constexpr std::uint64_t most_keys = 64 << 10; // bytes of an ssh_key
constexpr auto resume_patience = std::chrono::seconds(3);

} // namespace

Result<FetchRequest> Boot::fetch_request(std::string name, const std::string& alternatives,
                                         std::string_view directory) {
    const Substitution substitution = substitute(alternatives, facts_);
    for (const Problem& skipped : substitution.skipped)
        log_.step(fmt::format("{}: {}", name, to_text(skipped)));
    if (substitution.urls.empty())
        return fail(alternatives, fmt::format("no URL is left: {}", substitution.skipped.front().text), {},
                    Failure::UnknownPlaceholder);
    if (!downloads_)
        return fail(alternatives, "needs the network, which is off", "give ip=dhcp",
                    Failure::ConflictingOptions);
    std::string file = url_file_name(substitution.urls.front());
    if (file.empty() || file == "." || file == "..") file = name;
    const std::filesystem::path destination = system_.host(fmt::format("{}/{}/{}", directory, name, file));
    const auto pin = config_.pins.find(name);
    std::string sha256 = pin == config_.pins.end() || pin->second == pin_any ? std::string() : pin->second;
    if (sha256.empty() && !keys_->empty()) MKPXERD_TRY(check_hosts(name, alternatives));
    FetchRequest request{std::move(name), substitution.urls, destination, deadline_, std::move(sha256)};
    if (request.name == "ssh_key") request.most = most_keys;
    return request;
}

// Signatures do not speak of hosts.
Result<void> Boot::check_hosts(const std::string& name, const std::string& alternatives) {
    for (const auto url : split(alternatives, '|'))
        if (url_host(url).find('{') != std::string::npos)
            return fail(
                std::string(url), "tells machines apart by the host, which a signature says nothing of",
                fmt::format("put what is in braces into the path of {}=", name), Failure::Unverifiable);
    return {};
}

Task<std::string> Boot::fetch(std::string name, const std::string& alternatives, std::string_view directory) {
    MKPXERD_CO_TRY_ASSIGN(auto request, fetch_request(name, alternatives, directory));
    const std::string path =
        fmt::format("{}/{}/{}", directory, name, request.destination.filename().string());
    const auto begin = Clock::now();
    MKPXERD_CO_TRY(co_await downloads_->wait(std::move(request)));
    deadline_ += Clock::now() - begin; // it moved: what comes after it has the time that there was
    co_return path;
}

void Boot::start_downloads() {
    if (!downloads_) return;
    const auto begin = [this](std::string name, const std::optional<Source>& source,
                              std::string_view directory) {
        if (!source || source->kind != Source::Kind::Url) return;
        // What is wrong with the request is said by the step that needs the object.
        if (auto request = fetch_request(std::move(name), source->url, directory))
            downloads_->start(std::move(*request));
    };
    begin("root", plan_.root, run_downloads);
    begin("apkovl", plan_.apkovl, run_downloads);
    begin("modloop", plan_.modloop, plan_.root ? run_downloads : root_downloads);
}

Task<void> Boot::mount_nfs(const NfsSource& source, std::string target, bool read_only, std::string options) {
    if (!network_)
        co_return fail("nfs:" + source.text(), "needs the network, which is off", "give ip=dhcp",
                       Failure::ConflictingOptions);
    Resolver resolver(io_, dns_config(*network_));
    MKPXERD_CO_TRY_ASSIGN(const auto addresses, co_await resolver.resolve(source.host, deadline_, {}));
    if (!source.options.empty()) options = options.empty() ? source.options : source.options + "," + options;
    std::vector<std::string> servers;
    for (const auto& address : addresses)
        servers.push_back(address.to_string());
    NfsMount mount{source, {}, network_->address.text(), std::move(target), read_only, std::move(options)};
    co_return co_await mounter_->mount_nfs(std::move(mount), std::move(servers), deadline_);
}

Task<void> Boot::mount_root() {
    if (!plan_.root) co_return co_await mount_memory_root();
    start_downloads();
    if (!mounter_->is_mounted(std::string(new_root))) {
        MKPXERD_CO_TRY(co_await resume());
        MKPXERD_CO_TRY(co_await mount_asked_root());
    }
    co_return co_await mount_usr();
}

Task<void> Boot::mount_asked_root() {
    const std::string root(new_root);
    if (options_.overlay) {
        const std::string lower(overlay_lower);
        if (!mounter_->is_mounted(lower)) MKPXERD_CO_TRY(co_await mount_root_source(lower));
        memory_root_ = true;
        MKPXERD_CO_TRY(
            mounter_->mount_overlay(lower, std::string(overlay_layers), options_.overlay_flags, root));
        co_return Result<void>();
    }
    co_return co_await mount_root_source(root);
}

Task<void> Boot::mount_memory_root() {
    const std::string root(new_root);
    if (!mounter_->is_mounted(root)) {
        MKPXERD_CO_TRY(co_await resume());
        MKPXERD_CO_TRY(mounter_->mount_memory("tmpfs", root, options_.rootflags));
    }
    MKPXERD_CO_TRY(fill_memory_root(system_, options_.usr_merged));
    memory_root_ = true;
    start_downloads();
    co_return Result<void>();
}

// A system that was hibernated goes on from here, and nothing of this boot with it.
Task<void> Boot::resume() {
    if (options_.resume.empty()) co_return Result<void>();
    // Most boots have nothing to go on from: the device may be gone for good.
    co_await devices_->wait_for_coldplug();
    const Deadline patience =
        Clock::now() + std::max(resume_patience, std::chrono::seconds(options_.device_delay));
    const auto device =
        co_await devices_->wait_for(DeviceSpec::parse(options_.resume), std::min(deadline_, patience));
    struct stat st {};
    if (!device || ::stat(system_.host(*device).c_str(), &st) != 0) {
        log_.warning(fmt::format("resume={}: the device is not there", options_.resume));
        co_return Result<void>();
    }
    if (!options_.resume_offset.empty())
        MKPXERD_CO_TRY(write_file(system_.host("/sys/power/resume_offset"), options_.resume_offset));
    const std::string number = fmt::format("{}:{}", major(st.st_rdev), minor(st.st_rdev));
    if (const auto resumed = write_file(system_.host("/sys/power/resume"), number); !resumed)
        log_.step(fmt::format("resume: {}", resumed.error().text()));
    co_return Result<void>();
}

Result<std::vector<FstabLine>> Boot::read_fstab() const {
    const Sysroot root(system_.host(new_root));
    const auto fstab = root.resolve("etc/fstab");
    if (!fstab) return std::vector<FstabLine>();
    MKPXERD_TRY_ASSIGN(const std::string text, read_regular(root.host(fstab->path)));
    return parse_fstab(text);
}

// A separate /usr of the root's fstab: without it most inits do not start.
Task<void> Boot::mount_usr() {
    if (options_.usrflags == "disable") co_return Result<void>();
    MKPXERD_CO_TRY_ASSIGN(const auto fstab, read_fstab());
    for (const FstabLine& line : fstab) {
        if (line.target != "/usr" || line.has_option("noauto")) continue;
        auto mounted = co_await mount_usr_line(line);
        if (!mounted && !line.has_option("nofail")) co_return mounted;
        if (!mounted) log_.warning("going on without /usr, which is nofail", mounted.error());
    }
    co_return Result<void>();
}

// Read-only unless the line says rw, as the system has yet to check it; usrflags= stands for the line's
// options.
Task<void> Boot::mount_usr_line(const FstabLine& line) {
    const std::string target = std::string(new_root) + "/usr";
    if (mounter_->is_mounted(target)) co_return Result<void>();
    const bool own = !options_.usrflags.empty();
    const std::string& options = own ? options_.usrflags : line.options;
    if (is_checked("root"))
        co_return fail(Error(unverifiable(fmt::format("fstab: /usr from {}", line.source))));
    if (line.type == "nfs" || line.type == "nfs4") {
        MKPXERD_CO_TRY_ASSIGN(const Source source, parse_medium("fstab: /usr", "nfs:" + line.source));
        co_return co_await mount_nfs(source.nfs, target, !own, options);
    }
    const bool is_device = line.source.starts_with("/dev/") || line.source.find('=') < line.source.find('/');
    if (!is_device || line.has_option("bind") || line.has_option("rbind")) {
        log_.warning(fmt::format("fstab: /usr from {} ({}) is left to the system", line.source, line.type));
        co_return Result<void>();
    }
    const std::string type = line.type == "auto" ? std::string() : line.type;
    DeviceMount mount{DeviceSpec::parse(line.source), target, type, options, !own};
    co_return co_await mounter_->mount_device(std::move(mount), deadline_);
}

Task<void> Boot::mount_root_source(std::string target) {
    const Source& source = *plan_.root;
    const bool read_only = options_.overlay || !options_.read_write;
    const std::string options = options_.rootflags + (options_.overlay ? ",ro" : "");
    switch (source.kind) {
    case Source::Kind::Url:
        co_return co_await open_root_image(std::move(target));
    case Source::Kind::Nfs:
        co_return co_await mount_nfs(source.nfs, std::move(target), read_only, options);
    case Source::Kind::Device:
    case Source::Kind::Path:
        break;
    }
    DeviceMount mount{source.device, std::move(target), options_.rootfstype, options, read_only};
    co_return co_await mounter_->mount_device(std::move(mount), deadline_);
}

// A file system image is mounted, anything else is taken for a tarball.
Task<void> Boot::open_root_image(std::string target) {
    MKPXERD_CO_TRY_ASSIGN(const std::string file, co_await fetch("root", plan_.root->url, run_downloads));
    const auto identity = wrap::identify_block_device(system_.host(file));
    if (identity && !identity->type.empty())
        co_return mounter_->mount_image(file, target, options_.rootflags);
    MKPXERD_CO_TRY(mounter_->mount_memory("tmpfs", target, options_.rootflags));
    const auto unpacked = unpack_tar(system_.host(file), system_.host(target), {.keep_names = false});
    std::error_code ignored;
    std::filesystem::remove(system_.host(file), ignored);
    downloads_->forget("root");
    if (!unpacked) {
        (void)system_.unmount(target, MNT_DETACH);
        co_return fail(unpacked.error());
    }
    for (const std::string& warning : unpacked->warnings)
        log_.warning(fmt::format("root: {}", warning));
    memory_root_ = true;
    log_.step(fmt::format("root: {} files unpacked", unpacked->entries));
    co_return Result<void>();
}

} // namespace mkpxerd::netboot
