// SPDX-License-Identifier: MIT
// usage: relay PORT
// Carries one connection of the machine in a trial: QEMU starts this program for it, with the machine's end
// as standard input and output, and the other end is the trial's server on 127.0.0.1. QEMU can restrict a
// machine to such programs, but not to a port of this system.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

bool write_all(int fd, const char* bytes, ssize_t count) {
    for (ssize_t done = 0; done < count;) {
        const ssize_t some = ::write(fd, bytes + done, static_cast<std::size_t>(count - done));
        if (some < 0 && errno != EINTR) return false;
        if (some > 0) done += some;
    }
    return true;
}

// false: the end of this direction.
bool pass(int from, int to) {
    char bytes[65536];
    const ssize_t count = ::read(from, bytes, sizeof bytes);
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    return count > 0 && write_all(to, bytes, count);
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return 1;
    // The server closes the connection after its answer; the machine, when it gives up.
    pollfd ends[2] = {{STDIN_FILENO, POLLIN, 0}, {server, POLLIN, 0}};
    while (::poll(ends, 2, -1) >= 0 || errno == EINTR) {
        if (ends[0].revents != 0 && !pass(STDIN_FILENO, server)) return 0;
        if (ends[1].revents != 0 && !pass(server, STDOUT_FILENO)) return 0;
    }
    return 1;
}
