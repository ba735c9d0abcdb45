// SPDX-License-Identifier: MIT
// From kernel-command-line(7), systemd-cryptsetup-generator(8), openrc(8), plymouth(8), live-config(7), and
// the documents of cloud-init, Ignition, Anaconda, Subiquity and archiso. Words of systemd or live-boot that
// change the root or the network are in contract/foreign_options.
#include "mkpxerd/image/system_words.hpp"

#include <algorithm>
#include <array>

namespace mkpxerd::image {
namespace {

// A '*' at the end stands for the rest.
constexpr auto words = std::to_array<std::string_view>({
    // PXELINUX
    "CPU",
    "SYSUUID",
    "SYSVENDOR",
    // environment of the init
    "LANG",
    "LC_*",
    "TERM",
    // run levels and targets: sysvinit, OpenRC, systemd
    "-b",
    "2",
    "3",
    "4",
    "5",
    "S",
    "emergency",
    "rescue",
    "softlevel",
    // Android
    "androidboot.*",
    // systemd and its generators
    "fastboot",
    "forcefsck",
    "fsck.*",
    "fstab",
    "forcequotacheck",
    "locale.*",
    "luks",
    "luks.*",
    "modules-load",
    "modules_load",
    "net.naming-scheme",
    "net.naming_scheme",
    "quotacheck.*",
    "systemd.*",
    "udev.*",
    "vconsole.*",
    // plymouth
    "plymouth.*",
    "rhgb",
    // cloud-init, Ignition, Anaconda, Subiquity
    "autoinstall",
    "cc",
    "ci.*",
    "cloud-config-url",
    "cloud-init",
    "cloud-init.*",
    "coreos.*",
    "flatcar.*",
    "ignition.*",
    "inst.*",
    "ks",
    "network-config",
    // GRUB and casper of Debian and Ubuntu; --- ends what an installer keeps for the installed system
    "---",
    "maybe-ubiquity",
    "noautologin",
    "nosplash",
    "recovery",
    // live-config and archiso
    "components",
    "hooks",
    "keyboard-*",
    "live-config*",
    "locales",
    "nocomponents",
    "script",
    "timezone",
    "user-*",
    "username",
});

bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return name == pattern;
}

} // namespace

bool is_system_word(std::string_view name) {
    return std::ranges::any_of(words, [name](std::string_view pattern) { return matches(pattern, name); });
}

} // namespace mkpxerd::image
