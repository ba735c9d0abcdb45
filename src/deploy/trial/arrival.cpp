// SPDX-License-Identifier: MIT
// The system that `mkpxerd try` boots by default: runs as /sbin/init, prints its address, and powers the
// machine off.
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <cstdio>

int main() {
    char address[INET_ADDRSTRLEN] = "no address";
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) == 0)
        for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next)
            if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET &&
                (entry->ifa_flags & IFF_LOOPBACK) == 0)
                ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr,
                            address, sizeof address);
    std::printf("mkpxerd: arrived: /sbin/init runs as process %d with %s\n", ::getpid(), address);
    std::fflush(stdout);
    ::reboot(RB_POWER_OFF);
    // Reached only if the kernel cannot power off; PID 1 must not end.
    while (true)
        ::pause();
}
