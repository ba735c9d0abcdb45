// SPDX-License-Identifier: MIT
// do_name(), do_symlink(), maybe_link() and clean_path() of init/initramfs.c, on a map instead of a file
// system.
#include "mkpxerd/image/effective_view.hpp"

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {
namespace {

constexpr int link_limit = 40; // MAXSYMLINKS
constexpr std::uint32_t type_mask = 0170000;

std::string join(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : std::string(folder) + '/' + std::string(name);
}

} // namespace

EffectiveView::EffectiveView(const std::vector<Entry>& entries) : entries_(entries) {
    // usr/default_cpio_list: what stands there before any initrd is unpacked.
    nodes_["dev"].is_directory = true;
    nodes_["dev/console"];
    nodes_["root"].is_directory = true;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        apply(i);
    for (auto& [path, node] : nodes_)
        if (node.is_regular) node.content = contents_[node.file];
}

std::optional<std::string> EffectiveView::resolve(std::string_view path, bool follow_last) const {
    std::string place;
    std::string ahead(path);
    for (int links = 0; !ahead.empty();) {
        const auto slash = ahead.find('/');
        const std::string name = ahead.substr(0, slash);
        ahead = slash == std::string::npos ? "" : ahead.substr(slash + 1);
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            place.resize(place.find_last_of('/') == std::string::npos ? 0 : place.find_last_of('/'));
            continue;
        }
        std::string next = join(place, name);
        const auto node = nodes_.find(next);
        if (node == nodes_.end()) return std::nullopt;
        const bool last = ahead.find_first_not_of('/') == std::string::npos;
        if (!node->second.is_link || (last && !follow_last)) {
            if (!last && !node->second.is_directory) return std::nullopt;
            place = std::move(next);
            continue;
        }
        if (++links > link_limit) return std::nullopt;
        const std::string& target = entries_[node->second.entry].target;
        if (target.starts_with('/')) place.clear();
        ahead = ahead.empty() ? target : target + '/' + ahead;
    }
    return place;
}

const EffectiveView::Node* EffectiveView::find(std::string_view path) const {
    const auto real = resolve(path);
    if (!real) return nullptr;
    const auto node = nodes_.find(*real);
    return node == nodes_.end() ? nullptr : &node->second;
}

bool EffectiveView::has_children(const std::string& path) const {
    const auto child = nodes_.lower_bound(path + '/');
    return child != nodes_.end() && child->first.starts_with(path + '/');
}

// Removes what is in the way of a new entry: anything of another type. False: a folder that is not empty
// stays.
bool EffectiveView::make_way(const std::string& path, bool directory, bool regular) {
    const auto old = nodes_.find(path);
    if (old == nodes_.end()) return true;
    if ((directory && old->second.is_directory) || (regular && old->second.is_regular)) return true;
    if (old->second.is_directory && has_children(path)) return false;
    nodes_.erase(old);
    return true;
}

void EffectiveView::apply(std::size_t index) {
    const Entry& entry = entries_[index];
    if (entry.path.empty()) return; // the root itself: it is always there
    const auto slash = entry.path.find_last_of('/');
    const auto parent = slash == std::string::npos ? std::optional<std::string>("")
                                                   : resolve(std::string_view(entry.path).substr(0, slash));
    if (!parent || (!parent->empty() && !nodes_.at(*parent).is_directory)) {
        lost_.push_back({index, "its folder does not exist"});
        return;
    }
    const std::string path = join(*parent, std::string_view(entry.path).substr(slash + 1));
    const Node* linked = nullptr;
    if (entry.links >= 2 && !entry.is_directory() && !entry.is_link()) {
        const LinkKey key{entry.archive, entry.device_major, entry.device_minor, entry.inode,
                          entry.mode & type_mask};
        const auto [first, is_new] = hard_links_.try_emplace(key, path);
        if (!is_new && first->second != path) {
            const auto node = nodes_.find(first->second);
            if (node != nodes_.end()) linked = &node->second;
        }
    }
    const Node shared = linked != nullptr ? *linked : Node{};
    if (!make_way(path, entry.is_directory() && linked == nullptr, entry.is_regular() && linked == nullptr)) {
        lost_.push_back({index, "a folder that is not empty is in its place"});
        return;
    }
    Node& node = nodes_[path];
    const bool overwrites = node.is_regular && entry.is_regular(); // the same file, under all its names
    if (linked != nullptr) node = shared;
    node.entry = index;
    node.is_directory = entry.is_directory();
    node.is_link = entry.is_link();
    node.is_regular = entry.is_regular();
    if (!entry.is_regular()) return;
    if (linked == nullptr && !overwrites) {
        node.file = contents_.size();
        contents_.push_back(none);
    }
    // A hard link without a body of its own shows the body that came before, or the one that comes with a
    // later name.
    if (entry.size > 0)
        contents_[node.file] = index;
    else if (linked == nullptr)
        contents_[node.file] = none;
}

} // namespace mkpxerd::image
