// SPDX-License-Identifier: MIT
// modules.builtin distinguishes "absent" from "unknown". The purpose of a module follows from its place below
// kernel/.
#include "mkpxerd/image/image_facts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/image/module_survey.hpp"
#include "mkpxerd/image/setting_files.hpp"

namespace mkpxerd::image {
namespace {

std::uint64_t size_of(const EffectiveView::Node& file, const std::vector<Entry>& entries) {
    return file.content == EffectiveView::none ? 0 : entries[file.content].size;
}

// Below kernel/drivers/: drivers of disks, by family of device names. A directory, or the beginning of module
// names.
struct DiskDirectory {
    std::string_view path;
    std::string_view family; // as in disk_driver(); empty: disks with other names
};
constexpr std::array disk_directories = {
    DiskDirectory{"kernel/drivers/ata/", "sd"},
    DiskDirectory{"kernel/drivers/scsi/", "sd"},
    DiskDirectory{"kernel/drivers/usb/storage/", "sd"},
    DiskDirectory{"kernel/drivers/message/fusion/", "sd"},
    DiskDirectory{"kernel/drivers/firewire/", "sd"},
    DiskDirectory{"kernel/drivers/ufs/", "sd"},
    DiskDirectory{"kernel/drivers/s390/scsi/", "sd"},
    DiskDirectory{"kernel/drivers/nvme/host/", "nvme"},
    DiskDirectory{"kernel/drivers/block/virtio_blk.", "vd"},
    DiskDirectory{"kernel/drivers/mmc/host/", "mmcblk"},
    DiskDirectory{"kernel/drivers/block/xen-blkfront.", "xvd"},
    DiskDirectory{"kernel/drivers/ide/", ""},
    DiskDirectory{"kernel/drivers/block/nbd.", ""},
    DiskDirectory{"kernel/drivers/block/aoe/", ""},
    DiskDirectory{"kernel/drivers/nvdimm/", ""},
    DiskDirectory{"kernel/drivers/mtd/", ""},
    DiskDirectory{"kernel/drivers/s390/block/", ""},
};
// Drivers of the disks that hypervisors offer.
constexpr std::array<std::string_view, 6> virtual_drivers = {"hv_storvsc", "virtio_blk",   "virtio_scsi",
                                                             "vmw_pvscsi", "xen_blkfront", "xen_scsifront"};
// Modules there that drive no hardware themselves: libraries of drivers, and upper layers.
constexpr std::array<std::string_view, 20> no_disk_drivers = {
    "libata",       "libahci",      "libahci_platform",
    "scsi_mod",     "scsi_common",  "sd_mod",
    "sr_mod",       "st",           "sg",
    "ses",          "ch",           "raid_class",
    "libsas",       "libfc",        "libiscsi",
    "nvme_core",    "nvme_fabrics", "firewire_core",
    "scsi_dh_alua", "mtd"};

// nullopt: not a driver of disks.
std::optional<std::string_view> disk_family_of(std::string_view path) {
    const std::string name = module_name(path);
    if (name.starts_with("scsi_transport_") ||
        std::ranges::find(no_disk_drivers, name) != no_disk_drivers.end())
        return std::nullopt;
    for (const DiskDirectory& directory : disk_directories)
        if (path.starts_with(directory.path)) return directory.family;
    return std::nullopt;
}

// An empty file counts as absent: it is neither a program nor a certificate.
std::set<std::string> present_paths(const EffectiveView& view) {
    std::set<std::string> paths;
    for (const auto& [path, node] : view.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        const EffectiveView::Node* real = node.is_link ? view.find(path) : &node;
        if (real != nullptr && (!real->is_regular || size_of(*real, view.entries()) > 0)) paths.insert(path);
    }
    return paths;
}

} // namespace

Result<ImageFacts> ImageFacts::read(const std::filesystem::path& file) {
    // The path of modules.builtin contains a version, which is known only after a first pass.
    MKPXERD_TRY_ASSIGN(const Image image, Image::open(file, {std::string(boot_config_path)}));
    ImageFacts facts;
    facts.name_ = image.summary().name;
    if (const std::string* config = image.kept(std::string(boot_config_path))) {
        MKPXERD_TRY_ASSIGN(facts.config_, parse_boot_config(*config));
        facts.is_ours_ = true;
    }
    const EffectiveView view(image.entries());
    facts.problems_ = image.summary().warnings;
    MKPXERD_TRY(facts.read_view(view, contents_of(image)));
    facts.add_conflicts(find_archive_conflicts(view, image.summary()));
    return facts;
}

Result<ImageFacts> ImageFacts::planned(std::string name, const EffectiveView& view,
                                       const ArchiveConflicts& conflicts, const ContentSource& source,
                                       BootConfig config) {
    ImageFacts facts;
    facts.name_ = std::move(name);
    facts.config_ = std::move(config);
    facts.is_ours_ = true;
    MKPXERD_TRY(facts.read_view(view, source));
    facts.add_conflicts(conflicts);
    return facts;
}

Result<void> ImageFacts::read_view(const EffectiveView& view, const ContentSource& source) {
    paths_ = present_paths(view);
    const ModuleUser user{.version = config_.kernel_version, .is_ours = is_ours_};
    std::set<std::string> wanted = module_lists(view, user);
    wanted.merge(image::setting_files(view));
    MKPXERD_TRY_ASSIGN(const Texts texts, read_texts(view, wanted, source));
    setting_files_ = settings_in(texts);
    const auto ignored = ignored_settings(view);
    problems_.insert(problems_.end(), ignored.begin(), ignored.end());
    MKPXERD_TRY_ASSIGN(const ModuleSurvey survey, survey_modules(view, user, texts, source));
    for (const std::string& place : survey.places)
        read_module(place);
    for (const std::string& place : survey.builtin)
        read_builtin(place);
    knows_builtin_ = survey.knows_builtin;
    unlisted_modules_ = survey.unlisted;
    return {};
}

void ImageFacts::add_conflicts(const ArchiveConflicts& conflicts) {
    problems_.insert(problems_.end(), conflicts.warnings.begin(), conflicts.warnings.end());
    conflicts_ = conflicts.errors;
}

// place: below the module directory.
void ImageFacts::read_module(std::string_view place) {
    const std::string name = module_name(place);
    if (name.empty()) return;
    modules_.insert(name);
    has_network_driver_ = has_network_driver_ || is_card_driver(place);
    if (const auto family = disk_family_of(place)) disk_drivers_.emplace(*family, module_name(place));
}

void ImageFacts::read_builtin(std::string_view place) {
    builtin_.insert(module_name(place));
    has_builtin_network_driver_ = has_builtin_network_driver_ || is_card_driver(place);
    if (const auto family = disk_family_of(place)) disk_drivers_.emplace(*family, module_name(place));
}

ImageFacts::Presence ImageFacts::module(std::string_view name) const {
    const std::string spelled = normal_module_name(name);
    if (modules_.contains(spelled) || builtin_.contains(spelled)) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

ImageFacts::Presence ImageFacts::network_driver() const {
    if (has_network_driver_ || has_builtin_network_driver_) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

ImageFacts::Presence ImageFacts::disk_driver(std::string_view family) const {
    const bool has_one = std::ranges::any_of(
        disk_drivers_, [&](const auto& driver) { return family.empty() || driver.first == family; });
    if (has_one) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
}

std::vector<std::string> ImageFacts::virtual_disk_drivers(std::string_view family) const {
    std::vector<std::string> names;
    for (const auto& [of, name] : disk_drivers_) {
        if (!family.empty() && of != family) continue;
        if (std::ranges::find(virtual_drivers, name) == virtual_drivers.end()) return {};
        names.push_back(name);
    }
    return names;
}

std::optional<Problem> ImageFacts::unlisted_modules() const {
    if (!is_ours_ || unlisted_modules_.empty()) return std::nullopt;
    const std::size_t more = unlisted_modules_.size() - 1;
    return Problem{.object = fmt::format("/{}{}", unlisted_modules_.front(),
                                         more > 0 ? fmt::format(" and {} more", more) : std::string()),
                   .text = "modules.dep does not name it, so the init cannot load it",
                   .hint = "put it into a feature list, or bring a modules.dep of depmod with it"};
}

std::vector<CmdlineSource> ImageFacts::settings() const {
    std::vector<CmdlineSource> all = {{name_, config_.cmdline}};
    all.insert(all.end(), setting_files_.begin(), setting_files_.end());
    return all;
}

bool ImageFacts::has_apk() const {
    return std::ranges::any_of(apk_paths,
                               [&](std::string_view file) { return paths_.contains(std::string(file)); });
}

bool ImageFacts::has_certificates() const {
    return std::ranges::any_of(authority_files,
                               [&](std::string_view file) { return paths_.contains(std::string(file)); });
}

} // namespace mkpxerd::image
