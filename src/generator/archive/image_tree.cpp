// SPDX-License-Identifier: MIT
// The order is part of the format: /init first, because it must survive when the kernel runs out of memory
// while it unpacks; the sentinel last, because its presence shows that this did not happen; the others
// between them by name, so that parents come before children.
#include "mkpxerd/generator/archive/image_tree.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/generator/archive/entry_tree.hpp"
#include "mkpxerd/generator/archive/standard_directories.hpp"

namespace mkpxerd::generator {
namespace {

struct DeviceNode {
    const char* path;
    unsigned mode;
    unsigned major;
    unsigned minor;
};
// The kernel opens /dev/console before /init runs; the others are used until devtmpfs is mounted.
// Numbers: Documentation/admin-guide/devices.txt.
constexpr std::array device_nodes = {
    DeviceNode{"dev/console", 0600, 5, 1},
    DeviceNode{"dev/kmsg", 0644, 1, 11},
    DeviceNode{"dev/null", 0666, 1, 3},
};

ImageEntry to_entry(const File& file) {
    ImageEntry entry;
    entry.path = file.path;
    entry.reason = file.reason;
    switch (file.kind) {
    case File::Kind::Directory:
        entry.mode = S_IFDIR | file.mode;
        entry.links = 2;
        break;
    case File::Kind::Link:
        entry.mode = S_IFLNK | 0777;
        entry.content = file.target;
        entry.size = file.target.size();
        break;
    case File::Kind::Regular:
        entry.mode = S_IFREG | file.mode;
        entry.content = file.source;
        entry.size = file.size;
        break;
    }
    return entry;
}

ImageEntry regular(std::string path, const TreePath& source, std::uint64_t size, const Reason& reason) {
    ImageEntry entry;
    entry.path = std::move(path);
    entry.mode = S_IFREG | 0644;
    entry.content = source;
    entry.size = size;
    entry.reason = reason;
    return entry;
}

void add_modules(EntryTree& tree, const ModuleSet& modules) {
    if (modules.kernel_version.empty()) return;
    const std::string directory = "lib/modules/" + modules.kernel_version + '/';
    tree.add_directory(directory.substr(0, directory.size() - 1), 0755, {});
    for (const Module& module : modules.modules) {
        ImageEntry entry = regular(directory + module.path, {}, module.size, module.reason);
        std::visit([&](const auto& content) { entry.content = content; }, module.content);
        entry.is_packed = module.is_packed;
        tree.add(std::move(entry));
    }
    for (const auto& [name, content] : modules.lists)
        tree.add_text(directory + name, content);
    if (!modules.absent_drivers.empty())
        tree.add_text(absent_drivers_path, write_absent_drivers(modules.absent_drivers));
    for (const Firmware& firmware : modules.firmware) {
        if (firmware.target.empty()) {
            ImageEntry entry = regular(firmware.path, firmware.source, firmware.size, firmware.reason);
            if (firmware.form) std::visit([&](const auto& form) { entry.content = form; }, *firmware.form);
            entry.is_packed = firmware.is_packed;
            tree.add(std::move(entry));
            continue;
        }
        ImageEntry link;
        link.path = firmware.path;
        link.mode = S_IFLNK | 0777;
        link.content = firmware.target;
        link.size = firmware.target.size();
        link.reason = firmware.reason;
        tree.add(std::move(link));
    }
}

void set_text(std::vector<ImageEntry>& entries, std::string_view path, std::string text) {
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const ImageEntry& e) { return e.path == path; });
    entry->size = text.size();
    entry->content = std::move(text);
}

// The places of the files that describe the image: /etc/mkpxerd may be a link.
struct OwnPlaces {
    std::string boot_config;
    std::string provenance;
    std::string sentinel;
};

Result<OwnPlaces> add_own(EntryTree& tree, const BuildRequest& request) {
    if (!request.authorities.empty()) {
        MKPXERD_TRY_ASSIGN(const std::string place, tree.own_place(authorities_path));
        tree.add_text(place, request.authorities);
    }
    OwnPlaces own;
    MKPXERD_TRY_ASSIGN(own.boot_config, tree.own_place(boot_config_path));
    MKPXERD_TRY_ASSIGN(own.provenance, tree.own_place(provenance_path));
    MKPXERD_TRY_ASSIGN(own.sentinel, tree.own_place(sentinel_path));
    tree.add_text(own.boot_config, "");
    tree.add_text(own.provenance, "");
    return own;
}

Result<std::uint64_t> size_of(const TreePath& file, const std::string& what) {
    const auto fd = open_regular(file);
    struct stat st {};
    if (fd && ::fstat(fd->get(), &st) == 0) return static_cast<std::uint64_t>(st.st_size);
    return fail(file.string(),
                fmt::format("{} cannot be read: {}", what,
                            fd ? std::generic_category().message(errno) : fd.error().first().text));
}

// The reason for each entry, for `mkpxerd size`. Lists are named only by their last directory and name: their
// place on the build machine must not change the image.
std::string provenance_text(const std::vector<ImageEntry>& entries) {
    std::vector<Provenance> lines;
    for (const ImageEntry& entry : entries) {
        const Reason& reason = entry.reason;
        const std::filesystem::path file = reason.origin.file;
        const auto directory = file.parent_path().filename();
        lines.push_back({.path = entry.path,
                         .kind = std::string(kind_name(reason.kind)),
                         .from = reason.from,
                         .feature = reason.feature,
                         .origin_file = (directory / file.filename()).string(),
                         .origin_line = reason.origin.line});
    }
    return write_provenance(lines);
}

// Equal inode numbers mark hard links. A file with a single name gets no number, so that adding an entry
// changes no other. newc stores the content of hard links once, with the last of them (GNU cpio's convention,
// which init/initramfs.c supports).
void number_inodes(std::vector<ImageEntry>& entries, const FileSet& files) {
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> identity;
    for (const File& file : files.files)
        if (file.kind == File::Kind::Regular && file.links > 1)
            identity[file.path] = {file.device, file.inode};
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<ImageEntry*>> groups;
    for (ImageEntry& entry : entries)
        if (const auto known = identity.find(entry.path); known != identity.end())
            groups[known->second].push_back(&entry);
    for (auto& [id, group] : groups) {
        if (group.size() < 2) continue;
        const auto inode = static_cast<std::uint32_t>(group.front() - entries.data()) + 1;
        for (ImageEntry* entry : group) {
            entry->inode = inode;
            entry->links = static_cast<std::uint32_t>(group.size());
            if (entry != group.back()) {
                entry->size = 0;
                entry->content = std::string();
            }
        }
    }
}

} // namespace

Result<ImageTree> make_image_tree(const ModuleSet& modules, const FileSet& files, const BuildRequest& request,
                                  BootConfig config) {
    EntryTree tree;
    for (const ExtraFile& file : request.extra_files) {
        MKPXERD_TRY_ASSIGN(const std::uint64_t size, size_of(file.source, file.origin.text()));
        ImageEntry entry =
            regular(file.path, file.source, size, {.kind = Reason::Kind::Pattern, .origin = file.origin});
        entry.mode = S_IFREG | file.mode;
        tree.add(std::move(entry));
    }
    for (const File& file : files.files) {
        if (file.path == init_path)
            return fail(file.reason.origin.text(), "'/init' is created by mkpxerd", "use -i to replace it");
        tree.add(to_entry(file));
    }
    for (const auto& directory : standard_directories)
        tree.add_directory(std::string(directory.path), directory.mode, {});
    for (const auto& node : device_nodes) {
        ImageEntry entry;
        entry.path = node.path;
        entry.mode = S_IFCHR | node.mode;
        entry.device_major = node.major;
        entry.device_minor = node.minor;
        tree.add(std::move(entry));
    }
    add_modules(tree, modules);
    MKPXERD_TRY_ASSIGN(const OwnPlaces own, add_own(tree, request));
    MKPXERD_TRY(tree.complete_parents());
    MKPXERD_TRY(tree.check_keys());

    std::error_code ignored;
    config.tls = tree.needs_tls() || request.archives_need_tls ||
                 !std::filesystem::exists(request.plain_init_program, ignored);
    const auto& program = config.tls ? request.init_program : request.plain_init_program;
    MKPXERD_TRY_ASSIGN(const std::uint64_t init_size, size_of(program, "the init program"));
    ImageEntry init = regular(std::string(init_path), program, init_size, {});
    init.mode = S_IFREG | 0755;
    ImageTree image;
    image.entries = tree.take();
    image.entries.insert(image.entries.begin(), std::move(init));
    config.entries = image.entries.size() + 1;
    image.config = config;

    ImageEntry sentinel;
    sentinel.path = own.sentinel;
    sentinel.mode = S_IFREG | 0444;
    sentinel.content = sentinel_text(config.entries);
    sentinel.size = std::get<std::string>(sentinel.content).size();
    image.entries.push_back(std::move(sentinel));

    MKPXERD_TRY(check_boot_config(config));
    set_text(image.entries, own.boot_config, write_boot_config(config));
    set_text(image.entries, own.provenance, provenance_text(image.entries));
    number_inodes(image.entries, files);
    return image;
}

Result<ImageTree> make_overlay_tree(const FileSet& files) {
    EntryTree tree;
    for (const File& file : files.files)
        tree.add(to_entry(file));
    MKPXERD_TRY(tree.complete_parents());
    MKPXERD_TRY(tree.check_keys());
    ImageTree overlay;
    overlay.entries = tree.take();
    number_inodes(overlay.entries, files);
    return overlay;
}

} // namespace mkpxerd::generator
