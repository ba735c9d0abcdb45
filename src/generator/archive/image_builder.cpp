// SPDX-License-Identifier: MIT
// The order is part of the format: /init first, since it must survive an unpacking that ran out of memory;
// the sentinel last, since it tells that this did not happen; between them by name, so that parents come
// before children.
#include "mkpxerd/generator/archive/image_builder.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::generator {
namespace {

struct StandardDirectory {
    std::string_view path;
    unsigned mode;
};
// What a system expects before anything is mounted, and the mount points that the init uses.
constexpr std::array standard_directories = {
    StandardDirectory{"dev", 0755},   StandardDirectory{"etc", 0755},     StandardDirectory{"lib", 0755},
    StandardDirectory{"media", 0755}, StandardDirectory{"newroot", 0755}, StandardDirectory{"proc", 0555},
    StandardDirectory{"root", 0700},  StandardDirectory{"run", 0755},     StandardDirectory{"sbin", 0755},
    StandardDirectory{"sys", 0555},   StandardDirectory{"tmp", 01777},
};

// The kernel gives a directory that is there already the mode of a later archive: /root must stay closed.
unsigned directory_mode(std::string_view path) {
    const auto known = std::ranges::find(standard_directories, path, &StandardDirectory::path);
    return known == standard_directories.end() ? 0755 : known->mode;
}

struct DeviceNode {
    const char* path;
    unsigned mode;
    unsigned major;
    unsigned minor;
};
// The kernel opens /dev/console before /init runs; the others serve until devtmpfs is mounted.
// Numbers: Documentation/admin-guide/devices.txt.
constexpr std::array device_nodes = {
    DeviceNode{"dev/console", 0600, 5, 1},
    DeviceNode{"dev/kmsg", 0644, 1, 11},
    DeviceNode{"dev/null", 0666, 1, 3},
};

class Tree {
  public:
    // Puts an entry at its real place: links that the image itself holds are followed in the parent
    // directories. The first one at a place stays.
    void add(ImageEntry entry) {
        entry.path = resolve_parents(entry.path);
        entries_.try_emplace(entry.path, std::move(entry));
    }
    void add_directory(const std::string& path, unsigned mode, const Reason& reason) {
        ImageEntry entry;
        entry.path = path;
        entry.mode = S_IFDIR | mode;
        entry.links = 2;
        entry.reason = reason;
        add(std::move(entry));
    }
    void add_text(std::string_view path, std::string text) {
        ImageEntry entry;
        entry.path = path;
        entry.mode = S_IFREG | 0644;
        entry.size = text.size();
        entry.content = std::move(text);
        add(std::move(entry));
    }

    // Every parent that is still missing becomes a directory.
    Result<void> complete_parents() {
        std::vector<std::string> paths;
        for (const auto& [path, entry] : entries_)
            paths.push_back(path);
        Problems problems;
        for (const std::string& path : paths) {
            for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
                const std::string parent = path.substr(0, slash);
                const auto found = entries_.find(parent);
                if (found == entries_.end())
                    add_directory(parent, directory_mode(parent), entries_.at(path).reason);
                else if (!S_ISDIR(found->second.mode))
                    problems.add(parent, fmt::format("must be a directory for {}, but is a file", path));
            }
        }
        return problems.finish();
    }

    std::vector<ImageEntry> take() {
        std::vector<ImageEntry> all;
        all.reserve(entries_.size());
        for (auto& [path, entry] : entries_)
            all.push_back(std::move(entry));
        return all;
    }

    // Where a file of the image itself lies. Errors: something else is there, or the init would mount over
    // it.
    Result<std::string> own_place(std::string_view path) const {
        std::string place = resolve_parents(std::string(path));
        if (const auto taken = entries_.find(place); taken != entries_.end())
            return fail(taken->second.reason.origin.text(), fmt::format("'/{}' is made by mkpxerd", place),
                        "leave it out");
        for (const std::string_view directory : {"dev/", "proc/", "run/", "sys/"})
            if (place.starts_with(directory))
                return fail(std::string(path),
                            fmt::format("would lie at /{}, hidden as soon as /init mounts "
                                        "what belongs there",
                                        place),
                            "let no link on the way lead there");
        return place;
    }

    // Without TLS and signatures /init goes without OpenSSL, which is more than half of it.
    bool needs_tls() const {
        const auto is_there = [&](std::string_view file) { return entries_.contains(end_of(file)); };
        if (std::ranges::any_of(authority_files, is_there)) return true;
        return is_there(key_directory);
    }

    // What lies where the init looks for keys is a key, or nothing would be checked by it.
    Result<void> check_keys() const {
        const std::string directory = end_of(key_directory);
        const auto top = entries_.find(directory);
        if (top == entries_.end()) // a link that leads nowhere is no image without keys
            return entries_.contains(resolve_parents(std::string(key_directory)))
                       ? no_key('/' + directory, "is not in the image")
                       : Result<void>();
        if (!S_ISDIR(top->second.mode)) return no_key('/' + directory, "is no directory");
        Problems problems;
        bool is_empty = true;
        for (auto at = entries_.lower_bound(directory + '/');
             at != entries_.end() && at->first.starts_with(directory + '/'); ++at) {
            is_empty = false;
            if (at->first.find('/', directory.size() + 1) != std::string::npos)
                continue; // its directory is told
            if (const auto checked = check_key(at->first); !checked) problems.add(checked.error());
        }
        if (is_empty) return no_key('/' + directory, "is empty");
        return problems.finish();
    }

  private:
    Result<void> check_key(const std::string& path) const {
        const auto entry = entries_.find(end_of(path));
        if (entry == entries_.end()) return no_key('/' + path, "is a link to what is not in the image");
        if (!S_ISREG(entry->second.mode)) return no_key('/' + path, "is not a regular file");
        if (const auto* text = std::get_if<std::string>(&entry->second.content))
            return wrap::check_ed25519_key('/' + path, *text);
        const auto* source = std::get_if<TreePath>(&entry->second.content);
        const auto content =
            read_regular(source != nullptr ? *source : std::get<PackedFile>(entry->second.content).source,
                         largest_key_file);
        return content ? wrap::check_ed25519_key('/' + path, *content)
                       : no_key('/' + path, content.error().first().text);
    }
    // Links followed at the end, too.
    std::string end_of(std::string_view path) const {
        const std::string below = resolve_parents(std::string(path) + "/x"); // makes a parent of it
        return below.substr(0, below.size() - 2);
    }
    std::string resolve_parents(const std::string& path) const {
        std::string todo = path;
        for (unsigned followed = 0; followed < 40; ++followed) {
            bool changed = false;
            for (auto slash = todo.find('/'); slash != std::string::npos; slash = todo.find('/', slash + 1)) {
                const auto found = entries_.find(todo.substr(0, slash));
                if (found == entries_.end() || !S_ISLNK(found->second.mode)) continue;
                const auto& target = std::get<std::string>(found->second.content);
                const auto parent = found->first.rfind('/');
                const std::string base = target.starts_with('/') || parent == std::string::npos
                                             ? ""
                                             : found->first.substr(0, parent + 1);
                todo = clean_path(base + target + todo.substr(slash));
                changed = true;
                break;
            }
            if (!changed) break;
        }
        return todo;
    }

    std::map<std::string, ImageEntry> entries_;
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

void add_modules(Tree& tree, const ModuleSet& modules) {
    if (modules.kernel_version.empty()) return;
    const std::string directory = "lib/modules/" + modules.kernel_version + '/';
    tree.add_directory(directory.substr(0, directory.size() - 1), 0755, {});
    for (const Module& module : modules.modules) {
        ImageEntry entry = regular(directory + module.path, module.source, module.size, module.reason);
        if (module.packed) entry.content = PackedFile{module.source, *module.packed};
        tree.add(std::move(entry));
    }
    for (const auto& [name, content] : modules.lists)
        tree.add_text(directory + name, content);
    if (!modules.absent_drivers.empty())
        tree.add_text(absent_drivers_path, write_absent_drivers(modules.absent_drivers));
    for (const Firmware& firmware : modules.firmware) {
        if (firmware.target.empty()) {
            tree.add(regular(firmware.path, firmware.source, firmware.size, firmware.reason));
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

// Where the files that tell what the image is are in this one: /etc/mkpxerd may be a link.
struct OwnPlaces {
    std::string boot_config;
    std::string provenance;
    std::string sentinel;
};

Result<OwnPlaces> add_own(Tree& tree, const BuildRequest& request) {
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

// Which wish put each entry there, for `mkpxerd size`. Files are named by their last directory and name only:
// where the lists lay on the build machine must not change the image.
std::string provenance_text(const std::vector<ImageEntry>& entries) {
    std::vector<Provenance> lines;
    for (const ImageEntry& entry : entries) {
        const Reason& reason = entry.reason;
        const std::filesystem::path file = reason.origin.file;
        const auto directory = file.parent_path().filename();
        lines.push_back({entry.path, std::string(kind_name(reason.kind)), reason.from, reason.feature,
                         (directory / file.filename()).string(), reason.origin.line});
    }
    return write_provenance(lines);
}

// Inodes say which names are links to one file: a file of one name has none, and adding an entry changes no
// other. newc keeps the content of hard links once, with the last of them (GNU cpio's convention, which
// init/initramfs.c reads).
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

Result<ImageTree> ImageBuilder::build(const ModuleSet& modules, const FileSet& files,
                                      const BuildRequest& request, BootConfig config) const {
    Tree tree;
    for (const ExtraFile& file : request.extra_files) {
        MKPXERD_TRY_ASSIGN(const std::uint64_t size, size_of(file.source, file.origin.text()));
        ImageEntry entry =
            regular(file.path, file.source, size, {Reason::Kind::Pattern, {}, {}, file.origin});
        entry.mode = S_IFREG | file.mode;
        tree.add(std::move(entry));
    }
    for (const File& file : files.files) {
        if (file.path == init_path)
            return fail(file.reason.origin.text(), "'/init' is made by mkpxerd", "use -i to replace it");
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
    config.tls = tree.needs_tls() || !std::filesystem::exists(request.plain_init_program, ignored);
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

Result<ImageTree> ImageBuilder::build_overlay(const FileSet& files) const {
    Tree tree;
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
