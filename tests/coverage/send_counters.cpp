// SPDX-License-Identifier: MIT
// Linked into the init of the coverage guest: before PID 1 becomes another program or restarts the machine,
// it sends what it has counted through the second serial port. `COUNTERS_CRASH=1`, which the kernel passes on
// from its command line, makes the init break after a few seconds.
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/reboot.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

extern "C" {
std::uint64_t __llvm_profile_get_size_for_buffer();
int __llvm_profile_write_buffer(char* buffer);
// PID 1 does not end, so that nothing is ever leaked; and the search for leaks needs /proc.
const char* __asan_default_options() {
    return "detect_leaks=0";
}
}

namespace {

constexpr std::string_view mark = "MPXCOUNT"; // and the length, 8 bytes, before each set of counters
constexpr unsigned seconds_to_crash = 4;      // later than its first steps

int open_port() {
    if (const int port = ::open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC); port >= 0) return port;
    ::mknod("/counters", S_IFCHR | 0600, makedev(4, 65)); // before devtmpfs is there
    return ::open("/counters", O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

void write_all(int port, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::write(port, data, size);
        if (count <= 0) return;
        data += count;
        size -= static_cast<std::size_t>(count);
    }
}

// Also called by the handler of a fault: no heap.
void send_counters() {
    const std::uint64_t size = __llvm_profile_get_size_for_buffer();
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int port = open_port();
    if (memory == MAP_FAILED || port < 0) return;
    char* counters = static_cast<char*>(memory);
    termios settings{};
    ::tcgetattr(port, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(port, TCSANOW, &settings);
    if (__llvm_profile_write_buffer(counters) == 0) {
        std::array<char, 8> length{};
        std::memcpy(length.data(), &size, length.size());
        write_all(port, mark.data(), mark.size());
        write_all(port, length.data(), length.size());
        write_all(port, counters, size);
        ::tcdrain(port);
    }
    ::close(port);
    ::munmap(memory, size);
}

[[gnu::constructor]] void crash_when_asked() {
    if (::getpid() != 1 || std::getenv("COUNTERS_CRASH") == nullptr) return;
    ::unsetenv("COUNTERS_CRASH"); // once: the init starts itself again
    ::signal(SIGALRM, [](int) { ::raise(SIGSEGV); });
    ::alarm(seconds_to_crash);
}

} // namespace

// In place of the C library's.
extern "C" int execve(const char* path, char* const arguments[], char* const environment[]) noexcept {
    if (::getpid() == 1) send_counters();
    return static_cast<int>(::syscall(SYS_execve, path, arguments, environment));
}

extern "C" int reboot(int command) noexcept {
    if (::getpid() == 1) send_counters();
    return static_cast<int>(
        ::syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, nullptr));
}
