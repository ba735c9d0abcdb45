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

// What has no placeholder can be judged before the network is there.
void check_urls(const Source& source, Problems& problems) {
    if (source.kind != Source::Kind::Url) return;
    for (const auto text : split(source.url, '|'))
        if (text.find('{') == std::string_view::npos)
            if (const auto url = parse_url(text); !url) problems.add(url.error());
}

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
    check_urls(*source, problems);
    return std::move(*source);
}

constexpr std::uint16_t nfs_port = 2049;

std::string host_port(const std::string& host, std::uint16_t port) {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

// Where the first packet for a URL goes: what is reachable on another port only is reachable.
std::string first_hop(std::string_view text, const std::string& proxy) {
    const auto url = parse_url(text);
    if (!url) return url_host(text); // the fetcher says what is wrong with it
    if (!proxy.empty() && url->scheme != "ftp")
        if (const auto between = parse_url(proxy)) return host_port(between->host, between->port);
    return host_port(url->host, url->port);
}

void need_hosts(const std::optional<Source>& source, const std::string& proxy, BootPlan& plan) {
    if (!source) return;
    std::vector<std::string> hosts;
    if (source->kind == Source::Kind::Nfs) hosts.push_back(host_port(source->nfs.host, nfs_port));
    if (source->kind == Source::Kind::Url)
        for (const auto url : split(source->url, '|'))
            hosts.push_back(first_hop(url, proxy));
    for (std::string& host : hosts)
        if (!host.empty() && std::find(plan.hosts.begin(), plan.hosts.end(), host) == plan.hosts.end())
            plan.hosts.push_back(std::move(host));
}

void exclude(Problems& problems, std::string object, std::string text) {
    problems.add(
        Problem{std::move(object), std::move(text), "see docs/cmdline.md", Failure::ConflictingOptions});
}

void check_medium(const std::optional<Source>& medium, std::string_view option, Problems& problems) {
    if (medium && medium->kind == Source::Kind::Url)
        problems.add(Problem{fmt::format("{}={}", option, medium->url),
                             "is a URL, and no medium that can be mounted",
                             {},
                             Failure::BadOption});
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

// File systems that no block device has: root= would name a share, and be waited for.
void check_fstype(const BootOptions& options, const BootPlan& plan, Problems& problems) {
    static constexpr std::array shares = std::to_array<std::string_view>(
        {"9p", "ceph", "cifs", "glusterfs", "nfs", "nfs4", "smb3", "virtiofs"});
    const bool is_share = std::find(shares.begin(), shares.end(), options.rootfstype) != shares.end();
    if (plan.root && plan.root->kind == Source::Kind::Device && is_share)
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
    plan.root_in_memory = !plan.root || options.overlay || plan.root->kind == Source::Kind::Url;
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
    std::vector<std::string> parts = {root ? "root " + root->text() : "diskless root"};
    if (alpine_dev) parts.push_back("alpine_dev " + alpine_dev->text());
    if (apkovl) parts.push_back("apkovl " + apkovl->text());
    if (search_apkovl) parts.push_back("apkovl searched on " + search_apkovl->text());
    if (modloop) parts.push_back("modloop " + modloop->text());
    if (install_packages) parts.emplace_back("packages");
    if (needs_network) parts.emplace_back("network");
    return fmt::format("{}", fmt::join(parts, ", "));
}

Result<BootPlan> make_boot_plan(const BootOptions& options, const ImageAbilities& image) {
    BootPlan plan;
    Problems problems;
    read_ip(options, plan, problems);
    for (const std::string& repository : options.repositories)
        check_scheme("alpine_repo", repository, problems);
    check_scheme("ssh_key", options.ssh_key, problems);
    if (const auto proxy = parse_url(options.proxy); !options.proxy.empty() && !proxy)
        problems.add(proxy.error());
    decide_root(options, plan, problems);
    plan.alpine_dev = parse_if_said(parse_medium, "alpine_dev", options.alpine_dev, problems);
    check_medium(plan.alpine_dev, "alpine_dev", problems);
    plan.apkovl = parse_if_said(parse_file_source, "apkovl", options.apkovl, problems);
    plan.search_apkovl = parse_if_said(parse_search_source, "ovl_dev", options.ovl_dev, problems);
    if (plan.apkovl && plan.search_apkovl) exclude(problems, "ovl_dev", "and apkovl= exclude each other");
    // ovl_dev= with a URL is the apkovl itself.
    if (plan.search_apkovl && plan.search_apkovl->kind == Source::Kind::Url)
        plan.apkovl = std::exchange(plan.search_apkovl, std::nullopt);
    if (plan.apkovl && plan.apkovl->kind == Source::Kind::Path && !plan.alpine_dev)
        exclude(problems, fmt::format("apkovl={}", options.apkovl),
                "is a path on alpine_dev, which is not given");
    if (options.modloop != "none") {
        plan.modloop = parse_if_said(parse_file_source, "modloop", options.modloop, problems);
        plan.search_modloop = !plan.modloop && plan.alpine_dev && !plan.root;
        if (plan.modloop && plan.modloop->kind == Source::Kind::Path && !plan.alpine_dev)
            exclude(problems, fmt::format("modloop={}", options.modloop),
                    "is a path on alpine_dev, which is not given");
    }
    if (!plan.root) decide_diskless(options, image, plan, problems);
    MKPXERD_TRY(problems.finish());

    for (const auto* source : {&plan.root, &plan.apkovl, &plan.alpine_dev, &plan.modloop})
        need_hosts(*source, options.proxy, plan);
    std::vector<std::string> urls = options.repositories;
    urls.push_back(options.ssh_key);
    for (const std::string& url : urls)
        if (is_url(url)) need_hosts(Source{Source::Kind::Url, url, {}, {}, {}, {}}, options.proxy, plan);
    const bool asked = std::any_of(plan.ip.begin(), plan.ip.end(),
                                   [](const IpOption& ip) { return ip.method != IpOption::Method::Off; });
    plan.needs_network = asked || !plan.hosts.empty();
    return plan;
}

} // namespace mkpxerd
