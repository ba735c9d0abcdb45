// SPDX-License-Identifier: MIT
// Link messages of rtnetlink, as a dump or as news: whatever surrounds one, it is read as it was written, and
// what is damaged yields no more than lies in the buffer.
#include "harness.hpp"

#include <cstring>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "mkpxerd/netboot/net/link.hpp"
#include "mkpxerd/netboot/net/netlink_message.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;
using namespace mkpxerd::netboot;

namespace {

// One RTM_NEWLINK, written by the kernel's own rules.
class LinkMessage {
  public:
    LinkMessage(unsigned short type, const ifinfomsg& body) {
        header_.nlmsg_type = type;
        append(&header_, sizeof header_);
        append(&body, sizeof body);
    }
    void add(unsigned short type, std::string_view value) {
        rtattr attribute{};
        attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(value.size()));
        attribute.rta_type = type;
        append(&attribute, sizeof attribute);
        append(value.data(), value.size());
    }
    std::string bytes() {
        header_.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
        std::memcpy(bytes_.data(), &header_, sizeof header_);
        return bytes_;
    }

  private:
    void append(const void* bytes, std::size_t size) {
        bytes_.append(static_cast<const char*>(bytes), size);
        bytes_.resize(NLMSG_ALIGN(bytes_.size()));
    }
    nlmsghdr header_{};
    std::string bytes_;
};

template <class T>
T take(std::string_view& bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
    bytes.remove_prefix(std::min(sizeof value, bytes.size()));
    return value;
}

std::string_view take_text(std::string_view& bytes, std::size_t most) {
    const std::size_t size = std::min<std::size_t>(take<std::uint8_t>(bytes) % (most + 1), bytes.size());
    const std::string_view text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return text.substr(0, text.find('\0'));
}

template <class T>
std::string_view bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::span<const std::byte> span_of(std::string_view bytes) {
    return std::as_bytes(std::span(bytes));
}

// The first bytes are a link; those behind them follow its message as they are.
void read_written(std::string_view bytes) {
    ifinfomsg body{};
    body.ifi_index = take<int>(bytes);
    body.ifi_type = take<unsigned short>(bytes);
    body.ifi_flags = take<unsigned>(bytes);
    LinkEvent event;
    event.removed = take<std::uint8_t>(bytes) % 2 == 1;
    Link& link = event.link;
    link.index = body.ifi_index;
    link.hardware = body.ifi_type;
    link.up = (body.ifi_flags & IFF_UP) != 0;
    link.carrier = (body.ifi_flags & 0x10000U) != 0;
    link.mac.bytes = take<decltype(link.mac.bytes)>(bytes);
    link.mtu = take<unsigned>(bytes);
    link.max_mtu = take<unsigned>(bytes);
    const auto master = take<unsigned>(bytes);
    link.enslaved = master != 0;
    link.name = take_text(bytes, IFNAMSIZ - 1);
    link.kind = take_text(bytes, 32);

    LinkMessage message(event.removed ? RTM_DELLINK : RTM_NEWLINK, body);
    message.add(IFLA_IFNAME, {link.name.c_str(), link.name.size() + 1});
    message.add(IFLA_ADDRESS, bytes_of(link.mac.bytes));
    message.add(IFLA_MTU, bytes_of(link.mtu));
    message.add(IFLA_MAX_MTU, bytes_of(link.max_mtu));
    message.add(IFLA_MASTER, bytes_of(master));
    LinkMessage kind(0, {}); // for its attribute alone
    kind.add(IFLA_INFO_KIND, link.kind);
    const std::string nested = kind.bytes().substr(NLMSG_LENGTH(sizeof body));
    message.add(IFLA_LINKINFO | NLA_F_NESTED, nested);
    const auto events = parse_link_events(span_of(message.bytes() + std::string(bytes)));
    require(!events.empty() && events.front() == event);
}

void read_raw(std::string_view bytes) {
    constexpr std::uint32_t asked_as = 7; // the sequence number of the seeds
    constexpr std::size_t smallest = NLMSG_LENGTH(sizeof(ifinfomsg));
    const auto buffer = span_of(bytes);
    const auto events = parse_link_events(buffer);
    require(events.size() <= bytes.size() / smallest);
    std::size_t told = 0;
    for (const LinkEvent& event : events) {
        told += event.link.name.size() + event.link.kind.size();
        require(event.link.name.find('\0') == std::string::npos);
        require(event.link.kind.find('\0') == std::string::npos);
    }
    require(told <= bytes.size());
    if (const auto end = dump_end(buffer, asked_as)) require(*end >= 0);
    std::size_t asked = 0;
    const auto whole = whole_dump([&]() -> Result<std::vector<std::byte>> {
        ++asked;
        return std::vector<std::byte>(buffer.begin(), buffer.end());
    });
    require(whole && (asked > 1) == is_interrupted(buffer) && asked <= 8);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = text_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        read_raw(bytes);
    else
        read_written(bytes);
    return 0;
}
