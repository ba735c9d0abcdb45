// SPDX-License-Identifier: MIT
// How dumps and requests end: both kinds of end carry a number, because struct nlmsgerr begins with it, and
// netlink_dump_done() puts it after NLMSG_DONE.
#include "mkpxerd/netboot/net/netlink_message.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <climits>

namespace mkpxerd::netboot {
namespace {

// 0, or an errno for -errno. A kernel never sends INT_MIN, which cannot be negated.
int errno_of(std::span<const std::byte> payload) {
    const int number = load<int>(payload);
    return number >= 0 ? 0 : number == INT_MIN ? EIO : -number;
}

// The number of the first message with this sequence number whose type is accepted.
std::optional<int> first_end(std::span<const std::byte> buffer, std::uint32_t sequence,
                             bool (*is_end)(unsigned short type)) {
    std::optional<int> end;
    for_each_message(buffer, [&](const nlmsghdr& reply, std::span<const std::byte> payload) {
        if (!end && reply.nlmsg_seq == sequence && is_end(reply.nlmsg_type)) end = errno_of(payload);
    });
    return end;
}

} // namespace

std::string load_text(std::span<const std::byte> bytes) {
    std::string text(bytes.size(), '\0');
    if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
    text.resize(std::strlen(text.c_str()));
    return text;
}

NetlinkMessage& NetlinkMessage::add(unsigned short type, Ipv4Address address) {
    return add(type, htonl(address.value));
}

std::span<const std::byte> NetlinkMessage::finish(std::uint32_t sequence, bool acknowledged) {
    auto header = load<nlmsghdr>(bytes_);
    header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    if (acknowledged) header.nlmsg_flags |= NLM_F_ACK;
    header.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header, sizeof header);
    return bytes_;
}

std::optional<int> acknowledgement(std::span<const std::byte> buffer, std::uint32_t sequence) {
    return first_end(buffer, sequence, [](unsigned short type) { return type == NLMSG_ERROR; });
}

std::optional<int> dump_end(std::span<const std::byte> buffer, std::uint32_t sequence) {
    return first_end(buffer, sequence,
                     [](unsigned short type) { return type == NLMSG_DONE || type == NLMSG_ERROR; });
}

bool is_interrupted(std::span<const std::byte> dump) {
    bool interrupted = false;
    for_each_message(dump, [&](const nlmsghdr& header, std::span<const std::byte>) {
        interrupted = interrupted || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    });
    return interrupted;
}

Result<std::vector<std::byte>> whole_dump(const std::function<Result<std::vector<std::byte>>()>& ask) {
    constexpr int attempts = 8;
    Result<std::vector<std::byte>> answer = ask();
    for (int i = 1; i < attempts && answer && is_interrupted(*answer); ++i)
        answer = ask();
    return answer;
}

} // namespace mkpxerd::netboot
