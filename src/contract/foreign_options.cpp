// SPDX-License-Identifier: MIT
// The table, from dracut.cmdline(7), systemd-veritysetup-generator(8), kernel-command-line(7), live-boot(7),
// casper(7), initramfs-tools(7), mkinitcpio-archiso's README.bootparams and the kernel's
// kernel-parameters.txt.
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
constexpr std::string_view ip_hint = "name the interface in ip=: ip=:::::eth0:dhcp";

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
    {"vlan", network, ip_hint},
    {"bond", network, ip_hint},
    {"bridge", network, ip_hint},
    {"team", network, ip_hint},
    {"ifname", network, ip_hint},
    {"bootdev", network, ip_hint},
    {"rd.route", network, "routes come from the lease, or are the gateway of ip="},
    {"rd.znet*", network, ip_hint},
    {"rd.live.*", hint, "write root= with the URL of the squashfs"},
    {"rd.shell", hint, "write mkpxerd.onfail=shell"},
    {"rd.debug", hint, "write debug_init"},
    {"rd.break", hint, "write single"},
    {"rd.driver.pre", hint, "write modules="},
    {"rd.driver.blacklist", hint, "write blacklist="},
    {"rd.neednet", hint, "write ip=dhcp"},
    {"rd.net.*", hint, "write mkpxerd.timeout="},
    {"rd.retry", hint, "write mkpxerd.timeout="},
    {"rd.timeout", hint, "write mkpxerd.timeout="},
    {"nameserver", hint, "write the DNS server into ip=, or let the lease name it"},
    {"rd.live.overlay.overlayfs", hint, overlay},
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

// boot= of initramfs-tools and live-boot names the default, or repeats what fetch= says.
bool is_redundant(std::string_view name, std::string_view value, std::span<const CommandLineWord> line) {
    if (name != "boot") return false;
    const bool fetches = std::any_of(line.begin(), line.end(),
                                     [](const CommandLineWord& word) { return word.name == "fetch"; });
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

std::optional<ForeignFinding> judge_foreign_option(const CommandLineWord& word,
                                                   std::span<const CommandLineWord> line) {
    const std::string name = plain_name(word.name);
    const ForeignOption* option = find(name);
    const std::string value = to_lower(word.value.value_or(""));
    if (option == nullptr || takes_back(value) || is_redundant(name, value, line)) return std::nullopt;
    return ForeignFinding{option->kind != Kind::Hint, text_of(option->kind), option->instead};
}

} // namespace mkpxerd
