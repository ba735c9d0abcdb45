// SPDX-License-Identifier: MIT
// The table, and compile-time checks of it. `no` before the name of a flag switches it off, as in mkinitfs.
#include "mkpxerd/contract/boot_options.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "option_readers.hpp"

namespace mkpxerd {
namespace {

using Form = BootOption::Form;
using Support = BootOption::Support;

constexpr BootOption supported(std::string_view name, Form form, OptionField field,
                               std::string_view meaning) {
    return {.name = name, .form = form, .support = Support::Supported, .meaning = meaning, .field = field};
}

constexpr BootOption number(std::string_view name, NumberBound bound, OptionField field,
                            std::string_view meaning) {
    BootOption option = supported(name, Form::Number, field, meaning);
    option.bound = bound;
    return option;
}

constexpr BootOption repeated(BootOption option) {
    option.adds_up = true;
    return option;
}

constexpr BootOption alias(std::string_view name, std::string_view same_as) {
    return {.name = name,
            .form = Form::Flag,
            .support = Support::Supported,
            .meaning = "The same.",
            .same_as = same_as};
}

// The flag that takes another one back.
constexpr BootOption opposite(std::string_view name, std::string_view opposite_of, std::string_view meaning) {
    return {.name = name,
            .form = Form::Flag,
            .support = Support::Supported,
            .meaning = meaning,
            .opposite_of = opposite_of};
}

constexpr BootOption known(std::string_view name, Form form, std::string_view meaning) {
    return {.name = name, .form = form, .support = Support::Known, .meaning = meaning};
}

constexpr BootOption others(std::string_view name, Form form, std::string_view meaning = {}) {
    return {.name = name, .form = form, .support = Support::Others, .meaning = meaning};
}

constexpr std::string_view our_prefix = "mkpxerd.";

constexpr std::array table = {
    // Network.
    repeated(supported("ip", Form::Ip, &BootOptions::ip,
                       "The network: dhcp, off, or fixed addresses in the kernel's syntax.")),
    supported("BOOTIF", Form::HardwareAddress, &BootOptions::bootif,
              "The network interface that the boot loader used."),
    // Where things come from.
    supported("alpine_dev", Form::Device, &BootOptions::alpine_dev,
              "The medium with packages, modloop and apkovl: a device, UUID=, LABEL= or nfs:server:path."),
    supported("ovl_dev", Form::Location, &BootOptions::ovl_dev,
              "Where to search for the apkovl: device[:fstype], or its URL."),
    supported("apkovl", Form::Location, &BootOptions::apkovl,
              "The configuration of the machine: a URL, device[:fstype]:path, or a path on alpine_dev."),
    supported("alpine_repo", Form::List, read_repositories,
              "Package repositories: URLs or paths between commas, or auto."),
    supported("modloop", Form::Location, &BootOptions::modloop,
              "The squashfs with the kernel's modules: a URL, a path on alpine_dev, or none."),
    // The root file system.
    supported("root", Form::Text, &BootOptions::root,
              "The root file system: a device, UUID=, LABEL=, PARTUUID=, nfs:server:path or a URL; without "
              "it, a diskless root."),
    supported("nfsroot", Form::Text, &BootOptions::nfsroot,
              "The NFS root for root=/dev/nfs, or without root=: [server:]/path[,options]."),
    supported("fetch", Form::Url, read_fetch, "The same as root=, under the name that live-boot uses."),
    supported("rootfstype", Form::FsType, &BootOptions::rootfstype, "The file system type of root."),
    supported("rootflags", Form::MountOptions, &BootOptions::rootflags,
              "Mount options of root; of the tmpfs in a diskless boot."),
    supported("root_size", Form::Text, read_root_size,
              "Size of the diskless root, as in the size option of tmpfs."),
    opposite("ro", "rw", "Mounts root read-only."),
    supported("rw", Form::Flag, &BootOptions::read_write, "Mounts root writable."),
    supported("usrflags", Form::MountOptions, &BootOptions::usrflags,
              "Mount options of a separate /usr; disable does not mount it."),
    supported("overlaytmpfs", Form::Flag, &BootOptions::overlay,
              "Keeps changes to a read-only root in memory."),
    supported("overlaytmpfsflags", Form::MountOptions, &BootOptions::overlay_flags,
              "Mount options of that tmpfs."),
    supported("init", Form::Text, read_init,
              "The program that takes over in the new root; /sbin/init by default."),
    supported("init_args", Form::Text, read_init_arguments, "Arguments for it."),
    // The diskless system.
    supported("pkgs", Form::List, &BootOptions::packages,
              "Packages to install in addition to those of the apkovl."),
    supported("ssh_key", Form::Text, &BootOptions::ssh_key,
              "A public key, or the URL of one, for root's authorized_keys; installs openssh."),
    supported("keep_apk_new", Form::Flag, &BootOptions::keep_apk_new,
              "Keeps the .apk-new files of packages whose settings the apkovl replaces."),
    supported("ds", Form::Text, read_cloud_source, "Data source of tiny-cloud."),
    supported("tinycloud", Form::Flag, read_tiny_cloud, "Enables tiny-cloud."),
    supported("bootstrap_usr_merged", Form::Flag, &BootOptions::usr_merged,
              "Makes /bin, /sbin and /lib of a new root links into /usr."),
    // Drivers.
    supported("modules", Form::List, read_modules, "Modules to load first."),
    supported("blacklist", Form::List, &BootOptions::blacklist, "Modules never to load for a device."),
    number("usbdelay", {0, 3600, "seconds"}, &BootOptions::device_delay,
           "Seconds that devices get to appear before the search for media."),
    number("uevent_buf_size", {1, 1 << 30, "bytes"}, &BootOptions::uevent_buffer,
           "Size of the buffer for kernel events, in bytes."),
    // Messages, and what follows a failure.
    supported("quiet", Form::Flag, &BootOptions::quiet, "Shows only warnings and failures."),
    supported("debug_init", Form::FlagOrList, read_debug,
              "Shows every detail, or only those of the subjects between commas."),
    supported("single", Form::Flag, &BootOptions::single, "Opens a shell before the hand-over."),
    alias("s", "single"),
    alias("1", "single"),
    number("panic", {INT32_MIN, INT32_MAX, "seconds"}, read_panic,
           "Seconds from a failure to the restart; no shell is offered."),
    repeated(supported("console", Form::Text, read_console,
                       "Where the kernel and the init write; the last one is /dev/console.")),
    supported("autodetect_serial", Form::Text, read_serial_detection,
              "no: starts logins only on the consoles of console=."),
    supported("resume", Form::Device, &BootOptions::resume,
              "Swap device to resume a hibernated system from."),
    opposite("noresume", "resume", "Does not resume a hibernated system."),
    number("resume_offset", {0, std::int64_t{1} << 40, "pages"}, read_resume_offset,
           "Offset of the swap file on that device, in pages."),
    // Our own. The kernel neither passes names with a dot to the init nor warns about them.
    number("mkpxerd.timeout", {1, 86400, "seconds"}, &BootOptions::timeout,
           "Seconds that network, devices and servers may take together."),
    supported("mkpxerd.onfail", Form::Text, read_on_fail,
              "What follows a failure: shell, reboot[:seconds], poweroff or retry."),
    supported("mkpxerd.optional", Form::List, read_optional_objects,
              "What may be missing without failing the boot: apkovl, modloop, packages."),
    supported("mkpxerd.log", Form::Text, &BootOptions::log_host,
              "A syslog host[:port] that receives every line (RFC 5424, UDP)."),
    supported("mkpxerd.report", Form::Url, &BootOptions::report_url,
              "The URL to post the boot report to, or a serial port to write it to: /dev/ttyS1."),
    supported("mkpxerd.proxy", Form::Url, &BootOptions::proxy, "HTTP proxy for http and https."),
    // Options of mkinitfs that the init reports.
    known("aoe", Form::List, "ATA over Ethernet targets, shelf.slot."),
    known("aoe_iflist", Form::List, "Interfaces for ATA over Ethernet."),
    known("aoe_mtu", Form::Number, "MTU of these interfaces, in bytes."),
    known("cryptroot", Form::Device, "The encrypted device to open."),
    known("cryptdm", Form::Text, "Name of the opened device."),
    known("cryptheader", Form::Device, "Device with a detached LUKS header."),
    known("cryptkey", Form::Text, "Key file."),
    known("cryptoffset", Form::Number, "Start of the encrypted data, in sectors."),
    known("cryptdiscards", Form::Flag, "Passes discards through."),
    known("dasd", Form::List, "DASD devices of s390x."),
    known("zfcp", Form::List, "FCP devices of s390x."),
    known("s390x_net", Form::Text, "Network device of s390x."),
    known("nbd", Form::List, "Network block devices, host:port."),
    known("wireguard", Form::Text, "WireGuard interface before root."),
    known("zfs_force", Form::Number, "Imports a pool that another system used."),
    known("chart", Form::Flag, "Boot chart."),
    known("memdisk", Form::Flag, "Boot medium in memory, made by MEMDISK."),
    // Options of the kernel and of the system that is booted; listed so that they are not taken for typos.
    others("BOOT_IMAGE", Form::Text, "Written by the boot loader."),
    others("initrd", Form::Text, "Read by the boot loader and the EFI stub."),
    others("rdinit", Form::Text, "The program to run in the initrd in place of /init."),
    others("nomodeset", Form::Flag, "Leaves the firmware's video mode alone."),
    others("loglevel", Form::Number, "Which kernel messages reach the console."),
    others("ignore_loglevel", Form::Flag, "Shows all kernel messages."),
    others("debug", Form::Flag, "Debug messages of the kernel."),
    others("earlyprintk", Form::Text, "Messages before consoles exist."),
    others("earlycon", Form::Text, "Messages before consoles exist."),
    others("keep_bootcon", Form::Flag, "Keeps the early console."),
    others("log_buf_len", Form::Text, "Size of the kernel log."),
    others("printk.time", Form::Text, "Time stamps in the kernel log."),
    others("systemd.unit", Form::Text, "For the system that is booted."),
    others("acpi", Form::Text),
    others("acpi_osi", Form::Text),
    others("apparmor", Form::Text),
    others("audit", Form::Text),
    others("cgroup_disable", Form::Text),
    others("cgroup_enable", Form::Text),
    others("cma", Form::Text),
    others("crashkernel", Form::Text),
    others("default_hugepagesz", Form::Text),
    others("dma", Form::Flag),
    others("edd", Form::Text),
    others("efi", Form::Text),
    others("fbcon", Form::Text),
    others("hugepages", Form::Text),
    others("hugepagesz", Form::Text),
    others("idle", Form::Text),
    others("intel_iommu", Form::Text),
    others("iommu", Form::Text),
    others("irqpoll", Form::Flag),
    others("isolcpus", Form::Text),
    others("kaslr", Form::Flag),
    others("lockdown", Form::Text),
    others("lsm", Form::Text),
    others("maxcpus", Form::Text),
    others("mem", Form::Text),
    others("memmap", Form::Text),
    others("mitigations", Form::Text),
    others("module_blacklist", Form::List, "Modules that the kernel itself refuses to load."),
    others("modprobe.blacklist", Form::List, "Modules that modprobe does not load by alias."),
    others("net.ifnames", Form::Text),
    others("biosdevname", Form::Text),
    others("no_console_suspend", Form::Flag),
    others("noapic", Form::Flag),
    others("nolapic", Form::Flag),
    others("noefi", Form::Flag),
    others("nohz", Form::Text),
    others("nosmp", Form::Flag),
    others("nosmt", Form::Text),
    others("nowatchdog", Form::Flag),
    others("nr_cpus", Form::Text),
    others("oops", Form::Text),
    others("pci", Form::Text),
    others("pcie_aspm", Form::Text),
    others("preempt", Form::Text),
    others("pti", Form::Text),
    others("ramdisk_size", Form::Text),
    others("random.trust_cpu", Form::Text),
    others("rcu_nocbs", Form::Text),
    others("reboot", Form::Text),
    others("rootdelay", Form::Number),
    others("rootwait", Form::Flag),
    others("security", Form::Text),
    others("selinux", Form::Text),
    others("slub_debug", Form::Text),
    others("swiotlb", Form::Text),
    others("sysrq_always_enabled", Form::Flag),
    others("transparent_hugepage", Form::Text),
    others("tsc", Form::Text),
    others("tsx", Form::Text),
    others("vga", Form::Text),
    others("video", Form::Text),
    others("vt.handoff", Form::Text),
    others("watchdog", Form::Text),
    others("zswap.enabled", Form::Text),
    // Near to one of ours.
    others("conmode", Form::Text),
    others("netconsole", Form::Text, "Sends the kernel's log over the network."),
    others("vmpanic", Form::Text),
};

constexpr bool is_in_table(std::string_view name) {
    return std::ranges::find(table, name, &BootOption::name) != table.end();
}
constexpr bool has_range(const BootOption& option) {
    return option.support != Support::Supported || option.form != Form::Number ||
           (!option.bound.unit.empty() && option.bound.lowest < option.bound.highest);
}
static_assert(std::ranges::all_of(table, has_range), "a supported number has no bound");
constexpr bool is_bound(const BootOption& option) {
    if (option.support != Support::Supported) return true;
    if (!option.same_as.empty()) return is_in_table(option.same_as);
    if (!option.opposite_of.empty()) return is_in_table(option.opposite_of);
    return !std::holds_alternative<std::monostate>(option.field);
}
static_assert(std::ranges::all_of(table, is_bound), "a supported option is bound to nothing");
static_assert(std::ranges::all_of(table,
                                  [](const BootOption& option) {
                                      return std::ranges::count(table, option.name, &BootOption::name) == 1;
                                  }),
              "an option is in the table twice");

} // namespace

std::span<const BootOption> boot_options() {
    return table;
}

const BootOption* find_boot_option(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &BootOption::name);
    if (found != table.end()) return found;
    if (!name.starts_with("no")) return nullptr;
    found = std::ranges::find(table, name.substr(2), &BootOption::name);
    const bool has_negation =
        found != table.end() && can_be_switched(*found) && found->support == Support::Supported;
    return has_negation ? found : nullptr;
}

std::optional<std::string> nearest_boot_option(std::string_view name) {
    // Our prefix is long enough to make any two of our options look alike: only the rest is compared.
    const bool is_ours = name.starts_with(our_prefix);
    if (is_ours) name.remove_prefix(our_prefix.size());
    if (name.size() < 3) return std::nullopt; // one or two letters are close to anything
    std::vector<std::string> spellings;       // in lower case, so that bootif finds BOOTIF
    std::vector<std::string_view> names;
    for (const BootOption& option : table) {
        if (option.support != Support::Supported) continue;
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

} // namespace mkpxerd
