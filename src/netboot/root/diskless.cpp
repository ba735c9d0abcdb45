// SPDX-License-Identifier: MIT
// Small files in the new root.
#include "mkpxerd/netboot/root/diskless.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/net/lease_files.hpp"
#include "mkpxerd/netboot/root/memory_root.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/redact.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view default_services_mark = "etc/.default_boot_services";
constexpr std::string_view terminal_type = "vt100";

// What mkinitfs gives a root that brings no runlevels of its own.
constexpr auto default_services = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"sysinit", "devfs"},
    {"sysinit", "dmesg"},
    {"sysinit", "mdev"},
    {"sysinit", "hwdrivers"},
    {"sysinit", "modloop"},
    {"boot", "modules"},
    {"boot", "sysctl"},
    {"boot", "hostname"},
    {"boot", "bootmisc"},
    {"boot", "syslog"},
    {"shutdown", "mount-ro"},
    {"shutdown", "killprocs"},
    {"shutdown", "savecache"},
    {"default", "firstboot"},
});

constexpr auto tiny_cloud_services = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"boot", "tiny-cloud-boot"},
    {"default", "tiny-cloud-early"},
    {"default", "tiny-cloud-main"},
    {"default", "tiny-cloud-final"},
});

// A directory of the new root, made when it is missing; links are followed inside the root.
Result<std::filesystem::path> root_directory(const System& system, std::string_view path,
                                             unsigned mode = 0755) {
    const Sysroot root(system.host(new_root));
    if (const auto there = root.resolve(path)) return root.host(there->path);
    const auto slash = path.rfind('/');
    std::filesystem::path parent = root.root();
    if (slash != std::string_view::npos) {
        MKPXERD_TRY_ASSIGN(parent, root_directory(system, path.substr(0, slash)));
    }
    const auto directory = parent / path.substr(slash + 1); // npos + 1 is 0
    if (::mkdir(directory.c_str(), mode) != 0)
        return fail_errno(directory.string(), "cannot make directory", errno);
    return directory;
}

Result<void> add_service(const System& system, std::string_view level, std::string_view service) {
    MKPXERD_TRY_ASSIGN(const auto directory, root_directory(system, fmt::format("etc/runlevels/{}", level)));
    const auto link = directory / service;
    if (::symlink(fmt::format("/etc/init.d/{}", service).c_str(), link.c_str()) != 0 && errno != EEXIST)
        return fail_errno(link.string(), "cannot make link", errno);
    return {};
}

// Where a file of the new root lies, if it is there.
std::optional<std::filesystem::path> root_file(const System& system, std::string_view path) {
    const Sysroot root(system.host(new_root));
    const auto place = root.resolve(path);
    return place ? std::optional(root.host(place->path)) : std::nullopt;
}

Result<void> copy_into_root(const std::filesystem::path& from, const std::filesystem::path& to) {
    MKPXERD_TRY_ASSIGN(const std::string content, read_regular(from));
    std::error_code ignored; // a link that an apkovl brought must not lead the write elsewhere
    std::filesystem::remove(to, ignored);
    return write_file(to, content);
}

Result<void> append(const std::filesystem::path& path, std::string_view text) {
    auto content = read_regular(path);
    if (!content) return fail(content.error());
    if (!content->empty() && content->back() != '\n') *content += '\n';
    content->append(text);
    return write_file(path, *content);
}

// "tty0" -> "tty1": an alias names what stands behind it in its own `active` file.
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

// A UART that is not there gives an I/O error here.
bool is_terminal(const std::filesystem::path& device) {
    const UniqueFd fd(::open(device.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    return fd && ::tcgetattr(fd.get(), &settings) == 0;
}

} // namespace

bool wants_default_services(const System& system, bool has_apkovl) {
    return !has_apkovl || root_file(system, default_services_mark).has_value();
}

Result<void> add_default_services(const System& system, const BootOptions& options) {
    for (const auto& [level, service] : default_services)
        MKPXERD_TRY(add_service(system, level, service));
    if (!options.ssh_key.empty()) MKPXERD_TRY(add_service(system, "default", "sshd"));
    if (options.tiny_cloud)
        for (const auto& [level, service] : tiny_cloud_services)
            MKPXERD_TRY(add_service(system, level, service));
    if (const auto mark = root_file(system, default_services_mark)) {
        std::error_code ignored; // it would bring the same links again
        std::filesystem::remove(*mark, ignored);
    }
    return {};
}

Result<void> add_clock_service(const System& system) {
    std::error_code ignored;
    const bool has_clock = std::filesystem::exists(system.host("/dev/rtc"), ignored) ||
                           std::filesystem::exists(system.host("/dev/rtc0"), ignored);
    return add_service(system, "boot", has_clock || system.machine() == "s390x" ? "hwclock" : "swclock");
}

Result<bool> copy_keys(const System& system) {
    MKPXERD_TRY_ASSIGN(const auto keys, root_directory(system, "etc/apk/keys"));
    const Sysroot image(system.host("/"));
    for (const std::string& name : image.list("etc/apk/keys"))
        MKPXERD_TRY(copy_into_root(image.host("etc/apk/keys/" + name), keys / name));
    bool has_modloop_keys = false;
    for (const std::string& name : image.list("var/cache/misc")) {
        if (!glob_match("*modloop*.SIGN.RSA.*.pub", name)) continue;
        MKPXERD_TRY_ASSIGN(const auto directory, root_directory(system, "var/cache/misc"));
        MKPXERD_TRY(copy_into_root(image.host("var/cache/misc/" + name), directory / name));
        has_modloop_keys = true;
    }
    return has_modloop_keys;
}

bool has_apk_arch(const System& system) {
    return root_file(system, "etc/apk/arch").has_value();
}

Result<void> set_apk_arch(const System& system, std::string_view arch) {
    const auto file = root_file(system, "etc/apk/arch");
    return file ? write_file(*file, fmt::format("{}\n", arch)) : Result<void>();
}

bool has_own_repositories(const System& system) {
    const Sysroot root(system.host(new_root));
    std::vector<std::string> files = {"etc/apk/repositories"};
    for (const std::string& name : root.list("etc/apk/repositories.d"))
        files.push_back("etc/apk/repositories.d/" + name);
    for (const std::string& file : files) {
        const auto path = root_file(system, file);
        const auto text = path ? read_regular(*path) : Result<std::string>(std::string());
        if (!text) continue;
        for (const auto line : split_lines(*text))
            if (const auto words = split_words(line); !words.empty() && !words[0].starts_with('#'))
                return true;
    }
    return false;
}

bool holds_secret(std::span<const std::string> repositories) {
    return std::ranges::any_of(repositories, [](const std::string& url) { return redact(url) != url; });
}

Result<bool> write_repositories(const System& system, const std::vector<std::string>& repositories) {
    if (repositories.empty()) return false;
    return write_if_missing(system, "/etc/apk/repositories",
                            fmt::format("{}\n", fmt::join(repositories, "\n")),
                            holds_secret(repositories) ? 0600 : 0644);
}

Result<std::filesystem::path> lend_repositories(const System& system,
                                                const std::vector<std::string>& repositories) {
    MKPXERD_TRY_ASSIGN(const auto directory, root_directory(system, "etc/apk/repositories.d"));
    const auto file = directory / "mkpxerd.list";
    std::error_code ignored; // as in copy_into_root
    std::filesystem::remove(file, ignored);
    MKPXERD_TRY(write_file(file, fmt::format("{}\n", fmt::join(repositories, "\n")), 0600));
    return file;
}

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
    const auto inittab = root_file(system, "etc/inittab");
    if (!inittab) return {};
    MKPXERD_TRY_ASSIGN(const std::string text, read_regular(*inittab));
    const auto lines = split_lines(text);
    const auto securetty = root_file(system, "etc/securetty");
    for (const std::string& console : consoles) {
        const bool there = std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
            return line.starts_with(console + ":");
        });
        // Baud rate 0 keeps what the kernel has set.
        if (!there)
            MKPXERD_TRY(append(*inittab, fmt::format("# a login on the console of this boot\n"
                                                     "{0}::respawn:/sbin/getty -L 0 {0} {1}\n",
                                                     console, terminal_type)));
        if (!securetty) continue;
        MKPXERD_TRY_ASSIGN(const std::string allowed, read_regular(*securetty));
        const auto names = split_lines(allowed); // a comment that names the console allows nothing
        if (std::none_of(names.begin(), names.end(),
                         [&](std::string_view name) { return trim(name) == console; }))
            MKPXERD_TRY(append(*securetty, console + "\n"));
    }
    return {};
}

Result<void> add_ssh_key(const System& system, std::string_view keys) {
    MKPXERD_TRY(root_directory(system, "root", 0700));
    MKPXERD_TRY_ASSIGN(const auto directory, root_directory(system, "root/.ssh", 0700));
    const auto path = directory / "authorized_keys";
    std::string text;
    if (const auto there = root_file(system, "root/.ssh/authorized_keys"))
        if (auto content = read_regular(*there)) text = std::move(*content);
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += trim(keys);
    std::error_code ignored; // as in copy_into_root
    std::filesystem::remove(path, ignored);
    return write_file(path, text + "\n", 0600);
}

Result<void> hand_over_lease(const System& system, const NetworkState& network) {
    if (const std::string text = resolv_conf(network); !text.empty())
        MKPXERD_TRY(write_if_missing(system, "/etc/resolv.conf", text));
    if (!network.hostname.empty())
        MKPXERD_TRY(write_if_missing(system, "/etc/hostname", network.hostname + "\n"));
    MKPXERD_TRY(write_if_missing(system, "/etc/network/interfaces", interfaces_text(network)));
    return {};
}

} // namespace mkpxerd::netboot
