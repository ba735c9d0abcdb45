// SPDX-License-Identifier: MIT
// Values that pass the parsers and that the init, or the kernel, refuses later.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "checked_line.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/nfs_options.hpp"

namespace mkpxerd::image {
namespace {

class ValueCheck {
  public:
    ValueCheck(const CheckedLine& line, Findings& findings) : line_(line), findings_(findings) {}
    void run() {
        for (const auto& [option, source] : line_.sources()) {
            if (const auto* urls = std::get_if<UrlSource>(&source)) check_fragments(option, *urls);
            if (const auto* nfs = std::get_if<NfsSource>(&source)) check_nfs(option, nfs->options);
            if (option == "root" && std::holds_alternative<NfsSource>(source))
                check_nfs("rootflags", line_.options.rootflags);
        }
        check_servers();
        check_addresses();
        check_names();
        for (const std::string& console : line_.options.consoles)
            check_console(console);
    }

  private:
    void check_fragments(std::string_view option, const UrlSource& urls);
    void check_nfs(std::string_view option, std::string_view options);
    void check_servers();
    void check_addresses();
    void check_names();
    void check_console(const std::string& console);

    const CheckedLine& line_;
    Findings& findings_;
};

// A fragment is a pin; with a placeholder, only the machine knows it.
void ValueCheck::check_fragments(std::string_view option, const UrlSource& urls) {
    constexpr std::string_view pin = "sha256=";
    for (const UrlTemplate& alternative : urls.alternatives) {
        const std::string& fragment = alternative.url.fragment;
        const bool is_fetched_by_others = option == "alpine_repo" || option == "mkpxerd.report";
        if (fragment.empty() || is_fetched_by_others || fragment.find('{') != std::string::npos) continue;
        const std::string digits = to_lower(fragment.substr(std::min(pin.size(), fragment.size())));
        if (fragment.starts_with(pin) && digits.size() == 64 &&
            digits.find_first_not_of("0123456789abcdef") == std::string::npos)
            continue;
        findings_.error(option, fmt::format("'#{}' is not a SHA-256: the init refuses the URL", fragment),
                        "append #sha256= and 64 hexadecimal digits");
    }
}

void ValueCheck::check_nfs(std::string_view option, std::string_view options) {
    if (wants_kerberos(options)) findings_.error(option, kerberos_refusal, sec_sys_hint);
    for (const std::string& each : unknown_nfs_options(options))
        findings_.warn(option, fmt::format("'{}' is not a mount option of NFS: the kernel refuses it", each),
                       "nfs(5) has them, such as vers=3");
}

void ValueCheck::check_servers() {
    const BootOptions& options = line_.options;
    if (!options.log_host.empty() && !HostPort::parse(options.log_host, 514))
        findings_.warn("mkpxerd.log", fmt::format("'{}' is not a host and a port", options.log_host),
                       "write host or host:port, a port from 1 to 65535");
    if (line_.plan.proxy && line_.plan.proxy->scheme != "http")
        findings_.error("mkpxerd.proxy", fmt::format("{}:// is not an HTTP proxy", line_.plan.proxy->scheme),
                        "write mkpxerd.proxy=http://host:port");
}

void ValueCheck::check_addresses() {
    for (const IpOption& ip : line_.plan.ip) {
        if (ip.method != IpOption::Method::Static || !ip.gateway || ip.prefix == 0 || ip.prefix > 32)
            continue;
        const std::uint32_t differing = ip.gateway->value ^ ip.address.value;
        if ((differing >> (32 - ip.prefix)) != 0)
            findings_.warn("ip",
                           fmt::format("the gateway {} is outside the subnet of {}/{}", ip.gateway->text(),
                                       ip.address.text(), ip.prefix),
                           "it works only if it is on the same wire");
    }
}

// Without a lease, only ip= can name a DNS server.
void ValueCheck::check_names() {
    const auto is_static = [](const IpOption& ip) { return ip.method == IpOption::Method::Static; };
    const auto can_name = [](const IpOption& ip) {
        return ip.method == IpOption::Method::Dhcp || !ip.dns.empty();
    };
    if (std::ranges::none_of(line_.plan.ip, is_static) || std::ranges::any_of(line_.plan.ip, can_name))
        return;
    for (const HostPort& host : line_.plan.hosts) {
        const bool is_address =
            Ipv4Address::parse(host.host) || host.host.find_first_of(":{") != std::string::npos;
        if (is_address) continue;
        findings_.warn("ip", fmt::format("names no DNS server, and '{}' is a name", host.host),
                       "append it after the method: ip=...:off:10.0.0.1");
        return;
    }
}

void ValueCheck::check_console(const std::string& console) {
    constexpr std::string_view directory = "/dev/";
    if (console.starts_with(directory))
        findings_.warn("console", fmt::format("the kernel knows no console '{}'", console),
                       fmt::format("write console={}", console.substr(directory.size())));
    else if (const auto dot = console.find('.'); console.starts_with("tty") && dot != std::string::npos)
        findings_.warn("console", fmt::format("the kernel knows no console '{}'", console),
                       fmt::format("write console={},{}", console.substr(0, dot), console.substr(dot + 1)));
}

} // namespace

void check_values(const CheckedLine& line, Findings& findings) {
    ValueCheck(line, findings).run();
}

} // namespace mkpxerd::image
