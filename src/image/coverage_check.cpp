// SPDX-License-Identifier: MIT
// Boot plan -> the modules, files and programs that the image must contain.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "checked_line.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"

namespace mkpxerd::image {
namespace {

using Presence = ImageFacts::Presence;

constexpr std::string_view network_hint = "build with feature network or virtio";

struct FileSystem {
    std::string_view type;
    std::string_view module;
    std::string_view feature;
};
// Those whose module or feature has another name.
constexpr FileSystem other_names[] = {
    {"ext2", "ext4", "ext4"},  {"ext3", "ext4", "ext4"},  {"vfat", "vfat", "usb"},
    {"msdos", "msdos", "usb"}, {"exfat", "exfat", "usb"}, {"iso9660", "isofs", "cdrom"},
    {"udf", "udf", "cdrom"},
};
// Those with a feature of their name.
constexpr std::string_view own_features[] = {"9p",  "btrfs", "cramfs",   "erofs",    "ext4",  "f2fs", "gfs2",
                                             "jfs", "ocfs2", "reiserfs", "squashfs", "ubifs", "xfs",  "zfs"};

FileSystem file_system_of(std::string_view type) {
    const auto* const named = std::ranges::find(other_names, type, &FileSystem::type);
    if (named != std::end(other_names)) return *named;
    const bool has_feature = std::ranges::find(own_features, type) != std::end(own_features);
    return {type, type, has_feature ? type : std::string_view()};
}

class CoverageCheck {
  public:
    CoverageCheck(const CheckedLine& line, const ImageFacts& facts, Findings& findings)
        : line_(line), plan_(line.plan), facts_(facts), findings_(findings) {}
    void run() {
        check_image();
        check_trust();
        check_network();
        check_places();
        check_root();
        check_verification();
        check_modules();
        check_shell();
        check_packages();
    }

  private:
    void check_image();
    void check_trust();
    void check_network();
    void check_places();
    void check_medium(std::string_view option, const DeviceSource& disk);
    void check_https(std::string_view option);
    void check_root();
    void check_verification();
    void refuse_unverified(std::string_view option, bool has_pin);
    void check_modules();
    void check_shell();
    void check_packages();
    void need_module(std::string_view option, std::string_view module, std::string_view what,
                     std::string_view feature);
    void need_file_system(std::string_view option, const std::string& type);

    const CheckedLine& line_;
    const BootPlan& plan_;
    const ImageFacts& facts_;
    Findings& findings_;
};

void CoverageCheck::need_module(std::string_view option, std::string_view module, std::string_view what,
                                std::string_view feature) {
    const std::string hint =
        feature.empty() ? std::string("no feature has it: put it into a list NAME.modules, and add -F +NAME")
                        : fmt::format("build with feature {}", feature);
    switch (facts_.module(module)) {
    case Presence::Present:
        return;
    case Presence::Absent:
        findings_.error(option, fmt::format("needs {}: the image has no module {}", what, module), hint);
        return;
    case Presence::Unknown:
        findings_.warn(option,
                       fmt::format("needs {}: the image has no module {}, and does not say whether it is "
                                   "built into the kernel",
                                   what, module),
                       hint);
    }
}

void CoverageCheck::need_file_system(std::string_view option, const std::string& type) {
    if (type.empty() || type == "auto" || type == "tmpfs" || type == "nfs" || type == "nfs4") return;
    if (type.find(',') != std::string::npos)
        return findings_.error(option,
                               fmt::format("names several file systems, and the init takes one: {}", type),
                               "leave it out: the init detects what the disk has");
    const FileSystem named = file_system_of(type);
    need_module(option, named.module, fmt::format("the file system {}", type), named.feature);
}

// The kernel must be able to unpack and start any image, whatever system it belongs to.
void CoverageCheck::check_image() {
    if (!facts_.has_file("init"))
        findings_.error("", "the image has no /init", "its kernel searches for a root by itself, or panics");
    for (const CommandLineWord& word : line_.words.words)
        if (const std::string path = word.value.value_or("");
            word.name == "rdinit" && path.starts_with('/') && !facts_.has_file(path.substr(1)))
            findings_.error("rdinit", fmt::format("the image has no {}", path),
                            "its kernel searches for a root by itself, or panics");
    if (!facts_.is_ours())
        findings_.warn("", fmt::format("{} was not made by mkpxerd: its init may read the line differently",
                                       facts_.name()));
    if (const auto unlisted = facts_.unlisted_modules())
        findings_.warn(unlisted->object, unlisted->text, unlisted->hint);
    for (const Problem& conflict : facts_.conflicts())
        findings_.error(conflict.object, conflict.text, conflict.hint);
    for (const Problem& problem : facts_.problems())
        findings_.warn(problem.object == facts_.name() ? "" : problem.object, problem.text);
}

// An archive can bring keys and authorities to an image that was made without them.
void CoverageCheck::check_trust() {
    if (!facts_.is_ours() || facts_.config().tls) return;
    const auto refuse = [&](std::string_view path) {
        if (facts_.has_file(std::string(path)))
            findings_.error("",
                            fmt::format("/{}: the image's /init was built without TLS and signatures, and "
                                        "cannot use it",
                                        path),
                            "build the image with the archive that brings it: --append FILE");
    };
    refuse(key_directory);
    std::ranges::for_each(authority_files, refuse);
}

void CoverageCheck::check_network() {
    if (!plan_.needs_network) return;
    const std::string_view user = plan_.network_user.empty() ? "ip" : std::string_view(plan_.network_user);
    const Presence driver = facts_.network_driver();
    if (driver == Presence::Absent)
        findings_.error(user, "needs the network: the image has no driver of a network card",
                        std::string(network_hint));
    if (driver == Presence::Unknown)
        findings_.warn(user,
                       "needs the network: the image has no driver of a network card, and does not say what "
                       "is built into the kernel",
                       std::string(network_hint));
    const bool wants_dhcp = plan_.ip.empty() || std::ranges::any_of(plan_.ip, [](const IpOption& ip) {
                                return ip.method == IpOption::Method::Dhcp;
                            });
    if (wants_dhcp)
        need_module(plan_.ip.empty() ? user : "ip", "af_packet", "packet sockets for DHCP", "dhcp");
}

void CoverageCheck::check_places() {
    std::string_view nfs_user;
    std::string_view https_user;
    for (const auto& [option, source] : line_.sources()) {
        const auto* urls = std::get_if<UrlSource>(&source);
        const bool is_https =
            urls != nullptr && std::ranges::any_of(urls->alternatives, [](const UrlTemplate& alternative) {
                return alternative.url.scheme == "https";
            });
        if (std::holds_alternative<NfsSource>(source) && nfs_user.empty()) nfs_user = option;
        if (const auto* disk = std::get_if<DeviceSource>(&source)) check_medium(option, *disk);
        if (const auto* file = std::get_if<DeviceFile>(&source)) check_medium(option, file->medium);
        if (is_https && https_user.empty()) https_user = option;
    }
    if (!nfs_user.empty()) {
        need_module(nfs_user, "nfs", "NFS", "nfs");
        // Any version is enough; the init tries the newest first.
        if (facts_.module("nfsv4") != Presence::Present)
            need_module(nfs_user, "nfsv3", "a version of NFS", "nfs");
    }
    if (!https_user.empty()) check_https(https_user);
}

void CoverageCheck::check_medium(std::string_view option, const DeviceSource& disk) {
    check_disk(option, disk.device, facts_, findings_);
    need_file_system(option, disk.fstype);
}

void CoverageCheck::check_https(std::string_view option) {
    constexpr const char* hint = "build with feature https, or --ca FILE";
    if (!facts_.has_certificates())
        findings_.error(option, "uses https, but the image has no certificate authorities", hint);
    else if (facts_.is_ours() && !facts_.config().tls)
        findings_.error(option, "uses https, but the image's /init was built without TLS", hint);
}

void CoverageCheck::check_root() {
    if (get_source<DeviceSource>(plan_.root) != nullptr)
        check_root_type(line_.options.rootfstype, facts_, findings_);
    const auto* urls = get_source<UrlSource>(plan_.root);
    const std::string file = urls != nullptr ? urls->alternatives.front().url.file_name() : "";
    const bool is_archive = file.find(".tar") != std::string::npos || file.ends_with(".tgz");
    const bool is_image = urls != nullptr && !is_archive;
    const bool is_erofs = is_image && file.ends_with(".erofs");
    if (is_erofs) {
        need_module("root", "erofs", "erofs", "erofs");
        need_module("root", "loop", "a loop device", "erofs");
    }
    const std::string_view squashfs_user = is_image && !is_erofs ? "root" : plan_.modloop ? "modloop" : "";
    if (!squashfs_user.empty()) {
        need_module(squashfs_user, "squashfs", "squashfs", "squashfs");
        need_module(squashfs_user, "loop", "a loop device", "squashfs");
    }
    const bool wants_overlay = line_.options.overlay && plan_.root;
    if (is_image || wants_overlay)
        need_module(wants_overlay ? "overlaytmpfs" : "root", "overlay", "a writable layer", "overlay");
    need_file_system("rootfstype", line_.options.rootfstype);
}

// With keys, or a pin of the root, the init boots nothing that cannot be verified (docs/signatures.md).
void CoverageCheck::check_verification() {
    const auto& pins = facts_.config().pins;
    const auto pin = pins.find("root");
    const bool has_pin = pin != pins.end();
    const bool is_checked = has_pin ? pin->second != pin_any : facts_.has_file(std::string(key_directory));
    if (!facts_.is_ours() || !is_checked) return;
    if (has_pin && !plan_.root)
        findings_.error(
            "root",
            fmt::format("is pinned in the image, but not in the line ({})", code_text(Failure::PinNotTaken)),
            "give root=, or build without --pin root=");
    if (plan_.root && get_source<UrlSource>(plan_.root) == nullptr) refuse_unverified("root", has_pin);
    if (!line_.options.resume.empty()) refuse_unverified("resume", has_pin);
}

void CoverageCheck::refuse_unverified(std::string_view option, bool has_pin) {
    findings_.error(option,
                    fmt::format("cannot be verified, and the image {} ({})",
                                has_pin ? "pins its root" : "has keys: what it boots must be signed",
                                code_text(Failure::Unverifiable)),
                    "give root= with a URL, or build with --pin root=any");
}

void CoverageCheck::check_modules() {
    for (const ModuleRequest& module : line_.options.modules)
        if (facts_.module(module.name) == Presence::Absent)
            findings_.warn("modules", fmt::format("the image has no module {}", module.name));
    for (const std::string& module : line_.options.blacklist)
        if (facts_.module(module) == Presence::Absent)
            findings_.note("blacklist", fmt::format("changes nothing: the image has no module {}", module));
}

// Where the init looks for a shell. Without one, it restarts the machine instead.
void CoverageCheck::check_shell() {
    static constexpr std::array<const char*, 4> shells = {"bin/sh", "usr/bin/sh", "bin/busybox",
                                                          "usr/bin/busybox"};
    if (std::ranges::any_of(shells, [this](const char* shell) { return facts_.has_file(shell); })) return;
    constexpr const char* text = "opens no shell: the image has none";
    constexpr const char* hint = "build with -F +rescue";
    if (line_.options.single) findings_.warn("single", text, hint);
    if (line_.options.on_fail.kind == OnFail::Kind::Shell && line_.has("mkpxerd.onfail"))
        findings_.warn("mkpxerd.onfail", text, hint);
}

void CoverageCheck::check_packages() {
    if (!plan_.root && !facts_.has_apk() && line_.has("ssh_key"))
        findings_.warn(
            "ssh_key", "does nothing: the image has no apk",
            "build the image with --profile diskless-alpine -b TREE, the tree of an Alpine system");
}

} // namespace

void check_coverage(const CheckedLine& line, const ImageFacts& facts, Findings& findings) {
    CoverageCheck(line, facts, findings).run();
}

} // namespace mkpxerd::image
