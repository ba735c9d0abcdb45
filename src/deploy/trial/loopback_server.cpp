// SPDX-License-Identifier: MIT
// GET and HEAD (RFC 9110 section 9.3), one request per connection.
#include "mkpxerd/deploy/trial/loopback_server.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::size_t longest_request = 16384; // bytes

// "0100007F:1F90": an address in the byte order of this machine, a port, both hexadecimal. Documentation/
// networking/proc_net_tcp.rst.
std::string proc_name(const sockaddr_in& address) {
    return fmt::format("{:08X}:{:04X}", address.sin_addr.s_addr, ntohs(address.sin_port));
}

// Whether this user owns the socket at the other end. It is on this machine, so the kernel lists it with its
// owner. A closed socket has no inode and user 0.
bool is_of_own_user(int fd) {
    constexpr std::size_t inode_field = 9;
    sockaddr_in here{};
    sockaddr_in there{};
    socklen_t here_length = sizeof here;
    socklen_t there_length = sizeof there;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &here_length) != 0 ||
        ::getpeername(fd, reinterpret_cast<sockaddr*>(&there), &there_length) != 0)
        return false;
    const std::string table = read_file("/proc/self/net/tcp").value_or("");
    const std::string local = proc_name(there);
    const std::string remote = proc_name(here);
    for (const auto line : split_lines(table)) {
        // number, local, remote, state, queues, timers, retransmits, user, timeout, inode
        const auto fields = split_words(line);
        if (fields.size() <= inode_field || fields[1] != local || fields[2] != remote) continue;
        return parse_number(fields[7]) == std::uint64_t{::geteuid()} && fields[inode_field] != "0";
    }
    return false;
}

} // namespace

Result<LoopbackServer> LoopbackServer::open() {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd || ::bind(fd.get(), generic, length) != 0 || ::listen(fd.get(), 16) != 0 ||
        ::getsockname(fd.get(), generic, &length) != 0)
        return fail_errno("127.0.0.1", "cannot listen", errno);
    return LoopbackServer(std::move(fd), ntohs(address.sin_port));
}

std::vector<pollfd> LoopbackServer::wanted() const {
    std::vector<pollfd> wanted = {{fd_.get(), POLLIN, 0}};
    for (const Connection& connection : connections_)
        wanted.push_back(
            {connection.fd.get(), static_cast<short>(connection.answering ? POLLOUT : POLLIN), 0});
    return wanted;
}

LoopbackServer::Transfer LoopbackServer::transfer() const {
    for (const Connection& connection : connections_)
        if (connection.answering && !connection.name.empty())
            return {connection.name, connection.body.size()};
    return {};
}

void LoopbackServer::work(std::span<const pollfd> ready) {
    for (const pollfd& event : ready) {
        if (event.revents == 0) continue;
        if (event.fd == fd_.get()) {
            accept();
            continue;
        }
        for (auto connection = connections_.begin(); connection != connections_.end(); ++connection) {
            if (connection->fd.get() != event.fd) continue;
            const bool goes_on = connection->answering ? send(*connection) : receive(*connection);
            if (!goes_on) connections_.erase(connection);
            break;
        }
    }
}

Result<std::string> LoopbackServer::serve_directory(std::filesystem::path directory) {
    std::uint64_t bits[2] = {};
    if (::getrandom(bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits))
        return fail_errno("random numbers", "cannot be read", errno);
    directory_ = std::move(directory);
    directory_path_ = fmt::format("/{:016x}{:016x}", bits[0], bits[1]);
    return directory_path_;
}

void LoopbackServer::accept() {
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    Connection& connection = connections_.emplace_back();
    connection.is_own = is_of_own_user(fd.get());
    connection.fd = std::move(fd);
}

bool LoopbackServer::receive(Connection& connection) {
    char bytes[4096];
    const ssize_t count = ::recv(connection.fd.get(), bytes, sizeof bytes, 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    connection.request.append(bytes, static_cast<std::size_t>(count));
    if (connection.request.find("\r\n\r\n") != std::string::npos) {
        answer(connection);
        return true;
    }
    return count > 0 && connection.request.size() < longest_request;
}

void LoopbackServer::answer(Connection& connection) {
    const std::string_view line =
        std::string_view(connection.request).substr(0, connection.request.find('\r'));
    const auto words = split_words(line);
    const bool is_head = !words.empty() && words[0] == "HEAD";
    const char* status = "200 OK";
    if (!connection.is_own)
        status = "403 Forbidden";
    else if (words.size() != 3 || (words[0] != "GET" && !is_head))
        status = "405 Method Not Allowed";
    else if (!find(std::string(words[1].substr(0, words[1].find('?'))), connection))
        status = "404 Not Found";
    connection.head = fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", status,
                                  connection.body.size());
    if (is_head) connection.body = {};
    connection.answering = true;
}

bool LoopbackServer::find(const std::string& path, Connection& connection) const {
    if (const auto content = contents_.find(path); content != contents_.end()) {
        connection.body = std::as_bytes(std::span(content->second));
        return true;
    }
    if (directory_.empty() || !path.starts_with(directory_path_ + "/")) return false;
    // Links are followed only inside the directory.
    const Sysroot root(directory_);
    const std::string below = percent_decode(path.substr(directory_path_.size()));
    if (below.find('\0') != std::string::npos) return false;
    const auto place = root.resolve(below);
    const auto entry = place ? root.entry(place->path) : std::nullopt;
    if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) return false;
    auto file = MappedFile::open(root.host(place->path));
    if (!file) return false;
    connection.name = path.substr(path.rfind('/') + 1);
    connection.file = std::move(*file);
    connection.body = connection.file->bytes();
    return true;
}

bool LoopbackServer::send(Connection& connection) {
    const auto head = std::as_bytes(std::span(connection.head));
    const auto left = connection.sent < head.size() ? head.subspan(connection.sent)
                                                    : connection.body.subspan(connection.sent - head.size());
    const ssize_t count = ::send(connection.fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    connection.sent += static_cast<std::size_t>(count);
    return connection.sent < head.size() + connection.body.size();
}

} // namespace mkpxerd::deploy
