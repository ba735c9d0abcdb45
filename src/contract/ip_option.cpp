// SPDX-License-Identifier: MIT
// Three dialects share ip=; the first field tells them apart.
#include "mkpxerd/contract/ip_option.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd {
namespace {

constexpr unsigned smallest_mtu = 68; // RFC 791 3.2
constexpr unsigned largest_mtu = 65535;
constexpr std::size_t longest_device_name = 15; // IFNAMSIZ - 1

enum class MethodWord { Dhcp, Off, Unsupported, Unknown };

MethodWord method_word(std::string_view text) {
    const std::string word = to_lower(text);
    for (const std::string_view dhcp : {"dhcp", "on", "any", "both", "single-dhcp"})
        if (word == dhcp) return MethodWord::Dhcp;
    for (const std::string_view off : {"off", "none"})
        if (word == off) return MethodWord::Off;
    for (const std::string_view unsupported :
         {"bootp", "rarp", "dhcp6", "auto6", "either6", "link6", "auto", "ibft"})
        if (word == unsupported) return MethodWord::Unsupported;
    return MethodWord::Unknown;
}

tl::unexpected<Error> refuse(std::string_view option, std::string text, std::string hint = {}) {
    return fail(fmt::format("ip={}", option), std::move(text), std::move(hint), Failure::BadIpOption);
}

// The fields by position; a missing one is empty.
class Fields {
  public:
    explicit Fields(std::string_view text) : parts_(split(text, ':')) {}
    std::string_view operator[](std::size_t index) const {
        return index < parts_.size() ? parts_[index] : std::string_view{};
    }
    bool any_from(std::size_t index) const {
        return parts_.size() > index &&
               std::any_of(parts_.begin() + static_cast<std::ptrdiff_t>(index), parts_.end(),
                           [](std::string_view part) { return !part.empty(); });
    }

  private:
    std::vector<std::string_view> parts_;
};

// nullopt for an empty field and for 0.0.0.0.
Result<std::optional<Ipv4Address>> parse_address(std::string_view option, std::string_view field,
                                                 std::string_view text) {
    if (text.empty()) return std::optional<Ipv4Address>{};
    const std::optional<Ipv4Address> address = Ipv4Address::parse(text);
    if (!address) return refuse(option, fmt::format("the {} '{}' is not an IPv4 address", field, text));
    if (address->is_unspecified()) return std::optional<Ipv4Address>{};
    return address;
}

Result<unsigned> parse_prefix(std::string_view option, std::string_view text) {
    const std::optional<unsigned> bits = parse_netmask(text);
    if (!bits) return refuse(option, fmt::format("'{}' is not a netmask", text));
    return *bits;
}

Result<unsigned> parse_mtu(std::string_view option, std::string_view text) {
    const std::optional<std::uint64_t> mtu = parse_number(text);
    if (!mtu || *mtu < smallest_mtu || *mtu > largest_mtu)
        return refuse(option,
                      fmt::format("the MTU '{}' is not between {} and {}", text, smallest_mtu, largest_mtu));
    return static_cast<unsigned>(*mtu);
}

// Kernel names contain no '/', whitespace or colon (dev_valid_name in net/core/dev.c).
Result<std::string> parse_device(std::string_view option, std::string_view text) {
    if (to_lower(text) == "bootif") return std::string("BOOTIF");
    if (text.find('-') != std::string_view::npos)
        if (const std::optional<Bootif> bootif = parse_bootif(text)) return to_text(*bootif);
    if (text.size() > longest_device_name || text == "." || text == ".." ||
        text.find_first_of("/ \t\n") != std::string_view::npos)
        return refuse(option, fmt::format("'{}' is not the name of a network interface", text));
    return std::string(text);
}

Result<std::string> parse_hostname(std::string_view option, std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
    });
    if (!plain || text.size() > 64) // HOST_NAME_MAX
        return refuse(option, fmt::format("'{}' is not a host name", text));
    return std::string(text);
}

// off and none mean "no autoconfiguration": static with an address, no network without one.
Result<IpOption::Method> parse_method(std::string_view option, std::string_view text, bool has_address) {
    if (text.empty()) return has_address ? IpOption::Method::Static : IpOption::Method::Dhcp;
    switch (method_word(text)) {
    case MethodWord::Dhcp:
        return IpOption::Method::Dhcp;
    case MethodWord::Off:
        return has_address ? IpOption::Method::Static : IpOption::Method::Off;
    case MethodWord::Unsupported:
        return refuse(option, fmt::format("the method '{}' is not supported", text),
                      "use dhcp or fixed addresses");
    case MethodWord::Unknown:
        break;
    }
    return refuse(option, fmt::format("'{}' is not a method", text), "use dhcp, on, any, off or none");
}

Result<void> parse_client(std::string_view option, const Fields& fields, IpOption& out) {
    const std::string_view text = fields[0];
    const std::size_t slash = text.find('/');
    MKPXERD_TRY_ASSIGN(const std::optional<Ipv4Address> client,
                       parse_address(option, "client address", text.substr(0, slash)));
    if (client && (client->value >> 28 >= 0xe || client->value >> 24 == 127 || client->value >> 24 == 0))
        return refuse(option, fmt::format("{} cannot be the address of a machine", client->text()));
    out.address = client.value_or(Ipv4Address{});
    if (slash != std::string_view::npos) {
        MKPXERD_TRY_ASSIGN(out.prefix, parse_prefix(option, text.substr(slash)));
    }
    if (!fields[3].empty() && fields[3] != "0.0.0.0") {
        MKPXERD_TRY_ASSIGN(const unsigned prefix, parse_prefix(option, fields[3]));
        if (out.prefix != 0 && out.prefix != prefix)
            return refuse(option, fmt::format("the masks /{} and '{}' differ", out.prefix, fields[3]));
        out.prefix = prefix;
    }
    if (out.prefix == 0 && client) out.prefix = class_prefix(*client);
    return {};
}

// Fields 7 to 9 are dns0:dns1:ntp0 in the kernel's form; dracut has mtu[:mac] there.
Result<void> parse_tail(std::string_view option, const Fields& fields, IpOption& out) {
    if (!fields[7].empty() && parse_number(fields[7])) {
        MKPXERD_TRY_ASSIGN(out.mtu, parse_mtu(option, fields[7]));
        if (fields.any_from(8)) return refuse(option, "setting a MAC address is not supported");
        return {};
    }
    for (const std::size_t index : {std::size_t{7}, std::size_t{8}}) {
        MKPXERD_TRY_ASSIGN(const std::optional<Ipv4Address> dns,
                           parse_address(option, "DNS server", fields[index]));
        if (dns) out.dns.push_back(*dns);
    }
    MKPXERD_TRY_ASSIGN(const std::optional<Ipv4Address> ntp, parse_address(option, "NTP server", fields[9]));
    if (ntp) out.ntp.push_back(*ntp);
    if (fields.any_from(10)) return refuse(option, "has more than ten fields");
    return {};
}

Result<IpOption> parse_kernel_form(std::string_view option, const Fields& fields) {
    IpOption out;
    MKPXERD_TRY(parse_client(option, fields, out));
    MKPXERD_TRY_ASSIGN(out.server, parse_address(option, "server address", fields[1]));
    MKPXERD_TRY_ASSIGN(out.gateway, parse_address(option, "gateway", fields[2]));
    MKPXERD_TRY_ASSIGN(out.hostname, parse_hostname(option, fields[4]));
    MKPXERD_TRY_ASSIGN(out.device, parse_device(option, fields[5]));
    MKPXERD_TRY_ASSIGN(out.method, parse_method(option, fields[6], !out.address.is_unspecified()));
    MKPXERD_TRY(parse_tail(option, fields, out));
    return out;
}

Result<IpOption> parse_device_form(std::string_view option, const Fields& fields) {
    IpOption out;
    MKPXERD_TRY_ASSIGN(out.device, parse_device(option, fields[0]));
    MKPXERD_TRY_ASSIGN(out.method, parse_method(option, fields[1], false));
    if (!fields[2].empty()) {
        MKPXERD_TRY_ASSIGN(out.mtu, parse_mtu(option, fields[2]));
    }
    if (fields.any_from(3)) return refuse(option, "setting a MAC address is not supported");
    return out;
}

} // namespace

Result<IpOption> parse_ip_option(std::string_view text) {
    if (text.empty()) return refuse(text, "is empty", "ip=dhcp is the usual value");
    if (text.find('[') != std::string_view::npos) return refuse(text, "IPv6 is not supported");
    const Fields fields(text);
    if (text.find(':') == std::string_view::npos && !Ipv4Address::parse(text.substr(0, text.find('/')))) {
        IpOption out;
        MKPXERD_TRY_ASSIGN(out.method, parse_method(text, text, false));
        return out;
    }
    // Digits, dots and a slash are meant as an address, even if it is a bad one.
    const bool starts_with_device = fields[0].find_first_not_of("0123456789./") != std::string_view::npos;
    if (starts_with_device && method_word(fields[1]) != MethodWord::Unknown)
        return parse_device_form(text, fields);
    return parse_kernel_form(text, fields);
}

std::optional<Bootif> parse_bootif(std::string_view text) {
    constexpr std::size_t mac_length = 17;
    if (text.size() > mac_length) {
        const std::string_view type = text.substr(0, 2);
        if (text[2] != ':' && text[2] != '-') return std::nullopt;
        text.remove_prefix(3);
        if (type == "20") return PortGuid::parse(text);
        if (type != "01" && type != "06" && type != "00") return std::nullopt;
    }
    const std::optional<MacAddress> mac = MacAddress::parse(text);
    // No interface has a group address; "01-52-54-00-aa-bb" is a cut-off value, not an address.
    if (mac && (mac->bytes[0] & 1) != 0) return std::nullopt;
    return mac;
}

} // namespace mkpxerd
