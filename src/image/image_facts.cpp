// SPDX-License-Identifier: MIT
// modules.builtin distinguishes "absent" from "unknown". The purpose of a module follows from its place below
// kernel/: its own, or that of a module of the same name or kind in the kernel.
#include "mkpxerd/image/image_facts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/contract/setting_lines.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "mkpxerd/wrap/modinfo.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t max_bytes_of_a_list = std::size_t{16} << 20;
constexpr std::size_t max_bytes_of_modules = std::size_t{256} << 20; // in total, of those outside kernel/

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
// Modules there that drive no hardware themselves: libraries of drivers, and upper layers.
constexpr std::array<std::string_view, 19> no_disk_drivers = {
    "libata",      "libahci",      "libahci_platform",
    "scsi_mod",    "scsi_common",  "sd_mod",
    "sr_mod",      "st",           "sg",
    "ses",         "ch",           "raid_class",
    "libsas",      "libfc",        "libiscsi",
    "nvme_core",   "nvme_fabrics", "firewire_core",
    "scsi_dh_alua"};

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

// Modules of an image outside kernel/, by name.
struct Stray {
    std::string path;                          // in the image
    std::size_t content = EffectiveView::none; // entry that holds it
};
using Strays = std::map<std::string, Stray, std::less<>>;

// Removes the modules with a place in modules.order, and returns the places.
std::vector<std::string> places_by_order(Strays& strays, std::string_view order) {
    std::vector<std::string> places;
    if (strays.empty()) return places;
    for (const auto line : split_lines(order)) {
        const auto stray = strays.find(module_name(line));
        if (stray == strays.end()) continue;
        places.emplace_back(line);
        strays.erase(stray);
    }
    return places;
}

// The imports of a module, compressed or not; none if it is damaged.
std::vector<std::string> imports_of(const std::string& module, const std::string& name) {
    const auto bytes = std::as_bytes(std::span(module));
    const auto encoding = wrap::recognize_encoding(bytes.first(std::min<std::size_t>(bytes.size(), 16)));
    std::string plain;
    if (encoding && encoding->format) {
        const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
            plain.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return plain.size() <= max_bytes_of_modules ? Result<void>() : fail(name, "is too large");
        };
        if (!wrap::decompress(*encoding->format, bytes, sink, {name, 0})) return {};
    }
    auto imports = wrap::read_imports(encoding ? std::as_bytes(std::span(plain)) : bytes, name);
    return imports ? std::move(*imports) : std::vector<std::string>{};
}

// Reads the others, since an image of another generator does not describe them.
Result<std::vector<std::string>> places_by_symbols(const Strays& strays, const Image& image) {
    std::set<std::size_t> wanted;
    std::uint64_t bytes = 0;
    for (const auto& [name, stray] : strays) {
        if (stray.content == EffectiveView::none) continue;
        bytes += image.entries()[stray.content].size;
        if (bytes > max_bytes_of_modules) break;
        wanted.insert(stray.content);
    }
    std::map<std::size_t, std::string> contents;
    MKPXERD_TRY(image.read_contents(wanted, [&](std::size_t index, std::span<const std::byte> piece) {
        contents[index].append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return Result<void>();
    }));
    std::vector<std::string> places;
    for (const auto& [name, stray] : strays) {
        const auto content = contents.find(stray.content);
        if (content == contents.end()) continue;
        const auto directory = driver_home(imports_of(content->second, stray.path), true);
        if (!directory.empty()) places.push_back(std::string(directory) + name + ".ko");
    }
    return places;
}

// What the unpacked tree shows by its paths.
struct TreeReading {
    std::set<std::string> paths;          // as ImageFacts has them
    std::vector<std::string_view> places; // of modules and lists, below the module directory
    Strays strays;
    std::size_t order = EffectiveView::none; // contents of lists
    std::size_t builtin = EffectiveView::none;
    bool has_builtin = false;
    std::map<std::string, std::size_t> settings; // path -> content
};

// Modules count where the init searches them, however often the image has that name elsewhere. version: of
// the kernel that loads them; empty: any.
TreeReading read_tree(const EffectiveView& view, std::string_view version) {
    TreeReading tree;
    const std::string modules = view.resolve("lib/modules").value_or("lib/modules") + '/';
    for (const auto& [path, node] : view.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        // An empty file counts as absent: it is neither a program nor a certificate.
        const EffectiveView::Node* real = node.is_link ? view.find(path) : &node;
        if (real != nullptr && (!real->is_regular || size_of(*real, view.entries()) > 0))
            tree.paths.insert(path);
        if (path.starts_with(fmt::format("{}/", settings_directory)) && path.ends_with(".conf") &&
            real != nullptr && real->is_regular && real->content != EffectiveView::none)
            tree.settings[path] = real->content;
        const auto place = module_directory_path(path);
        if (!place || !path.starts_with(modules)) continue;
        if (!version.empty() && place->version != version) continue;
        const bool is_empty = real != nullptr && real->is_regular && size_of(*real, view.entries()) == 0;
        if (is_empty && !module_name(path).empty()) continue; // the kernel loads no such module
        tree.places.push_back(place->rest);
        if (const std::string name = module_name(path); !name.empty() && !place->rest.starts_with("kernel/"))
            tree.strays[name] = {.path = path,
                                 .content = real != nullptr ? real->content : EffectiveView::none};
        if (place->rest == "modules.builtin") {
            tree.has_builtin = true;
            tree.builtin = node.content;
        }
        if (place->rest == "modules.order") tree.order = node.content;
    }
    return tree;
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
    TreeReading tree = read_tree(view, facts.config_.kernel_version);
    facts.paths_ = std::move(tree.paths);
    facts.knows_builtin_ = tree.has_builtin;
    std::map<std::size_t, std::string> lists; // content -> the text of a list
    std::set<std::size_t> wanted;
    for (const std::size_t list : {tree.order, tree.builtin})
        if (list != EffectiveView::none) wanted.insert(list);
    for (const auto& [path, content] : tree.settings)
        wanted.insert(content);
    const auto sink = [&](std::size_t index, std::span<const std::byte> piece) -> Result<void> {
        std::string& text = lists[index];
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        if (text.size() > max_bytes_of_a_list)
            return fail(facts.name_, "a list of modules or a file of options is too large");
        return {};
    };
    MKPXERD_TRY(image.read_contents(wanted, sink));
    for (const auto& [path, content] : tree.settings)
        facts.setting_files_.push_back({"/" + path, join_setting_lines(lists[content])});
    for (const std::string_view place : tree.places)
        facts.read_module(place);
    facts.read_builtin(lists[tree.builtin]);
    for (const std::string& place : places_by_order(tree.strays, lists[tree.order]))
        facts.read_module(place);
    if (!tree.strays.empty()) {
        MKPXERD_TRY_ASSIGN(const auto places, places_by_symbols(tree.strays, image));
        for (const std::string& place : places)
            facts.read_module(place);
    }
    facts.problems_ = image.summary().warnings;
    facts.add_conflicts(find_archive_conflicts(view, image.summary()));
    return facts;
}

ImageFacts ImageFacts::planned(std::string name, const EffectiveView& view, const ArchiveConflicts& conflicts,
                               const std::optional<std::string>& builtin, std::string_view order,
                               BootConfig config) {
    ImageFacts facts;
    facts.name_ = std::move(name);
    facts.config_ = std::move(config);
    facts.is_ours_ = true;
    facts.knows_builtin_ = builtin.has_value();
    TreeReading tree = read_tree(view, facts.config_.kernel_version);
    facts.paths_ = std::move(tree.paths);
    for (const std::string_view place : tree.places)
        facts.read_module(place);
    for (const std::string& place : places_by_order(tree.strays, order))
        facts.read_module(place);
    facts.read_builtin(builtin.value_or(""));
    facts.add_conflicts(conflicts);
    return facts;
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
    if (const auto family = disk_family_of(place)) disk_drivers_.emplace(*family);
}

void ImageFacts::read_builtin(std::string_view list) {
    for (const auto line : split_lines(list)) {
        builtin_.insert(module_name(line));
        has_builtin_network_driver_ = has_builtin_network_driver_ || is_card_driver(line);
        if (const auto family = disk_family_of(line)) disk_drivers_.emplace(*family);
    }
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
    if (family.empty() ? !disk_drivers_.empty() : disk_drivers_.contains(family)) return Presence::Present;
    return knows_builtin_ ? Presence::Absent : Presence::Unknown;
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
