// SPDX-License-Identifier: MIT
// packet(7), where the kernel handles the link layer header (SOCK_DGRAM). A filter passes only UDP to port
// 68, so that a busy network does not wake the init. It accepts any source port: some servers and relays do
// not use 67.
#include "mkpxerd/netboot/net/dhcp_socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;

constexpr unsigned max_at_once = 16; // datagrams of a flood before other tasks run

bool attach_filter(int socket) {
    // Offsets within the IP packet: protocol at 9, fragment offset at 6, the destination port after the
    // header and the source port.
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, dhcp_client_port, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
    return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

sockaddr_ll link_address(int interface_index) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_IP);
    address.sll_ifindex = interface_index;
    address.sll_halen = ETH_ALEN;
    std::memset(address.sll_addr, 0xff, ETH_ALEN);
    return address;
}

// A driver with checksum offload on the same host (virtio, veth) hands over packets without their checksum.
bool has_checksum(msghdr& message) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA) continue;
        tpacket_auxdata data{};
        std::memcpy(&data, CMSG_DATA(header), sizeof data);
        return (data.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    }
    return true;
}

} // namespace

Result<DhcpSocket> DhcpSocket::open(asio::io_context& io, int interface_index) {
    UniqueFd socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket && errno == EAFNOSUPPORT)
        return fail("af_packet", "the kernel has no packet sockets, which DHCP needs",
                    "add the feature dhcp to the image, or give a static ip=", Failure::NoPacketSockets);
    const int on = 1;
    if (!socket || !attach_filter(socket.get()) ||
        ::setsockopt(socket.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0)
        return fail(Error("af_packet", fmt::format("cannot open a packet socket: {}", std::strerror(errno)),
                          {}, Failure::NoPacketSockets));
    const sockaddr_ll address = link_address(interface_index);
    // A socket receives once it is bound: no packet arrives before the filter is in place.
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail(
            Error("af_packet",
                  fmt::format("cannot bind to interface {}: {}", interface_index, std::strerror(errno)), {},
                  Failure::NoPacketSockets));
    MKPXERD_TRY_ASSIGN(auto descriptor, watched(io, std::move(socket), "af_packet"));
    return DhcpSocket(std::move(descriptor), interface_index);
}

void DhcpSocket::send(const std::vector<std::uint8_t>& message) {
    const std::vector<std::uint8_t> packet =
        encode_udp({Ipv4Address{0}, Ipv4Address{0xffffffff}, dhcp_client_port, dhcp_server_port, message});
    const sockaddr_ll address = link_address(interface_index_);
    static_cast<void>(::sendto(socket_.native_handle(), packet.data(), packet.size(), 0,
                               reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

std::optional<UdpPacket> DhcpSocket::receive() {
    std::vector<std::uint8_t> buffer(65536);
    for (unsigned i = 0; i < max_at_once; ++i) {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
        iovec piece{buffer.data(), buffer.size()};
        msghdr message{};
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t length = ::recvmsg(socket_.native_handle(), &message, 0);
        if (length < 0 && (errno == EINTR || errno == ENETDOWN))
            continue; // the kernel reports the latter once
        if (length < 0) return std::nullopt;
        std::optional<UdpPacket> packet =
            parse_udp(std::span<const std::uint8_t>(buffer).first(static_cast<std::size_t>(length)),
                      has_checksum(message));
        if (packet && packet->destination_port == dhcp_client_port) return packet;
    }
    return std::nullopt;
}

asio::awaitable<void> DhcpSocket::wait() {
    boost::system::error_code cancelled; // the caller of cancel() knows why
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, cancelled));
}

void DhcpSocket::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

} // namespace mkpxerd::netboot
