// SPDX-License-Identifier: MIT
// Reads the options that name places, derives what the boot needs, and finds contradictions.
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
        problems.add(Problem{.object = fmt::format("{}={}", option, text),
                             .text = "the scheme is not supported",
                             .hint = "use http, https or ftp",
                             .code = Failure::BadOption});
}

std::optional<Source> parse_if_given(Parser parse, std::string_view option, const std::string& value,
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

// Which option needs which host, in order of need.
class Needs {
  public:
    explicit Needs(BootPlan& plan) : plan_(plan) {}
    void add(std::string_view option, HostPort host) {
        if (plan_.network_user.empty()) plan_.network_user = option;
        if (std::find(plan_.hosts.begin(), plan_.hosts.end(), host) == plan_.hosts.end())
            plan_.hosts.push_back(std::move(host));
    }
    void add(std::string_view option, const UrlSource& source) {
        for (const UrlTemplate& alternative : source.alternatives)
            add(option, first_hop(alternative.url, plan_.proxy));
    }
    // mount_options: those that another option gives for this place.
    void add(std::string_view option, const std::optional<Source>& source, std::string_view mount_options) {
        if (const auto* nfs = get_source<NfsSource>(source))
            add(option, HostPort{.host = nfs->host,
                                 .port = nfs_port(fmt::format("{},{}", nfs->options, mount_options))});
        if (const auto* urls = get_source<UrlSource>(source)) add(option, *urls);
    }

  private:
    BootPlan& plan_;
};

void exclude(Problems& problems, std::string object, std::string text) {
    problems.add(Problem{.object = std::move(object),
                         .text = std::move(text),
                         .hint = "see docs/cmdline.md",
                         .code = Failure::ConflictingOptions});
}

void check_medium(const std::optional<Source>& medium, std::string_view option, Problems& problems) {
    if (const auto* url = get_source<UrlSource>(medium))
        problems.add(Problem{.object = fmt::format("{}={}", option, url->text()),
                             .text = "is a URL, which cannot be mounted as a medium",
                             .hint = "",
                             .code = Failure::BadOption});
}

// An nfsroot= without a server means the server of ip= (the kernel's nfsroot.rst).
Result<Source> nfsroot_source(const BootOptions& options, const BootPlan& plan) {
    const auto with_server = std::find_if(plan.ip.begin(), plan.ip.end(),
                                          [](const IpOption& ip) { return ip.server.has_value(); });
    return parse_nfsroot(options.nfsroot, with_server == plan.ip.end() ? "" : with_server->server->text());
}

// Of those for any interface the last counts, as in the kernel: also ip=off, and its server for nfsroot=.
void read_ip(const BootOptions& options, BootPlan& plan, Problems& problems) {
    const auto is_general = [](const IpOption& ip) { return ip.device.empty(); };
    for (const std::string& text : options.ip) {
        auto ip = parse_ip_option(text);
        if (!ip) {
            problems.add(ip.error());
            continue;
        }
        if (is_general(*ip)) std::erase_if(plan.ip, is_general);
        plan.ip.push_back(std::move(*ip));
    }
}

// nullopt: the text is not a URL, or is refused.
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
    Problem problem = proxy.error().problems().front();
    problem.object = "mkpxerd.proxy=" + problem.object;
    problem.hint = "write mkpxerd.proxy=http://host:port";
    problems.add(std::move(problem));
    return std::nullopt;
}

// Without this check, the init would wait for a device with the name of a share.
void check_fstype(const BootOptions& options, const BootPlan& plan, Problems& problems) {
    static constexpr std::array shares = std::to_array<std::string_view>(
        {"9p", "ceph", "cifs", "glusterfs", "nfs", "nfs4", "smb3", "virtiofs"});
    const bool is_share = std::find(shares.begin(), shares.end(), options.rootfstype) != shares.end();
    if (get_source<DeviceSource>(plan.root) != nullptr && is_share)
        problems.add(Problem{
            .object = fmt::format("rootfstype={}", options.rootfstype),
            .text = fmt::format("is not a file system of a device, and root={} is a device", options.root),
            .hint = "root= can be a device, nfs:server:/path, or an http, https or ftp URL",
            .code = Failure::BadOption});
}

void decide_root(const BootOptions& options, BootPlan& plan, Problems& problems) {
    if (leaves_root_to_nfsroot(options.root) && !(options.root.empty() && options.nfsroot.empty())) {
        if (auto source = nfsroot_source(options, plan))
            plan.root = std::move(*source);
        else
            problems.add(source.error());
    } else {
        plan.root = parse_if_given(parse_medium, "root", options.root, problems);
    }
    check_fstype(options, plan, problems);
    // A squashfs from a URL lies in memory, but is read-only.
    plan.root_in_memory = !plan.root || options.overlay || get_source<UrlSource>(plan.root) != nullptr;
    if (!plan.root) return;
    if (!options.packages.empty()) exclude(problems, "pkgs", "is for a diskless boot, and root= was given");
    if (!plan.root_in_memory && !(options.apkovl.empty() && options.ovl_dev.empty()))
        exclude(problems, options.apkovl.empty() ? "ovl_dev" : "apkovl",
                "would change the persistent files of root=: give overlaytmpfs too, or leave root= out");
}

void decide_diskless(const BootOptions& options, const ImageAbilities& image, BootPlan& plan,
                     Problems& problems) {
    const bool wants_packages = !options.packages.empty() || !options.repositories.empty();
    if (wants_packages && !image.has_apk && !options.optional_objects.contains("packages"))
        problems.add(Problem{
            .object = options.packages.empty() ? "alpine_repo" : "pkgs",
            .text = "needs apk, which the image does not have",
            .hint = "build the image with --profile diskless-alpine -b TREE, the tree of an Alpine system",
            .code = Failure::NoApk});
    plan.install_packages = image.has_apk;
    // A source in a bad form has its own error.
    const bool has_source = !options.root.empty() || !options.nfsroot.empty() || !options.apkovl.empty() ||
                            !options.ovl_dev.empty() || !options.alpine_dev.empty() || image.has_apk;
    if (!has_source && !wants_packages)
        problems.add(Problem{
            .object = "command line",
            .text = "asks for nothing to boot: it has no root=, apkovl=, ovl_dev= or alpine_dev=, and the "
                    "image has no apk to fill a diskless root",
            .hint = "give root=, or apkovl= with a URL",
            .code = Failure::NothingToBoot});
    const bool is_diskless = has_source && options.root.empty() && options.nfsroot.empty();
    if (options.overlay && is_diskless)
        exclude(problems, "overlaytmpfs", "needs root=: a diskless root is in memory already");
    plan.search_apkovl_everywhere = !plan.apkovl && !plan.search_apkovl;
    plan.search_repositories_everywhere =
        plan.install_packages && options.repositories.empty() && !plan.alpine_dev;
}

void check_path(std::string_view option, const std::string& value, const std::optional<Source>& source,
                const BootPlan& plan, Problems& problems) {
    if (get_source<MediumPath>(source) != nullptr && !plan.alpine_dev)
        exclude(problems, fmt::format("{}={}", option, value), "is a path on alpine_dev, which is not given");
}

void decide_apkovl(const BootOptions& options, BootPlan& plan, Problems& problems) {
    plan.apkovl = parse_if_given(parse_file_source, "apkovl", options.apkovl, problems);
    plan.search_apkovl = parse_if_given(parse_search_source, "ovl_dev", options.ovl_dev, problems);
    if (plan.apkovl && plan.search_apkovl) exclude(problems, "ovl_dev", "excludes apkovl=");
    // ovl_dev= with a URL is the apkovl itself.
    if (get_source<UrlSource>(plan.search_apkovl) != nullptr)
        plan.apkovl = std::exchange(plan.search_apkovl, std::nullopt);
    check_path("apkovl", options.apkovl, plan.apkovl, plan, problems);
}

void decide_modloop(const BootOptions& options, BootPlan& plan, Problems& problems) {
    if (options.modloop == "none") return;
    plan.modloop = parse_if_given(parse_file_source, "modloop", options.modloop, problems);
    plan.search_modloop = !plan.modloop && plan.alpine_dev && !plan.root;
    check_path("modloop", options.modloop, plan.modloop, plan, problems);
}

// ip=off or ip=none for the whole machine, and no ip= that takes it back for an interface.
bool is_network_off(const BootPlan& plan) {
    const auto is_off = [](const IpOption& ip) { return ip.method == IpOption::Method::Off; };
    return std::all_of(plan.ip.begin(), plan.ip.end(), is_off) &&
           std::any_of(plan.ip.begin(), plan.ip.end(), [](const IpOption& ip) { return ip.device.empty(); });
}

void decide_network(const BootOptions& options, BootPlan& plan, Problems& problems) {
    Needs needs(plan);
    needs.add("root", plan.root, options.rootflags);
    const std::string_view apkovl_option = options.apkovl.empty() ? "ovl_dev" : "apkovl";
    needs.add(apkovl_option, plan.apkovl, {});
    needs.add("alpine_dev", plan.alpine_dev, {});
    needs.add("modloop", plan.modloop, {});
    for (const std::string& repository : options.repositories)
        if (const auto url = read_url("alpine_repo", repository, problems)) needs.add("alpine_repo", *url);
    if (plan.ssh_key) needs.add("ssh_key", *plan.ssh_key);
    const bool is_off = is_network_off(plan);
    if (is_off && !plan.hosts.empty())
        problems.add(
            Problem{.object = "ip=off",
                    .text = fmt::format("the network is switched off, but {} needs it", plan.network_user),
                    .hint = "give ip=dhcp",
                    .code = Failure::NetworkOff});
    const bool is_requested = std::any_of(plan.ip.begin(), plan.ip.end(), [](const IpOption& ip) {
        return ip.method != IpOption::Method::Off;
    });
    plan.needs_network = is_requested || !plan.hosts.empty();
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

BootPlan draft_boot_plan(const BootOptions& options, const ImageAbilities& image, Problems& problems) {
    BootPlan plan;
    read_ip(options, plan, problems);
    plan.ssh_key = read_url("ssh_key", options.ssh_key, problems);
    plan.proxy = read_proxy(options, problems);
    decide_root(options, plan, problems);
    plan.alpine_dev = parse_if_given(parse_medium, "alpine_dev", options.alpine_dev, problems);
    check_medium(plan.alpine_dev, "alpine_dev", problems);
    decide_apkovl(options, plan, problems);
    decide_modloop(options, plan, problems);
    if (!plan.root) decide_diskless(options, image, plan, problems);
    decide_network(options, plan, problems);
    return plan;
}

Result<BootPlan> make_boot_plan(const BootOptions& options, const ImageAbilities& image) {
    Problems problems;
    BootPlan plan = draft_boot_plan(options, image, problems);
    MKPXERD_TRY(problems.finish());
    return plan;
}

} // namespace mkpxerd
