// SPDX-License-Identifier: MIT
// The option table. `no` before the name of a flag switches it off, as in mkinitfs.
#include "mkpxerd/contract/boot_options.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

using Form = BootOption::Form;
constexpr auto served = BootOption::Support::Served;
constexpr auto named = BootOption::Support::Named;
constexpr auto kernel = BootOption::Support::Kernel;

constexpr std::string_view our_prefix = "mkpxerd.";

constexpr BootOption table[] = {
    // Network.
    {"ip", Form::Ip, served, "Configures the network: dhcp, off, or fixed addresses in the kernel's syntax."},
    {"BOOTIF", Form::HardwareAddress, served, "The network card that the boot loader used."},
    // Where things come from.
    {"alpine_dev", Form::Device, served,
     "The medium with packages, modloop and apkovl: a device, UUID=, LABEL= or nfs:server:path."},
    {"ovl_dev", Form::Location, served, "Where the apkovl is looked for: device[:fstype] or a URL."},
    {"apkovl", Form::Location, served,
     "The configuration of the machine: a URL, device[:fstype]:path, or a path on alpine_dev."},
    {"alpine_repo", Form::List, served, "Package repositories: URLs or paths between commas, or auto."},
    {"modloop", Form::Location, served,
     "The squashfs with the kernel's modules: a URL, a path on alpine_dev, or none."},
    // The root file system.
    {"root", Form::Text, served,
     "The root file system: a device, UUID=, LABEL=, PARTUUID=, nfs:server:path or a URL; without it, a "
     "diskless root."},
    {"nfsroot", Form::Text, served, "With root=/dev/nfs or without root=: [server:]/path[,options]."},
    {"fetch", Form::Url, served, "As root=, the name that live-boot has for it."},
    {"rootfstype", Form::FsType, served, "File system type of root."},
    {"rootflags", Form::MountOptions, served, "Mount options of root; of the tmpfs in a diskless boot."},
    {"root_size", Form::Text, served, "Size of the diskless root, as the size option of tmpfs."},
    {"ro", Form::Flag, served, "Mounts root read-only."},
    {"rw", Form::Flag, served, "Mounts root writable."},
    {"usrflags", Form::MountOptions, served, "Mount options of a separate /usr; disable leaves it alone."},
    {"overlaytmpfs", Form::Flag, served, "Lays a writable tmpfs over a read-only root."},
    {"overlaytmpfsflags", Form::MountOptions, served, "Mount options of that tmpfs."},
    {"init", Form::Text, served, "The program that takes over in the new root; /sbin/init by default."},
    {"init_args", Form::Text, served, "Arguments for it."},
    // The diskless system.
    {"pkgs", Form::List, served, "Packages to install beside those of the apkovl."},
    {"ssh_key", Form::Text, served,
     "A public key, or the URL of one, for root's authorized_keys; installs openssh."},
    {"keep_apk_new", Form::Flag, served,
     "Keeps the .apk-new files of packages whose settings the apkovl replaces."},
    {"ds", Form::Text, served, "Data source of tiny-cloud."},
    {"tinycloud", Form::Flag, served, "Enables tiny-cloud."},
    {"bootstrap_usr_merged", Form::Flag, served, "Makes /bin, /sbin and /lib of a new root links into /usr."},
    // Drivers.
    {"modules", Form::List, served, "Modules to load first."},
    {"blacklist", Form::List, served, "Modules that are never loaded."},
    {"usbdelay", Form::Number, served, "Seconds to wait for USB devices before media are searched."},
    {"uevent_buf_size", Form::Number, served, "Size of the buffer for kernel events, bytes."},
    // What is seen, and what happens when it fails.
    {"quiet", Form::Flag, served, "Shows warnings and failures only."},
    {"debug_init", Form::Flag, served, "Shows every detail."},
    {"single", Form::Flag, served, "Opens a shell before the new root is entered."},
    {"s", Form::Flag, served, "As single."},
    {"1", Form::Flag, served, "As single."},
    {"panic", Form::Number, served, "Seconds from a failure to the reboot; no shell is offered."},
    {"console", Form::Text, served, "Where the kernel and the init write; the last one is /dev/console."},
    {"autodetect_serial", Form::Text, served, "no: sets up no login on serial consoles that were found."},
    {"resume", Form::Device, served, "Swap device to resume a hibernated system from."},
    {"resume_offset", Form::Number, served, "Where the swap file starts on that device, pages."},
    // Ours. The dot keeps the kernel from handing them to init or warning about them.
    {"mkpxerd.timeout", Form::Number, served,
     "Seconds for the whole network phase, one deadline for everything."},
    {"mkpxerd.onfail", Form::Text, served,
     "What follows a failure: shell, reboot[:seconds], poweroff or retry."},
    {"mkpxerd.optional", Form::List, served,
     "What may be missing without stopping the boot: apkovl, modloop, ..."},
    {"mkpxerd.log", Form::Text, served, "A syslog host (RFC 5424, UDP 514) that receives every line."},
    {"mkpxerd.report", Form::Url, served, "Where the boot report is posted."},
    {"mkpxerd.proxy", Form::Url, served, "HTTP proxy for every fetch."},
    // mkinitfs has these; the init names them.
    {"aoe", Form::List, named, "ATA over Ethernet targets, shelf.slot."},
    {"aoe_iflist", Form::List, named, "Interfaces for ATA over Ethernet."},
    {"aoe_mtu", Form::Number, named, "MTU of these interfaces, bytes."},
    {"cryptroot", Form::Device, named, "Encrypted device to open."},
    {"cryptdm", Form::Text, named, "Name of the opened device."},
    {"cryptheader", Form::Device, named, "Device with a detached LUKS header."},
    {"cryptkey", Form::Text, named, "Key file."},
    {"cryptoffset", Form::Number, named, "Start of the encrypted data, sectors."},
    {"cryptdiscards", Form::Flag, named, "Passes discards through."},
    {"dasd", Form::List, named, "DASD devices of s390x."},
    {"zfcp", Form::List, named, "FCP devices of s390x."},
    {"s390x_net", Form::Text, named, "Network device of s390x."},
    {"nbd", Form::List, named, "Network block devices, host:port."},
    {"wireguard", Form::Text, named, "WireGuard interface before root."},
    {"zfs_force", Form::Number, named, "Imports a pool that another system used."},
    {"splash", Form::Text, named, "Splash screen."},
    {"chart", Form::Flag, named, "Boot chart."},
    {"memdisk", Form::Flag, named, "Boot medium in memory, made by MEMDISK."},
    // The kernel's own and the new system's, so that they are not taken for mistakes.
    {"BOOT_IMAGE", Form::Text, kernel, "Written by the boot loader."},
    {"initrd", Form::Text, kernel, "Read by the boot loader and the EFI stub."},
    {"rdinit", Form::Text, kernel, "The first program in the initial RAM disk instead of /init."},
    {"nomodeset", Form::Flag, kernel, "Leaves the firmware's video mode alone."},
    {"loglevel", Form::Number, kernel, "Which kernel messages reach the console."},
    {"ignore_loglevel", Form::Flag, kernel, "All of them."},
    {"debug", Form::Flag, kernel, "Debug messages of the kernel."},
    {"earlyprintk", Form::Text, kernel, "Messages before consoles exist."},
    {"earlycon", Form::Text, kernel, "Messages before consoles exist."},
    {"keep_bootcon", Form::Flag, kernel, "Keeps the early console."},
    {"log_buf_len", Form::Text, kernel, "Size of the kernel log."},
    {"printk.time", Form::Text, kernel, "Time stamps in the kernel log."},
    {"systemd.unit", Form::Text, kernel, "For the system that is booted."},
    {"acpi", Form::Text, kernel, ""},
    {"acpi_osi", Form::Text, kernel, ""},
    {"apparmor", Form::Text, kernel, ""},
    {"audit", Form::Text, kernel, ""},
    {"cgroup_disable", Form::Text, kernel, ""},
    {"cgroup_enable", Form::Text, kernel, ""},
    {"cma", Form::Text, kernel, ""},
    {"crashkernel", Form::Text, kernel, ""},
    {"default_hugepagesz", Form::Text, kernel, ""},
    {"dma", Form::Flag, kernel, ""},
    {"edd", Form::Text, kernel, ""},
    {"efi", Form::Text, kernel, ""},
    {"fbcon", Form::Text, kernel, ""},
    {"hugepages", Form::Text, kernel, ""},
    {"hugepagesz", Form::Text, kernel, ""},
    {"idle", Form::Text, kernel, ""},
    {"intel_iommu", Form::Text, kernel, ""},
    {"iommu", Form::Text, kernel, ""},
    {"irqpoll", Form::Flag, kernel, ""},
    {"isolcpus", Form::Text, kernel, ""},
    {"kaslr", Form::Flag, kernel, ""},
    {"lockdown", Form::Text, kernel, ""},
    {"lsm", Form::Text, kernel, ""},
    {"maxcpus", Form::Text, kernel, ""},
    {"mem", Form::Text, kernel, ""},
    {"memmap", Form::Text, kernel, ""},
    {"mitigations", Form::Text, kernel, ""},
    {"module_blacklist", Form::List, kernel, "Modules that the kernel itself refuses."},
    {"modprobe.blacklist", Form::List, kernel, "Modules that modprobe refuses in the system that is booted."},
    {"net.ifnames", Form::Text, kernel, ""},
    {"biosdevname", Form::Text, kernel, ""},
    {"no_console_suspend", Form::Flag, kernel, ""},
    {"noapic", Form::Flag, kernel, ""},
    {"nolapic", Form::Flag, kernel, ""},
    {"noefi", Form::Flag, kernel, ""},
    {"nohz", Form::Text, kernel, ""},
    {"nosmp", Form::Flag, kernel, ""},
    {"nosmt", Form::Text, kernel, ""},
    {"nowatchdog", Form::Flag, kernel, ""},
    {"nr_cpus", Form::Text, kernel, ""},
    {"oops", Form::Text, kernel, ""},
    {"pci", Form::Text, kernel, ""},
    {"pcie_aspm", Form::Text, kernel, ""},
    {"preempt", Form::Text, kernel, ""},
    {"pti", Form::Text, kernel, ""},
    {"ramdisk_size", Form::Text, kernel, ""},
    {"random.trust_cpu", Form::Text, kernel, ""},
    {"rcu_nocbs", Form::Text, kernel, ""},
    {"reboot", Form::Text, kernel, ""},
    {"rootdelay", Form::Number, kernel, ""},
    {"rootwait", Form::Flag, kernel, ""},
    {"security", Form::Text, kernel, ""},
    {"selinux", Form::Text, kernel, ""},
    {"slub_debug", Form::Text, kernel, ""},
    {"swiotlb", Form::Text, kernel, ""},
    {"sysrq_always_enabled", Form::Flag, kernel, ""},
    {"transparent_hugepage", Form::Text, kernel, ""},
    {"tsc", Form::Text, kernel, ""},
    {"tsx", Form::Text, kernel, ""},
    {"vga", Form::Text, kernel, ""},
    {"video", Form::Text, kernel, ""},
    {"vt.handoff", Form::Text, kernel, ""},
    {"watchdog", Form::Text, kernel, ""},
    {"zswap.enabled", Form::Text, kernel, ""},
};

// MAC of the boot interface with colons or dashes; UUID of DMI as the kernel prints it, upper case, and with
// the first three fields byte-swapped; serial number, asset tag, host name, address, machine type, kernel
// version.
constexpr std::array<std::string_view, 11> placeholders = {
    "MAC", "MAC-", "UUID", "uuid", "UUID-LE", "SERIAL", "ASSET", "HOSTNAME", "IP", "ARCH", "KVER"};

// isspace() of the kernel.
bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The word from `at` on; `at` ends behind it. A quote that stays open is reported by its position.
std::string_view next_raw_word(std::string_view text, std::size_t& at,
                               std::optional<std::size_t>& open_quote) {
    const std::size_t start = at;
    std::optional<std::size_t> quote;
    for (; at < text.size() && (quote || !is_blank(text[at])); ++at)
        if (text[at] == '"') quote = quote ? std::nullopt : std::optional(at);
    if (quote) open_quote = quote;
    return text.substr(start, at - start);
}

CommandLineWord parse_word(std::string_view raw, std::size_t position) {
    if (raw.starts_with('"')) {
        raw.remove_prefix(1);
        if (raw.ends_with('"')) raw.remove_suffix(1);
    }
    const auto equals =
        raw.find('=', raw.empty() ? 0 : 1); // a leading '=' belongs to the name, as in the kernel
    if (equals == std::string_view::npos) return {std::string(raw), std::nullopt, position};
    std::string_view value = raw.substr(equals + 1);
    if (value.starts_with('"')) {
        value.remove_prefix(1);
        if (value.ends_with('"')) value.remove_suffix(1);
    }
    return {std::string(raw.substr(0, equals)), std::string(value), position};
}

} // namespace

std::span<const BootOption> boot_options() {
    return table;
}

const BootOption* find_boot_option(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &BootOption::name);
    if (found != std::end(table)) return found;
    if (!name.starts_with("no")) return nullptr;
    found = std::ranges::find(table, name.substr(2), &BootOption::name);
    const bool can_be_off = found != std::end(table) && found->form == Form::Flag && found->support == served;
    return can_be_off ? found : nullptr;
}

std::optional<std::string> nearest_boot_option(std::string_view name) {
    // Our prefix is long enough to make any two of our options look alike: names behind it are compared.
    const bool is_ours = name.starts_with(our_prefix);
    if (is_ours) name.remove_prefix(our_prefix.size());
    if (name.size() < 3) return std::nullopt; // one or two letters are near to anything
    std::vector<std::string> spellings;       // in lower case, so that bootif finds BOOTIF
    std::vector<std::string_view> names;
    for (const BootOption& option : table) {
        if (option.support != served) continue;
        std::string_view spelling = option.name;
        const bool option_is_ours = spelling.starts_with(our_prefix);
        if (option_is_ours) spelling.remove_prefix(our_prefix.size());
        if (option_is_ours && spelling == name) return std::string(option.name); // the prefix was forgotten
        if (option_is_ours != is_ours || spelling.size() < 3) continue;
        spellings.push_back(to_lower(spelling));
        names.push_back(option.name);
    }
    const auto best = nearest(to_lower(name), spellings);
    if (!best) return std::nullopt;
    const auto at = std::ranges::find(spellings, *best) - spellings.begin();
    return std::string(names[static_cast<std::size_t>(at)]);
}

std::span<const std::string_view> url_placeholders() {
    return placeholders;
}

CommandLine split_command_line(std::string_view text) {
    CommandLine line;
    bool for_init = false;
    for (std::size_t at = 0; at < text.size();) {
        if (is_blank(text[at])) {
            ++at;
            continue;
        }
        const std::size_t position = at;
        const std::string_view raw = next_raw_word(text, at, line.open_quote);
        if (for_init)
            line.init_args.emplace_back(raw);
        else if (raw == "--")
            for_init = true;
        else
            line.words.push_back(parse_word(raw, position));
    }
    return line;
}

} // namespace mkpxerd
