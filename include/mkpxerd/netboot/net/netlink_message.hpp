// SPDX-License-Identifier: MIT
// Messages of netlink(7) as bytes. A message is a header, a fixed struct and attributes (length, type,
// bytes), each padded to four bytes. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <linux/rtnetlink.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/address.hpp"

namespace mkpxerd::netboot {

constexpr std::size_t netlink_align(std::size_t length) {
    return (length + 3) & ~std::size_t{3};
}

// The first bytes as a T; zeros when there are too few.
template <class T>
T load(std::span<const std::byte> bytes) {
    T value{};
    if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}
// The bytes before the first zero.
std::string load_text(std::span<const std::byte> bytes);

// Calls visit(type, payload) for each attribute; stops at the first that does not fit.
template <class Visit>
void for_each_attribute(std::span<const std::byte> bytes, Visit visit) {
    while (bytes.size() >= sizeof(rtattr)) {
        const auto header = load<rtattr>(bytes);
        if (header.rta_len < sizeof(rtattr) || header.rta_len > bytes.size()) return;
        visit(header.rta_type & NLA_TYPE_MASK,
              bytes.subspan(sizeof(rtattr), header.rta_len - sizeof(rtattr)));
        bytes = bytes.subspan(std::min(netlink_align(header.rta_len), bytes.size()));
    }
}

// Calls visit(header, payload) for each message; stops at the first that does not fit.
template <class Visit>
void for_each_message(std::span<const std::byte> bytes, Visit visit) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        const auto header = load<nlmsghdr>(bytes);
        if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > bytes.size()) return;
        visit(header, bytes.subspan(sizeof(nlmsghdr), header.nlmsg_len - sizeof(nlmsghdr)));
        bytes = bytes.subspan(std::min(netlink_align(header.nlmsg_len), bytes.size()));
    }
}

class NetlinkMessage {
  public:
    template <class Body>
    NetlinkMessage(unsigned short type, unsigned flags, const Body& body) {
        append(nlmsghdr{.nlmsg_len = 0,
                        .nlmsg_type = type,
                        .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags),
                        .nlmsg_seq = 0,
                        .nlmsg_pid = 0});
        append(body);
    }
    template <class T>
    NetlinkMessage& add(unsigned short type, const T& value) {
        append(
            rtattr{.rta_len = static_cast<unsigned short>(sizeof(rtattr) + sizeof value), .rta_type = type});
        append(value);
        return *this;
    }
    NetlinkMessage& add(unsigned short type, Ipv4Address address);
    // The whole message, ready to be sent.
    std::span<const std::byte> finish(std::uint32_t sequence, bool acknowledged);

  private:
    template <class T>
    void append(const T& value) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + netlink_align(sizeof value));
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    std::vector<std::byte> bytes_;
};

// The kernel's answer to a request (NLMSG_ERROR): 0 success, or an errno; nullopt: not in this buffer.
std::optional<int> acknowledgement(std::span<const std::byte> buffer, std::uint32_t sequence);
// Whether a dump ends in this buffer: 0 complete, or the errno that ended it; nullopt: it continues.
std::optional<int> dump_end(std::span<const std::byte> buffer, std::uint32_t sequence);
// The kernel marks a dump during which something changed (NLM_F_DUMP_INTR): entries may be missing.
bool is_interrupted(std::span<const std::byte> dump);
// Asks until a dump is not interrupted. After a few attempts it accepts an interrupted one.
Result<std::vector<std::byte>> whole_dump(const std::function<Result<std::vector<std::byte>>()>& ask);

} // namespace mkpxerd::netboot
