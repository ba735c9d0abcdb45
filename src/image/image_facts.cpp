// SPDX-License-Identifier: MIT
// modules.builtin is what separates "absent" from "cannot tell".
#include "mkpxerd/image/image_facts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/image/module_path.hpp"

namespace mkpxerd::image {
namespace {

// Below kernel/drivers/: where the drivers of network cards lie. Everything else there is protocols, PHYs,
// helpers.
constexpr std::array<std::string_view, 6> card_folders = {
    "kernel/drivers/net/ethernet/", "kernel/drivers/net/usb/",        "kernel/drivers/net/hyperv/",
    "kernel/drivers/net/vmxnet3/",  "kernel/drivers/net/virtio_net.", "kernel/drivers/net/xen-netfront."};

bool is_card_driver(std::string_view path) {
    return std::ranges::any_of(card_folders,
                               [&](std::string_view folder) { return path.starts_with(folder); });
}

std::uint64_t size_of(const EffectiveView::Node& file, const std::vector<Entry>& entries) {
    return file.content == EffectiveView::none ? 0 : entries[file.content].size;
}

// Below kernel/drivers/: what makes disks of one family of names appear. A folder, or the beginning of the
// names of modules.
struct DiskFolder {
    std::string_view path;
    std::string_view family; // as disk_driver() takes it; empty: disks with other names
};
constexpr std::array disk_folders = {
    DiskFolder{"kernel/drivers/ata/", "sd"},
    DiskFolder{"kernel/drivers/scsi/", "sd"},
    DiskFolder{"kernel/drivers/usb/storage/", "sd"},
    DiskFolder{"kernel/drivers/message/fusion/", "sd"},
    DiskFolder{"kernel/drivers/firewire/", "sd"},
    DiskFolder{"kernel/drivers/ufs/", "sd"},
    DiskFolder{"kernel/drivers/s390/scsi/", "sd"},
    DiskFolder{"kernel/drivers/nvme/host/", "nvme"},
    DiskFolder{"kernel/drivers/block/virtio_blk.", "vd"},
    DiskFolder{"kernel/drivers/mmc/host/", "mmcblk"},
    DiskFolder{"kernel/drivers/block/xen-blkfront.", "xvd"},
    DiskFolder{"kernel/drivers/ide/", ""},
    DiskFolder{"kernel/drivers/block/nbd.", ""},
    DiskFolder{"kernel/drivers/block/aoe/", ""},
    DiskFolder{"kernel/drivers/nvdimm/", ""},
    DiskFolder{"kernel/drivers/mtd/", ""},
    DiskFolder{"kernel/drivers/s390/block/", ""},
};
// What lies there and drives nothing by itself: the libraries of drivers, and what stands above them.
constexpr std::array<std::string_view, 19> no_disk_drivers = {
    "libata",      "libahci",      "libahci_platform",
    "scsi_mod",    "scsi_common",  "sd_mod",
    "sr_mod",      "st",           "sg",
    "ses",         "ch",           "raid_class",
    "libsas",      "libfc",        "libiscsi",
    "nvme_core",   "nvme_fabrics", "firewire_core",
    "scsi_dh_alua"};

// nullopt: no driver of disks.
std::optional<std::string_view> disk_family_of(std::string_view path) {
    const std::string name = module_name(path);
    if (name.starts_with("scsi_transport_") ||
        std::ranges::find(no_disk_drivers, name) != no_disk_drivers.end())
        return std::nullopt;
    for (const DiskFolder& folder : disk_folders)
        if (path.starts_with(folder.path)) return folder.family;
    return std::nullopt;
}

} // namespace

Result<ImageFacts> ImageFacts::read(const std::filesystem::path& file) {
    // The version in the path of modules.builtin is known only after a first look.
    MKPXERD_TRY_ASSIGN(const Image image, Image::open(file, {std::string(boot_config_path)}));
    ImageFacts facts;
    facts.name_ = image.summary().name;
    if (const std::string* config = image.kept(std::string(boot_config_path))) {
        MKPXERD_TRY_ASSIGN(facts.config_, parse_boot_config(*config));
        facts.is_ours_ = true;
    }
    const EffectiveView view(image.entries());
    std::set<std::size_t> lists;
    for (const auto& [path, node] : view.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        // An empty file is none: neither a program nor a certificate.
        const EffectiveView::Node* real = node.is_link ? view.find(path) : &node;
        if (real != nullptr && (!real->is_regular || size_of(*real, image.entries()) > 0))
            facts.paths_.insert(path);
        facts.read_modules(path);
        const auto place = module_folder_path(path);
        if (place && place->rest == "modules.builtin") {
            facts.knows_builtin_ = true;
            if (node.content != EffectiveView::none) lists.insert(node.content);
        }
    }
    std::string builtin;
    const auto sink = [&](std::size_t, std::span<const std::byte> piece) -> Result<void> {
        builtin.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        if (builtin.size() > (std::size_t{16} << 20))
            return fail(facts.name_, "modules.builtin is too large");
        return {};
    };
    MKPXERD_TRY(image.read_contents(lists, sink));
    facts.read_builtin(builtin);
    facts.problems_ = image.summary().warnings;
    for (const auto& lost : view.lost())
        facts.problems_.push_back(
            {facts.name_,
             fmt::format("the kernel cannot unpack '{}': {}", image.entries()[lost.entry].path, lost.reason),
             {},
             {}});
    return facts;
}

ImageFacts ImageFacts::planned(std::string name, std::set<std::string> paths, std::string_view builtin,
                               BootConfig config) {
    ImageFacts facts;
    facts.name_ = std::move(name);
    facts.config_ = std::move(config);
    facts.is_ours_ = true;
    facts.knows_builtin_ = true;
    for (const std::string& path : paths)
        facts.read_modules(path);
    facts.paths_ = std::move(paths);
    facts.read_builtin(builtin);
    return facts;
}

void ImageFacts::read_modules(const std::string& path) {
    const auto place = module_folder_path(path);
    if (!place || module_name(path).empty()) return;
    modules_.insert(module_name(path));
    has_network_driver_ = has_network_driver_ || is_card_driver(place->rest);
    if (const auto family = disk_family_of(place->rest)) disk_drivers_.emplace(*family);
}

void ImageFacts::read_builtin(std::string_view list) {
    for (const auto line : split_lines(list)) {
        builtin_.insert(module_name(line));
        has_builtin_network_driver_ = has_builtin_network_driver_ || is_card_driver(line);
        if (const auto family = disk_family_of(line)) disk_drivers_.emplace(*family);
    }
}

ImageFacts::Presence ImageFacts::module(std::string_view name) const {
    std::string spelled(name);
    std::ranges::replace(spelled, '-', '_');
    if (modules_.contains(spelled) || builtin_.contains(spelled)) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

ImageFacts::Presence ImageFacts::network_driver() const {
    if (has_network_driver_ || has_builtin_network_driver_) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

ImageFacts::Presence ImageFacts::disk_driver(std::string_view family) const {
    if (family.empty() ? !disk_drivers_.empty() : disk_drivers_.contains(family)) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

bool ImageFacts::has_certificates() const {
    return std::ranges::any_of(paths_, [](const std::string& path) {
        const bool is_certificate = path.ends_with(".crt") || path.ends_with(".pem");
        return path == authorities_path || path == "etc/ssl/cert.pem" ||
               (is_certificate && path.starts_with("etc/ssl/certs/"));
    });
}

} // namespace mkpxerd::image
