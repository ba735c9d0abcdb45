// SPDX-License-Identifier: MIT
// A root or a medium on a disk: something has to make the disk appear, and to read it.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checked_line.hpp"

namespace mkpxerd::image {
namespace {

using Presence = ImageFacts::Presence;

struct Family {
    std::string_view prefix; // of device names
    std::string_view hint;
    std::string_view upper = {}; // the module that makes disks of what the drivers find
};
constexpr std::array families = {
    Family{"nvme", "build with feature nvme"},
    Family{"mmcblk", "build with feature mmc", "mmc_block"},
    Family{"xvd", "build with feature xenpci"},
    Family{"vd", "build with feature virtio"},
    Family{"sd", "build with feature ata, scsi or usb", "sd_mod"},
};
constexpr Family any_family{
    "", "build with the feature of the controller: ata, scsi, nvme, usb, mmc, virtio", {}};

// What systems are installed on, and what only holds images.
constexpr std::array<std::string_view, 12> writable_types = {
    "ext4", "xfs", "btrfs", "f2fs", "ext2", "ext3", "jfs", "reiserfs", "bcachefs", "nilfs2", "ocfs2", "gfs2"};
constexpr std::array<std::string_view, 4> other_types = {"squashfs", "erofs", "isofs", "vfat"};

const Family& family_of(const DeviceSpec& device) {
    if (device.kind != DeviceSpec::Kind::Name) return any_family;
    const auto* family = std::ranges::find_if(
        families, [&](const Family& each) { return device.value.starts_with(each.prefix); });
    return family == families.end() ? any_family : *family;
}

class DiskCheck {
  public:
    DiskCheck(std::string_view option, const Family& family, const ImageFacts& facts, Findings& findings)
        : option_(option), family_(family), facts_(facts), findings_(findings) {}
    void check_driver();
    void check_file_system();

  private:
    void check_upper();
    // An error if the image cannot do without, and says so.
    void miss(Presence presence, bool is_needed, const std::string& what, const std::string& hint);

    std::string_view option_;
    const Family& family_;
    const ImageFacts& facts_;
    Findings& findings_;
};

void DiskCheck::miss(Presence presence, bool is_needed, const std::string& what, const std::string& hint) {
    const std::string text = fmt::format("needs {}: the image has none", what);
    if (presence == Presence::Unknown)
        findings_.warn(option_, text + ", and does not say what is built into the kernel", hint);
    else if (is_needed)
        findings_.error(option_, text, hint);
    else
        findings_.warn(option_, text, hint);
}

void DiskCheck::check_driver() {
    const bool is_named = !family_.prefix.empty();
    const Presence driver = facts_.disk_driver(family_.prefix);
    const std::string hint(family_.hint);
    if (driver != Presence::Present)
        return miss(driver, is_named,
                    is_named ? fmt::format("a driver of disks named {}*", family_.prefix)
                             : std::string("a driver of disks"),
                    hint);
    const auto virtual_drivers = facts_.virtual_disk_drivers(family_.prefix);
    // /dev/vda is a disk of a virtual machine anyway.
    const bool is_real = is_named ? family_.prefix == "sd" : true;
    if (is_real && !virtual_drivers.empty())
        findings_.add(is_named ? Finding::Severity::Warning : Finding::Severity::Note, option_,
                      fmt::format("the image drives only disks of virtual machines: {}",
                                  fmt::join(virtual_drivers, ", ")),
                      is_named ? "for any other disk, build with feature ata, scsi or usb"
                               : "for any other disk, build with feature ata, scsi, nvme or usb");
    if (!family_.upper.empty()) check_upper();
}

void DiskCheck::check_upper() {
    const Presence upper = facts_.module(family_.upper);
    if (upper != Presence::Present)
        miss(upper, true, fmt::format("the module {}", family_.upper), std::string(family_.hint));
}

void DiskCheck::check_file_system() {
    const auto presence = [this](std::string_view type) { return facts_.module(type); };
    const auto is_present = [&](std::string_view type) { return presence(type) == Presence::Present; };
    if (std::ranges::any_of(writable_types, is_present)) return;
    std::vector<std::string_view> others;
    std::ranges::copy_if(other_types, std::back_inserter(others), is_present);
    const std::string hint = "build with the feature of the file system: ext4, xfs, btrfs, f2fs";
    if (others.empty()) return miss(presence("ext4"), true, "a file system of disks", hint);
    findings_.warn(option_,
                   fmt::format("the image reads only {} from a disk{}", fmt::join(others, " and "),
                               presence("ext4") == Presence::Unknown
                                   ? ", and does not say what is built into the kernel"
                                   : ""),
                   hint);
}

} // namespace

void check_disk(std::string_view option, const DeviceSpec& device, const ImageFacts& facts,
                Findings& findings) {
    DiskCheck(option, family_of(device), facts, findings).check_driver();
}

void check_root_type(std::string_view type, const ImageFacts& facts, Findings& findings) {
    if (type.empty() || type == "auto") DiskCheck("root", any_family, facts, findings).check_file_system();
}

} // namespace mkpxerd::image
