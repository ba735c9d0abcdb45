// SPDX-License-Identifier: MIT
// Long options (RFC 3396), and options that servers or relays repeat.
#include "mkpxerd/netboot/net/dhcp_options.hpp"

#include <algorithm>

namespace mkpxerd::netboot::dhcp {
namespace {

// Bytes of an option with a fixed length; 0: a list or a text, of any length.
std::size_t fixed_length(std::uint8_t code) {
    switch (code) {
    case Overload:
    case MessageType:
        return 1;
    case InterfaceMtu:
        return 2;
    case SubnetMask:
    case LeaseTime:
    case ServerIdentifier:
    case RenewalTime:
    case RebindingTime:
        return 4;
    default:
        return 0;
    }
}

// Joins the parts of a long option (RFC 3396). An option of fixed length is never split: of several copies,
// which a relay may add, the first of the right length counts. A repeated list or text counts once.
void add_part(Options& options, std::uint8_t code, DhcpBytes part) {
    std::vector<std::uint8_t>& value = options[code];
    const std::size_t length = fixed_length(code);
    if (length != 0) {
        if (value.size() != length) value.assign(part.begin(), part.end());
    } else if (!std::equal(value.begin(), value.end(), part.begin(), part.end())) {
        value.insert(value.end(), part.begin(), part.end());
    }
}

} // namespace

bool gather_options(DhcpBytes field, Options& options) {
    while (!field.empty() && field[0] != End) {
        if (field[0] == Pad) {
            field = field.subspan(1);
            continue;
        }
        if (field.size() < 2 || field.size() - 2 < field[1]) return false;
        add_part(options, field[0], field.subspan(2, field[1]));
        field = field.subspan(2U + field[1]);
    }
    return true;
}

void OptionWriter::add(DhcpOption code, DhcpBytes value) {
    value = value.first(std::min<std::size_t>(value.size(), 255));
    out_.push_back(code);
    out_.push_back(static_cast<std::uint8_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
}

void OptionWriter::add(DhcpOption code, std::initializer_list<std::uint8_t> value) {
    add(code, DhcpBytes(value.begin(), value.size()));
}

void OptionWriter::add(DhcpOption code, std::string_view text) {
    add(code, DhcpBytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void OptionWriter::add(DhcpOption code, Ipv4Address address) {
    if (address.is_unspecified()) return;
    const std::uint32_t v = address.value;
    add(code, {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16),
               static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)});
}

} // namespace mkpxerd::netboot::dhcp
