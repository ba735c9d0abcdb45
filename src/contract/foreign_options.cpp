// SPDX-License-Identifier: MIT
// The table, from dracut.cmdline(7), systemd-veritysetup-generator(8), kernel-command-line(7), live-boot(7),
// casper(7), initramfs-tools(7), mkinitcpio(8), booster(1), mkinitcpio-archiso's README.bootparams and the
// kernel's kernel-parameters.txt.
#include "mkpxerd/contract/foreign_options.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

using Kind = ForeignOption::Kind;
constexpr auto verification = Kind::Verification;
constexpr auto root = Kind::Root;
constexpr auto network = Kind::Network;
constexpr auto hint = Kind::Hint;

constexpr std::string_view verify = "this init verifies by #sha256= after a URL, --pin or signatures";
constexpr std::string_view root_hint = "write root=nfs:server:/path, root= with a URL, or a device";
constexpr std::string_view overlay = "write overlaytmpfs";
constexpr std::string_view overlay_size = "write overlaytmpfsflags=size=";
constexpr std::string_view ip_hint = "name the interface in ip=: ip=:::::eth0:dhcp";
constexpr std::string_view links =
    "this init makes no VLANs, bonds, bridges or teams: the switch's port must do without";
constexpr std::string_view nfsroot_alone = "leave it out: nfsroot= alone names the root";
constexpr std::string_view proxy = "write mkpxerd.proxy=http://host:port";
constexpr std::string_view load = "write modules=";
constexpr std::string_view details = "write debug_init";
constexpr std::string_view shell =
    "write single for a shell before the hand-over, mkpxerd.onfail=shell for one after a failure";
constexpr std::string_view deadline = "write mkpxerd.timeout=";
constexpr std::string_view volumes = "this init opens no LUKS, LVM, RAID or multipath devices";
constexpr std::string_view in_memory = "a root from a URL is in memory anyway";
constexpr std::string_view lasting = "changes stay in memory: put what must last into an apkovl";
constexpr std::string_view installer = "the Debian installer has an initrd of its own";
constexpr std::string_view kernel_keys = "this init loads no keys into the kernel";
constexpr std::string_view needless = "leave it out";

constexpr auto table = std::to_array<ForeignOption>({
    {"roothash*", verification, verify},
    {"usrhash*", verification, verify},
    {"verity*", verification, verify},
    {"systemd.verity*", verification, verify},
    {"rd.systemd.verity*", verification, verify},
    {"rd.verity*", verification, verify},
    {"systemd.image-policy", verification, verify},
    {"rd.systemd.image-policy", verification, verify},
    {"systemd.integrity*", verification, verify},
    {"rd.integrity*", verification, verify},
    {"integritysetup*", verification, verify},
    {"integrity", verification, verify},
    {"integrity-check", verification, verify},
    {"check-integrity", verification, verify},
    {"rd.live.check", verification, verify},
    {"dm-verity-*", verification, verify},
    {"cms-verify", verification, verify},
    {"verify", verification, verify},
    {"verify-checksums", verification, verify},
    {"checksum", verification, verify},
    {"dm-mod.create", verification, verify},
    {"dm", verification, verify},
    {"composefs", verification, verify},
    {"rd.composefs*", verification, verify},
    {"boot", root, root_hint},
    {"netboot", root, root_hint},
    {"netroot", root, root_hint},
    {"httpfs", root, root_hint},
    {"ftpfs", root, root_hint},
    {"nfsopts", root, "write the options after a comma: root=nfs:server:/path,vers=3"},
    {"live-media", root, root_hint},
    {"bootfrom", root, root_hint},
    {"layerfs-path", root, root_hint},
    {"url", root, "write root= with the URL of the squashfs in the ISO file"},
    {"loop", root, root_hint},
    {"loopfstype", root, root_hint},
    {"loopflags", root, root_hint},
    {"nbdroot", root, root_hint},
    {"fcoe", root, root_hint},
    {"iscsi", root, root_hint},
    {"nvmf.*", root, root_hint},
    {"rd.nvmf.*", root, root_hint},
    {"findiso", root, root_hint},
    {"fromiso", root, root_hint},
    {"iso-scan/filename", root, root_hint},
    {"img-dev", root, root_hint},
    {"img-loop", root, root_hint},
    {"archiso*", root, root_hint},
    {"coreos.live.*", root, root_hint},
    {"rd.iscsi*", root, root_hint},
    {"iscsi-*", root, root_hint},
    {"ostree", root, root_hint},
    {"overlayroot", root, overlay},
    {"rd.overlay*", root, overlay},
    {"systemd.volatile", root, overlay},
    {"vlan", network, links},
    {"bond", network, links},
    {"bridge", network, links},
    {"team", network, links},
    {"ifname", network, ip_hint},
    {"bootdev", network, ip_hint},
    {"ethdevice", network, ip_hint},
    {"live-netdev", network, ip_hint},
    {"rd.route", network, "routes come from the lease, or are the gateway of ip="},
    {"rd.znet*", network, ip_hint},
    {"rd.*", hint, "docs/from-others.md has the options of dracut with ours"},
    {"rd.live.*", hint, "write root= with the URL of the squashfs"},
    {"rd.live.ram", hint, in_memory},
    {"rd.live.overlay.size", hint, overlay_size},
    {"rd.live.overlay.overlayfs", hint, overlay},
    {"rd.shell", hint, shell},
    {"rd.emergency", hint, "write mkpxerd.onfail="},
    {"rd.debug", hint, details},
    {"rd.info", hint, details},
    {"rd.memdebug", hint, details},
    {"rd.log", hint, details},
    {"rd.break", hint, "write single"},
    {"rd.driver.*", hint, load},
    {"rd.driver.pre", hint, load},
    {"rd.driver.blacklist", hint, "write blacklist="},
    {"rd.modules-force-load", hint, load},
    {"rd.neednet", hint, "write ip=dhcp"},
    {"rd.bootif", hint, "write BOOTIF="},
    {"rd.peerdns", hint, "name the DNS servers in ip="},
    {"rd.net.*", hint, deadline},
    {"rd.retry", hint, deadline},
    {"rd.timeout", hint, deadline},
    {"rd.noverifyssl", hint, "add the server's authority to the image: --ca FILE"},
    {"rd.skipfsck", hint, "this init checks no file system"},
    {"rd.luks*", hint, volumes},
    {"rd.lvm*", hint, volumes},
    {"rd.md*", hint, volumes},
    {"rd.dm*", hint, volumes},
    {"rd.multipath*", hint, volumes},
    {"rd.systemd.*", hint, "the image has no systemd"},
    {"rd.udev.*", hint, "the image has no udev"},
    {"rootfallback", hint, "write alternatives into root=: URL|URL"},
    {"nameserver", hint, "write the DNS server into ip=, or let the lease name it"},
    {"cifsuser", hint, root_hint},
    {"cifspass", hint, root_hint},
    {"ecryptfskey", hint, kernel_keys},
    {"evmkey", hint, kernel_keys},
    {"evmx509", hint, kernel_keys},
    {"masterkey*", hint, kernel_keys},
    {"mount.usr*", hint, "the fstab of the root names /usr; its options are usrflags="},
    {"inst.repo", hint, "write root= with the URL of the squashfs"},
    {"inst.stage2", hint, "write root= with the URL of the squashfs"},
    {"proxy", hint, proxy},
    {"http-proxy", hint, proxy},
    {"https-proxy", hint, proxy},
    {"ftp-proxy", hint, proxy},
    {"all-proxy", hint, proxy},
    {"no-proxy", hint, "mkpxerd.proxy= is for every http and https URL"},
    {"overlay", hint, overlay},
    {"overlay-size", hint, overlay_size},
    {"cow-*", hint, overlay_size},
    {"toram", hint, in_memory},
    {"todisk", hint, in_memory},
    {"copytoram*", hint, in_memory},
    {"persistence*", hint, lasting},
    {"persistent*", hint, lasting},
    {"live-media-*", hint, root_hint},
    {"ethdevice-timeout", hint, deadline},
    {"union", hint, "overlayfs is the only one"},
    {"ignore-uuid", hint, needless},
    {"nopersistence", hint, needless},
    {"nopersistent", hint, needless},
    {"nofastboot", hint, needless},
    {"noeject", hint, needless},
    {"noprompt", hint, needless},
    {"showmounts", hint, needless},
    {"silent", hint, "write quiet"},
    {"swap", hint, "the fstab of the root names the swap device"},
    {"break", hint, shell},
    {"earlymodules", hint, load},
    {"disablehooks", hint, "an image has no hooks: build it without the feature"},
    {"lvmwait", hint, volumes},
    {"cryptdevice", hint, volumes},
    {"cryptopts", hint, volumes},
    {"zfs", hint, "this init mounts no root on ZFS yet"},
    {"booster.*", hint, details},
    {"initramfs.*", hint, "/run has the size that the kernel gives it"},
    {"preseed*", hint, installer},
    {"debian-installer/*", hint, installer},
    {"netcfg/*", hint, installer},
});

std::string plain_name(std::string_view name) {
    std::string plain = to_lower(name);
    std::replace(plain.begin(), plain.end(), '_', '-');
    return plain;
}

// The longest matching pattern is the most specific one.
const ForeignOption* find(std::string_view name) {
    const ForeignOption* best = nullptr;
    for (const ForeignOption& option : table) {
        const bool open = option.name.ends_with('*');
        const std::string_view start = option.name.substr(0, option.name.size() - (open ? 1 : 0));
        if (open ? !name.starts_with(start) : name != start) continue;
        if (best == nullptr || best->name.size() < option.name.size()) best = &option;
    }
    return best;
}

bool takes_back(std::string_view value) {
    for (const std::string_view word : {"0", "n", "no", "off", "false", "disabled", "disable"})
        if (value == word) return true;
    return false;
}

bool has_word(std::span<const CommandLineWord> line, std::string_view name, std::string_view part = {}) {
    return std::any_of(line.begin(), line.end(), [&](const CommandLineWord& word) {
        return word.name == name && word.value.value_or("").find(part) != std::string::npos;
    });
}

// boot= of initramfs-tools and live-boot names the default, or repeats what fetch= says; so does
// rd.live.image beside the URL of the squashfs.
bool is_redundant(std::string_view name, std::string_view value, std::span<const CommandLineWord> line) {
    if (name == "rd.live.image") return has_word(line, "root", "://");
    if (name != "boot") return false;
    const bool fetches = has_word(line, "fetch");
    return value == "local" || value == "nfs" || (value == "live" && fetches);
}

constexpr std::string_view text_of(Kind kind) {
    switch (kind) {
    case Kind::Verification:
        return "promises a verified boot in a way that is not supported";
    case Kind::Root:
        return "asks for a root in a way that is not supported";
    case Kind::Network:
        return "asks for a network in a way that is not supported";
    case Kind::Hint:
        break;
    }
    return "is not used by this init";
}

} // namespace

std::span<const ForeignOption> foreign_options() {
    return table;
}

bool is_foreign_option(std::string_view name) {
    return find(plain_name(name)) != nullptr;
}

std::optional<ForeignFinding> judge_foreign_option(const CommandLineWord& word,
                                                   std::span<const CommandLineWord> line) {
    const std::string name = plain_name(word.name);
    const ForeignOption* option = find(name);
    const std::string value = to_lower(word.value.value_or(""));
    if (option == nullptr || takes_back(value) || is_redundant(name, value, line)) return std::nullopt;
    const bool repeats_nfsroot = (name == "boot" || name == "netboot") && has_word(line, "nfsroot");
    return ForeignFinding{option->kind != Kind::Hint, text_of(option->kind),
                          repeats_nfsroot ? nfsroot_alone : option->instead};
}

} // namespace mkpxerd
