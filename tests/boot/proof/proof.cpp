// SPDX-License-Identifier: MIT
// Stands for the system that was booted: runs as /sbin/init of the new root, prints what it finds as lines
// that begin with PROOF, loads one module (proof.module= on the kernel command line), and powers the machine
// off.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<std::string> option(std::string_view name) {
    std::istringstream words(read("/proc/cmdline"));
    for (std::string word; words >> word;)
        if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=')
            return word.substr(name.size() + 1);
    return std::nullopt;
}

std::string text_of(in_addr address) {
    char text[INET_ADDRSTRLEN];
    return inet_ntop(AF_INET, &address, text, sizeof text) ? text : "none";
}

// Columns of /proc/net/route: interface, destination, gateway, ...; addresses in hexadecimal, network byte
// order.
std::string default_gateway() {
    std::istringstream lines(read("/proc/net/route"));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        std::istringstream columns(line);
        std::string interface;
        in_addr destination{}, gateway{};
        columns >> interface >> std::hex >> destination.s_addr >> gateway.s_addr;
        if (destination.s_addr == 0 && gateway.s_addr != 0) return text_of(gateway);
    }
    return "none";
}

// What the init of the image has left running: nothing may be, a moment after the hand-over.
std::string_view processes_left() {
    struct sigaction wake {};
    wake.sa_handler = [](int) {};
    sigaction(SIGALRM, &wake, nullptr);
    alarm(10);
    while (waitpid(-1, nullptr, 0) > 0)
        ;
    const bool none = errno == ECHILD;
    alarm(0);
    return none ? "none" : "some";
}

void print_process(const std::vector<std::string>& arguments) {
    std::error_code error;
    const fs::path exe = fs::read_symlink("/proc/self/exe", error);
    fmt::print("PROOF process pid={} exe={} left={} arguments={}\n", getpid(), exe.native(), processes_left(),
               fmt::join(arguments, ","));
}

void print_addresses() {
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return;
    for (const ifaddrs* entry = all; entry; entry = entry->ifa_next) {
        if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET || (entry->ifa_flags & IFF_LOOPBACK))
            continue;
        sockaddr_in address{}, mask{};
        std::memcpy(&address, entry->ifa_addr, sizeof address);
        std::memcpy(&mask, entry->ifa_netmask, sizeof mask);
        fmt::print("PROOF address address={}/{} interface={} gateway={}\n", text_of(address.sin_addr),
                   std::popcount(mask.sin_addr.s_addr), entry->ifa_name, default_gateway());
    }
    freeifaddrs(all);
}

// source target type options
void print_mounts() {
    std::istringstream lines(read("/proc/self/mounts"));
    for (std::string line; std::getline(lines, line);)
        fmt::print("PROOF mount {}\n", line);
}

void print_resolv() {
    std::istringstream lines(read("/etc/resolv.conf"));
    std::string text = "PROOF resolv";
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key, value;
        if (words >> key >> value && !key.starts_with('#')) text += fmt::format(" {}={}", key, value);
    }
    fmt::print("{}\n", text);
}

bool is_loaded(const std::string& module) {
    std::istringstream lines(read("/proc/modules"));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(module + ' ')) return true;
    return false;
}

fs::path find_module(const std::string& module) {
    utsname system{};
    uname(&system);
    std::error_code error;
    const fs::path tree = fs::path("/lib/modules") / system.release;
    for (fs::recursive_directory_iterator entry(tree, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().filename() == module + ".ko") return entry->path();
    return {};
}

// Numbers from linux/magic.h, names as in /proc/filesystems.
std::string file_system_of(int fd) {
    struct statfs status {};
    if (fstatfs(fd, &status) != 0) return "unknown";
    switch (static_cast<std::uint32_t>(status.f_type)) {
    case 0x73717368:
        return "squashfs";
    case 0x6969:
        return "nfs";
    case 0x01021994:
        return "tmpfs";
    case 0xef53:
        return "ext4";
    case 0x794c7630:
        return "overlay";
    default:
        return fmt::format("{:#x}", status.f_type);
    }
}

void print_module(const std::string& module) {
    const bool before = is_loaded(module);
    const fs::path path = find_module(module);
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::string error;
    if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0)
        error = fmt::format(" error={}", strerrorname_np(errno));
    fmt::print("PROOF module name={} before={} loaded={} from={} path={}{}\n", module, before ? "yes" : "no",
               is_loaded(module) ? "yes" : "no", file_system_of(fd), path.native(), error);
    if (fd >= 0) close(fd);
}

// "a,b": the lines of both files.
void print_files(const std::string& paths) {
    std::istringstream names(paths);
    for (std::string path; std::getline(names, path, ',');) {
        std::istringstream lines(read(path));
        for (std::string line; std::getline(lines, line);)
            fmt::print("PROOF file {} {}\n", path, line);
    }
}

} // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    fmt::print("PROOF begin\n");
    print_process({argv + 1, argv + argc});
    print_addresses();
    print_mounts();
    print_resolv();
    if (const auto module = option("proof.module")) print_module(*module);
    if (const auto paths = option("proof.files")) print_files(*paths);
    fmt::print("PROOF end\n");
    sync();
    reboot(RB_POWER_OFF);
    // Only a kernel without the right to power off comes here; PID 1 must not end.
    for (;;)
        pause();
}
