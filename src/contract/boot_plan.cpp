// SPDX-License-Identifier: MIT
// What is asked for, what follows from it, what contradicts it.
#include "mkpxerd/contract/boot_plan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/contract/url.hpp"

namespace mkpxerd {
namespace {

using Parser = Result<Source> (*)(std::string_view, std::string_view);

void check_scheme(std::string_view option, const std::string& text, Problems& problems) {
    if (has_other_scheme(text))
        problems.add(Problem{fmt::format("{}={}", option, text), "the scheme cannot be fetched",
                             "http, https and ftp can", Failure::BadOption});
}

std::optional<Source> parse_if_said(Parser parse, std::string_view option, const std::string& value,
                                    Problems& problems) {
    if (value.empty()) return std::nullopt;
    auto source = parse(option, value);
    if (!source) {
        problems.add(source.error());
        return std::nullopt;
    }
    return std::move(*source);
}

// Where the first packet for a URL goes: a host may be reachable on one port only.
HostPort first_hop(const Url& url, const std::optional<Url>& proxy) {
    const Url& next = proxy && url.scheme != "ftp" ? *proxy : url;
    return {.host = next.host, .port = next.port};
}

void need_host(HostPort host, BootPlan& plan) {
    if (std::find(plan.hosts.begin(), plan.hosts.end(), host) == plan.hosts.end())
        plan.hosts.push_back(std::move(host));
}

void need_hosts(const UrlSource& source, BootPlan& plan) {
    for (const UrlTemplate& alternative : source.alternatives)
        need_host(first_hop(alternative.url, plan.proxy), plan);
}

// mount_options: those of another option, for this place.
void need_hosts(const std::optional<Source>& source, std::string_view mount_options, BootPlan& plan) {
    if (const auto* nfs = get_source<NfsSource>(source))
        need_host({.host = nfs->host, .port = nfs_port(fmt::format("{},{}", nfs->options, mount_options))},
                  plan);
    if (const auto* urls = get_source<UrlSource>(source)) need_hosts(*urls, plan);
}

void exclude(Problems& problems, std::string object, std::string text) {
    problems.add(
        Problem{std::move(object), std::move(text), "see docs/cmdline.md", Failure::ConflictingOptions});
}

void check_medium(const std::optional<Source>& medium, std::string_view option, Problems& problems) {
    if (const auto* url = get_source<UrlSource>(medium))
        problems.add(Problem{.object = fmt::format("{}={}", option, url->text()),
                             .text = "is a URL, which cannot be mounted as a medium",
                             .hint = "",
                             .code = Failure::BadOption});
}

// The server of ip= is the one that an nfsroot= without one means (nfsroot.rst of the kernel).
Result<Source> nfsroot_source(const BootOptions& options, const BootPlan& plan) {
    const auto with_server = std::find_if(plan.ip.begin(), plan.ip.end(),
                                          [](const IpOption& ip) { return ip.server.has_value(); });
    return parse_nfsroot(options.nfsroot, with_server == plan.ip.end() ? "" : with_server->server->text());
}

void read_ip(const BootOptions& options, BootPlan& plan, Problems& problems) {
    for (const std::string& text : options.ip) {
        auto ip = parse_ip_option(text);
        if (ip)
            plan.ip.push_back(std::move(*ip));
        else
            problems.add(ip.error());
    }
}

// nullopt: the text is something else than a URL, or is refused.
std::optional<UrlSource> read_url(std::string_view option, const std::string& text, Problems& problems) {
    check_scheme(option, text, problems);
    if (!is_url(text)) return std::nullopt;
    auto source = UrlSource::parse(text);
    if (source) return std::move(*source);
    problems.add(source.error());
    return std::nullopt;
}

std::optional<Url> read_proxy(const BootOptions& options, Problems& problems) {
    if (options.proxy.empty()) return std::nullopt;
    auto proxy = parse_url(options.proxy);
    if (proxy) return std::move(*proxy);
    problems.add(proxy.error());
    return std::nullopt;
}

// File systems that no block device has: root= would name a share, and be waited for.
void check_fstype(const BootOptions& options, const BootPlan& plan, Problems& problems) {
    static constexpr std::array shares = std::to_array<std::string_view>(
        {"9p", "ceph", "cifs", "glusterfs", "nfs", "nfs4", "smb3", "virtiofs"});
    const bool is_share = std::find(shares.begin(), shares.end(), options.rootfstype) != shares.end();
    if (get_source<DeviceSource>(plan.root) != nullptr && is_share)
        problems.add(Problem{fmt::format("rootfstype={}", options.rootfstype),
                             fmt::format("is on no device, and root={} names one", options.root),
                             "devices, nfs:server:/path and URLs are served", Failure::BadOption});
}

void decide_root(const BootOptions& options, BootPlan& plan, Problems& problems) {
    if (leaves_root_to_nfsroot(options.root) && !(options.root.empty() && options.nfsroot.empty())) {
        if (auto source = nfsroot_source(options, plan))
            plan.root = std::move(*source);
        else
            problems.add(source.error());
    } else {
        plan.root = parse_if_said(parse_medium, "root", options.root, problems);
    }
    check_fstype(options, plan, problems);
    // What a squashfs at a URL is mounted from lies in memory, but cannot be changed.
    plan.root_in_memory = !plan.root || options.overlay || get_source<UrlSource>(plan.root) != nullptr;
    if (!plan.root && options.overlay)
        exclude(problems, "overlaytmpfs", "needs root=: a diskless root is in memory already");
    if (!plan.root) return;
    if (!options.packages.empty())
        exclude(problems, "pkgs", "are installed in a diskless boot only, and root= was given");
    if (!plan.root_in_memory && !(options.apkovl.empty() && options.ovl_dev.empty()))
        exclude(problems, options.apkovl.empty() ? "ovl_dev" : "apkovl",
                "would change the lasting files of root=: give overlaytmpfs too, or leave root= out");
}

void decide_diskless(const BootOptions& options, const ImageAbilities& image, BootPlan& plan,
                     Problems& problems) {
    const bool wants_packages = !options.packages.empty() || !options.repositories.empty();
    if (wants_packages && !image.has_apk && !options.optional_objects.contains("packages"))
        problems.add(Problem{options.packages.empty() ? "alpine_repo" : "pkgs",
                             "packages were asked for, and the image has no apk to install them",
                             "build the image with the feature apk", Failure::NoApk});
    plan.install_packages = image.has_apk;
    const bool has_source = plan.apkovl || plan.search_apkovl || plan.alpine_dev || image.has_apk;
    if (!has_source && !wants_packages)
        problems.add(Problem{"command line",
                             "asks for nothing to boot: no root=, apkovl=, ovl_dev= or alpine_dev=, and the "
                             "image has no apk to fill a diskless root",
                             "give root=, or apkovl= with a URL", Failure::NothingToBoot});
    plan.search_apkovl_everywhere = !plan.apkovl && !plan.search_apkovl;
    plan.search_repositories_everywhere =
        plan.install_packages && options.repositories.empty() && !plan.alpine_dev;
}

} // namespace

std::string BootPlan::text() const {
    std::vector<std::string> parts = {root ? "root " + to_text(*root) : "diskless root"};
    if (alpine_dev) parts.push_back("alpine_dev " + to_text(*alpine_dev));
    if (apkovl) parts.push_back("apkovl " + to_text(*apkovl));
    if (search_apkovl) parts.push_back("apkovl searched on " + to_text(*search_apkovl));
    if (modloop) parts.push_back("modloop " + to_text(*modloop));
    if (install_packages) parts.emplace_back("packages");
    if (needs_network) parts.emplace_back("network");
    return fmt::format("{}", fmt::join(parts, ", "));
}

Result<BootPlan> make_boot_plan(const BootOptions& options, const ImageAbilities& image) {
    BootPlan plan;
    Problems problems;
    read_ip(options, plan, problems);
    std::vector<UrlSource> repositories;
    for (const std::string& repository : options.repositories)
        if (auto url = read_url("alpine_repo", repository, problems)) repositories.push_back(std::move(*url));
    plan.ssh_key = read_url("ssh_key", options.ssh_key, problems);
    plan.proxy = read_proxy(options, problems);
    decide_root(options, plan, problems);
    plan.alpine_dev = parse_if_said(parse_medium, "alpine_dev", options.alpine_dev, problems);
    check_medium(plan.alpine_dev, "alpine_dev", problems);
    plan.apkovl = parse_if_said(parse_file_source, "apkovl", options.apkovl, problems);
    plan.search_apkovl = parse_if_said(parse_search_source, "ovl_dev", options.ovl_dev, problems);
    if (plan.apkovl && plan.search_apkovl) exclude(problems, "ovl_dev", "and apkovl= exclude each other");
    // ovl_dev= with a URL is the apkovl itself.
    if (get_source<UrlSource>(plan.search_apkovl) != nullptr)
        plan.apkovl = std::exchange(plan.search_apkovl, std::nullopt);
    if (get_source<MediumPath>(plan.apkovl) != nullptr && !plan.alpine_dev)
        exclude(problems, fmt::format("apkovl={}", options.apkovl),
                "is a path on alpine_dev, which is not given");
    if (options.modloop != "none") {
        plan.modloop = parse_if_said(parse_file_source, "modloop", options.modloop, problems);
        plan.search_modloop = !plan.modloop && plan.alpine_dev && !plan.root;
        if (get_source<MediumPath>(plan.modloop) != nullptr && !plan.alpine_dev)
            exclude(problems, fmt::format("modloop={}", options.modloop),
                    "is a path on alpine_dev, which is not given");
    }
    if (!plan.root) decide_diskless(options, image, plan, problems);
    MKPXERD_TRY(problems.finish());

    need_hosts(plan.root, options.rootflags, plan);
    for (const auto* source : {&plan.apkovl, &plan.alpine_dev, &plan.modloop})
        need_hosts(*source, {}, plan);
    for (const UrlSource& repository : repositories)
        need_hosts(repository, plan);
    if (plan.ssh_key) need_hosts(*plan.ssh_key, plan);
    const bool asked = std::any_of(plan.ip.begin(), plan.ip.end(),
                                   [](const IpOption& ip) { return ip.method != IpOption::Method::Off; });
    plan.needs_network = asked || !plan.hosts.empty();
    return plan;
}

} // namespace mkpxerd
