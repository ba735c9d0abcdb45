// SPDX-License-Identifier: MIT
// Lines for busybox' init and login, and a file for sshd.
#include "mkpxerd/netboot/root/logins.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/root/root_files.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view terminal_type = "vt100";

// "tty0" -> "tty1": the file `active` of an alias names the real console.
void resolve_console(const System& system, const std::string& name, unsigned depth,
                     std::vector<std::string>& found) {
    constexpr unsigned deepest = 4;
    const auto active = read_file(system.host(fmt::format("/sys/class/tty/{}/active", name)));
    if (active && depth < deepest && !trim(*active).empty()) {
        for (const auto next : split_words(*active))
            resolve_console(system, std::string(next), depth + 1, found);
    } else if (std::find(found.begin(), found.end(), name) == found.end()) {
        found.push_back(name);
    }
}

// A missing UART gives an I/O error here.
bool is_terminal(const std::filesystem::path& device) {
    const UniqueFd fd(::open(device.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    return fd && ::tcgetattr(fd.get(), &settings) == 0;
}

// busybox' inittab(5); baud rate 0 keeps the one that the kernel has set.
Result<void> add_to_inittab(const std::filesystem::path& inittab, const std::string& console) {
    MKPXERD_TRY_ASSIGN(const std::string text, read_regular(inittab));
    const auto starts_console = [&](std::string_view line) { return line.starts_with(console + ":"); };
    if (std::ranges::any_of(split_lines(text), starts_console)) return {};
    return append_lines(inittab, fmt::format("# a login on the console of this boot\n"
                                             "{0}::respawn:/sbin/getty -L 0 {0} {1}\n",
                                             console, terminal_type));
}

Result<void> add_to_securetty(const std::filesystem::path& securetty, const std::string& console) {
    MKPXERD_TRY_ASSIGN(const std::string text, read_regular(securetty));
    const auto allows_console = [&](std::string_view line) { return trim(line) == console; };
    if (std::ranges::any_of(split_lines(text), allows_console)) return {};
    return append_lines(securetty, console + "\n");
}

} // namespace

std::vector<std::string> login_consoles(const System& system, const std::vector<std::string>& consoles,
                                        bool autodetect_serial) {
    std::vector<std::string> found;
    resolve_console(system, "console", 0, found);
    for (const std::string& name : consoles)
        resolve_console(system, name, 0, found);
    if (autodetect_serial) {
        const Sysroot sys(system.host("/sys/class/tty"));
        for (const std::string& name : sys.list(""))
            if (sys.resolve_parent(name + "/device")) resolve_console(system, name, 0, found);
    }
    std::erase_if(found, [&](const std::string& name) { return !is_terminal(system.host("/dev/" + name)); });
    return found;
}

Result<void> add_logins(const System& system, const std::vector<std::string>& consoles) {
    const auto inittab = find_in_root(system, "etc/inittab");
    if (!inittab) return {};
    const auto securetty = find_in_root(system, "etc/securetty");
    for (const std::string& console : consoles) {
        MKPXERD_TRY(add_to_inittab(*inittab, console));
        if (securetty) MKPXERD_TRY(add_to_securetty(*securetty, console));
    }
    return {};
}

Result<void> add_ssh_key(const System& system, std::string_view keys) {
    MKPXERD_TRY(make_root_directory(system, "root", 0700));
    MKPXERD_TRY_ASSIGN(const auto directory, make_root_directory(system, "root/.ssh", 0700));
    std::string text = read_in_root(system, "root/.ssh/authorized_keys").value_or("");
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += trim(keys);
    return replace_file(directory / "authorized_keys", text + "\n", 0600);
}

} // namespace mkpxerd::netboot
