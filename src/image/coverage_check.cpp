// SPDX-License-Identifier: MIT
// Each option in force -> the modules, files and programs that it needs of the image.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "option_values.hpp"

namespace mkpxerd::image {
namespace {

using Presence = ImageFacts::Presence;

constexpr std::string_view network_hint = "build with feature network or virtio";

class CoverageCheck {
  public:
    CoverageCheck(const OptionValues& options, const ImageFacts& facts, Findings& findings)
        : options_(options), facts_(facts), findings_(findings) {}
    void run() {
        check_image();
        check_network();
        check_places();
        check_root();
        check_verification();
        check_modules();
        check_packages();
    }

  private:
    void check_image();
    void check_network();
    void check_places();
    void check_root();
    void check_verification();
    void check_disk(const std::string& root);
    void check_modules();
    void check_packages();
    void need_module(const std::string& option, std::string_view module, std::string_view what,
                     std::string_view feature);
    void need_file_system(const std::string& option, const std::string& type);
    bool is_blacklisted(std::string_view module) const;

    const OptionValues& options_;
    const ImageFacts& facts_;
    Findings& findings_;
};

bool CoverageCheck::is_blacklisted(std::string_view module) const {
    const std::string list = options_.value("blacklist");
    return std::ranges::any_of(split(list, ','), [&](std::string_view each) {
        std::string spelled(each);
        std::ranges::replace(spelled, '-', '_');
        return spelled == module;
    });
}

void CoverageCheck::need_module(const std::string& option, std::string_view module, std::string_view what,
                                std::string_view feature) {
    const std::string hint = fmt::format("build with feature {}", feature);
    if (is_blacklisted(module)) {
        findings_.error(option, fmt::format("needs {}, and blacklist= forbids its module {}", what, module));
        return;
    }
    switch (facts_.module(module)) {
    case Presence::Present:
        return;
    case Presence::Absent:
        findings_.error(option, fmt::format("needs {}: the image has no module {}", what, module), hint);
        return;
    case Presence::Unknown:
        findings_.warn(
            option,
            fmt::format(
                "needs {}: the image has no module {}; it does not tell whether the kernel has it built in",
                what, module),
            hint);
    }
}

void CoverageCheck::need_file_system(const std::string& option, const std::string& type) {
    // ext4 drives ext2 and ext3; vfat and auto are no modules of that name.
    const std::string_view module = type == "ext2" || type == "ext3" ? "ext4" : std::string_view(type);
    if (type.empty() || type == "auto" || type == "tmpfs" || type == "nfs" || type == "nfs4") return;
    need_module(option, module, fmt::format("the file system {}", type), type == "vfat" ? "usb" : type);
}

// The system in the image may be another's; whatever it is, its kernel has to be able to unpack it and to
// start it.
void CoverageCheck::check_image() {
    if (!facts_.has_file("init"))
        findings_.error("", "the image has no /init", "its kernel looks for a root by itself, or panics");
    if (!facts_.is_ours())
        findings_.warn("", fmt::format("{} was not made by mkpxerd: its init may read the line otherwise",
                                       facts_.name()));
    for (const Problem& problem : facts_.problems())
        findings_.warn("", problem.text);
}

void CoverageCheck::check_network() {
    const std::string user = options_.network_user();
    if (user.empty() || options_.is_network_off()) return;
    const Presence driver = facts_.network_driver();
    if (driver == Presence::Absent)
        findings_.error(user, "needs the network: the image has no driver of a network card",
                        std::string(network_hint));
    if (driver == Presence::Unknown)
        findings_.warn(
            user,
            "needs the network: the image has no driver of a network card; it does not tell what the "
            "kernel has built in",
            std::string(network_hint));
    const std::string ip = options_.value("ip");
    const bool is_static = !ip.empty() && ip.front() >= '0' && ip.front() <= '9';
    if (!is_static)
        need_module(options_.has("ip") ? "ip" : user, "af_packet", "packet sockets for DHCP", "dhcp");
}

void CoverageCheck::check_places() {
    std::string nfs_user;
    std::string https_user;
    for (const auto& [option, place] : options_.places()) {
        if (is_nfs(place) && nfs_user.empty()) nfs_user = option;
        if (place.starts_with("https://") && https_user.empty()) https_user = option;
    }
    if (!nfs_user.empty()) {
        need_module(nfs_user, "nfs", "NFS", "nfs");
        // Any version will do; the init tries the newest first.
        if (facts_.module("nfsv4") != Presence::Present)
            need_module(nfs_user, "nfsv3", "a version of NFS", "nfs");
    }
    if (!https_user.empty() && !facts_.has_certificates())
        findings_.error(https_user, "is https, and the image has no certificate authorities to trust",
                        "build with feature https, or --ca FILE");
    else if (!https_user.empty() && facts_.is_ours() && !facts_.config().tls)
        findings_.error(https_user, "is https, and the image was built without TLS in its /init",
                        "build with feature https, or --ca FILE");
}

// A root on a disk: something has to make the disk appear.
void CoverageCheck::check_disk(const std::string& root) {
    struct Family {
        std::string_view prefix;
        std::string_view hint;
    };
    static constexpr std::array families = {
        Family{"nvme", "build with feature nvme"},           Family{"mmcblk", "build with feature mmc"},
        Family{"xvd", "build with feature xenpci"},          Family{"vd", "build with feature virtio"},
        Family{"sd", "build with feature ata, scsi or usb"},
    };
    const bool is_tag = is_one_of(root.substr(0, root.find('=')),
                                  std::array<std::string_view, 4>{"UUID", "LABEL", "PARTUUID", "PARTLABEL"});
    if (!is_tag && !root.starts_with("/dev/")) return;
    const std::string name = is_tag ? "" : root.substr(5);
    const auto* family =
        std::ranges::find_if(families, [&](const Family& each) { return name.starts_with(each.prefix); });
    const bool is_named = family != families.end();
    const Presence driver = facts_.disk_driver(is_named ? family->prefix : "");
    if (driver == Presence::Present) return;
    const std::string what = is_named ? fmt::format("a driver of disks named {}*", family->prefix)
                                      : std::string("a driver of disks");
    const std::string hint(
        is_named ? family->hint
                 : "build with the feature of the controller: ata, scsi, nvme, usb, mmc, virtio");
    if (driver == Presence::Unknown)
        findings_.warn(
            "root",
            fmt::format("needs {}: the image has none; it does not tell what the kernel has built in", what),
            hint);
    else if (is_named)
        findings_.error("root", fmt::format("needs {}: the image has none", what), hint);
    else
        findings_.warn("root", fmt::format("needs {}: the image has none", what), hint);
}

void CoverageCheck::check_root() {
    const std::string root = options_.place("root");
    check_disk(root);
    const std::string path = root.substr(0, root.find_first_of("?#|"));
    const bool is_archive = path.find(".tar") != std::string::npos || path.ends_with(".tgz");
    const bool is_image = is_url(root) && !is_archive;
    const bool is_erofs = is_image && path.ends_with(".erofs");
    if (is_erofs) {
        need_module("root", "erofs", "erofs", "erofs");
        need_module("root", "loop", "a loop device", "erofs");
    }
    const std::string squashfs_user = is_image && !is_erofs      ? "root"
                                      : options_.wants_modloop() ? "modloop"
                                                                 : "";
    if (!squashfs_user.empty()) {
        need_module(squashfs_user, "squashfs", "squashfs", "squashfs");
        need_module(squashfs_user, "loop", "a loop device", "squashfs");
    }
    const bool wants_overlay = options_.has("overlaytmpfs") && !options_.is_diskless();
    if (is_image || wants_overlay)
        need_module(wants_overlay ? "overlaytmpfs" : "root", "overlay", "a writable layer", "overlay");
    need_file_system("rootfstype", options_.value("rootfstype"));
}

// With keys, or a pin of the root, the init boots nothing that cannot be verified (docs/signatures.md).
void CoverageCheck::check_verification() {
    const auto& pins = facts_.config().pins;
    const auto pin = pins.find("root");
    const bool has_pin = pin != pins.end();
    if (!facts_.is_ours() ||
        (has_pin ? pin->second == pin_any : !facts_.has_file(std::string(key_directory))))
        return;
    if (has_pin && options_.is_diskless())
        findings_.error("root",
                        fmt::format("is pinned in the image, and the line has none ({})",
                                    code_text(Failure::PinNotTaken)),
                        "give root=, or build without --pin root=");
    for (const char* name : {"root", "resume"}) { // nfsroot= is a form of the first
        const std::string place = options_.place(name);
        if (place.empty() || is_url(place)) continue;
        findings_.error(name,
                        fmt::format("cannot be verified, and the image {} ({})",
                                    has_pin ? "pins its root" : "has keys: what it boots must be signed",
                                    code_text(Failure::Unverifiable)),
                        "give root= of a URL, or build with --pin root=any");
    }
}

void CoverageCheck::check_modules() {
    const std::string modules = options_.value("modules");
    for (const auto item : split(modules, ',')) {
        const auto module = item.substr(0, item.find(':')); // parameters follow the colon
        if (!module.empty() && facts_.module(module) == Presence::Absent)
            findings_.warn("modules", fmt::format("the image has no module {}", module));
    }
}

void CoverageCheck::check_packages() {
    if (!options_.is_diskless() || facts_.has_file("sbin/apk") || facts_.has_file("usr/sbin/apk") ||
        facts_.has_file("usr/bin/apk"))
        return;
    for (const char* name : {"pkgs", "alpine_repo", "ssh_key"})
        if (options_.has(name)) {
            findings_.error(name, "needs apk, and the image has none", "build with feature apk");
            return;
        }
    if (!options_.has("apkovl"))
        findings_.warn(
            "", "a diskless boot without apkovl= and without apk in the image: only an apkovl found on a "
                "medium can bring an init");
}

} // namespace

void check_coverage(const OptionValues& options, const ImageFacts& facts, Findings& findings) {
    CoverageCheck(options, facts, findings).run();
}

} // namespace mkpxerd::image
