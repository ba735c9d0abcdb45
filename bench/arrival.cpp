// SPDX-License-Identifier: MIT
// The first program of the new root in bench/boot.py: tells when it began and when the kernel ran /init, both
// by the kernel's clock, then what mkpxerd reports of its time, and turns the machine off.
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <string>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

constexpr int read_all = 3; // syslog(2): SYSLOG_ACTION_READ_ALL
constexpr int buffer_size = 10;

// "<6>[    1.234567] Run /init as init process" (init/main.c), by the clock of CLOCK_MONOTONIC.
std::string time_of_init() {
    std::string log(static_cast<std::size_t>(::klogctl(buffer_size, nullptr, 0)), '\0');
    const int length = ::klogctl(read_all, log.data(), static_cast<int>(log.size()));
    log.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    const auto end = log.find("] Run /init as init process");
    const auto start = log.rfind('[', end);
    if (end == std::string::npos || start == std::string::npos) return "unknown";
    const auto number = log.find_first_not_of(' ', start + 1);
    return log.substr(number, end - number);
}

} // namespace

int main() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    // Not every init leaves a console behind.
    ::mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
    if (std::freopen("/dev/console", "w", stdout) == nullptr) return 1;
    fmt::print("ARRIVED init={} now={}.{:06d}\n", time_of_init(), now.tv_sec, now.tv_nsec / 1000);
    std::ifstream report("/run/mkpxerd/report.json");
    for (std::string line; std::getline(report, line);)
        fmt::print("REPORT {}\n", line);
    std::fflush(stdout);
    ::sync();
    ::reboot(RB_POWER_OFF);
    return 1;
}
