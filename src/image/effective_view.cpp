// SPDX-License-Identifier: MIT
// do_name(), do_symlink(), maybe_link() and clean_path() of init/initramfs.c, on a map instead of a file
// system.
#include "mkpxerd/image/effective_view.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mkpxerd::image {
namespace {

constexpr int link_limit = 40;         // MAXSYMLINKS
constexpr std::size_t max_path = 4096; // PATH_MAX, closing zero included
constexpr std::uint32_t type_mask = 0170000;
constexpr std::size_t link_steps_of_entry = 16;

std::string join(std::string_view directory, std::string_view name) {
    return directory.empty() ? std::string(name) : std::string(directory) + '/' + std::string(name);
}

std::string_view last_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

bool has_no_more_names(std::string_view path) {
    return path.find_first_not_of('/') == std::string_view::npos;
}

} // namespace

EffectiveView::EffectiveView(const std::vector<Entry>& entries, const ViewLimits& limits)
    : entries_(entries), limits_(limits), root_(std::make_unique<Place>()),
      link_steps_left_(limits.link_steps + link_steps_of_entry * entries.size()),
      longer_left_(limits.longer_bytes) {
    root_->node = nodes_.end();
    // usr/default_cpio_list: the tree before any initrd is unpacked.
    Place& dev = add(*root_, "dev");
    dev.node->second.is_directory = true;
    add(dev, "dev/console");
    add(*root_, "root").node->second.is_directory = true;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        apply(i);
    for (auto& [path, node] : nodes_)
        if (node.is_regular) node.content = contents_[node.file];
}

// nullptr: does not exist.
EffectiveView::Place* EffectiveView::walk(std::string_view path, bool follow_last) const {
    struct Text {
        std::string_view left;
        bool is_target; // of a link
    };
    std::vector<Text> ahead = {{path, false}};
    Place* at = root_.get();
    for (int links = 0; !ahead.empty();) {
        Text& text = ahead.back();
        if (text.is_target) {
            if (link_steps_left_ == 0) return nullptr;
            --link_steps_left_;
        }
        const auto slash = text.left.find('/');
        const std::string_view name = text.left.substr(0, slash);
        if (slash == std::string_view::npos)
            ahead.pop_back();
        else
            text.left.remove_prefix(slash + 1);
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            if (at->parent != nullptr) at = at->parent;
            continue;
        }
        const auto child = at->children.find(name);
        if (child == at->children.end()) return nullptr;
        const Node& node = child->second->node->second;
        const auto is_last = [&] {
            return std::ranges::all_of(ahead, [](const Text& rest) { return has_no_more_names(rest.left); });
        };
        if (!node.is_link || (!follow_last && is_last())) {
            if (!node.is_directory && !is_last()) return nullptr;
            at = child->second.get();
            continue;
        }
        if (++links > link_limit) return nullptr;
        const std::string_view target = entries_[node.entry].target;
        if (target.starts_with('/')) at = root_.get();
        ahead.push_back({target, true});
    }
    return at;
}

std::optional<std::string> EffectiveView::resolve(std::string_view path, bool follow_last) const {
    const Place* place = walk(path, follow_last);
    if (place == nullptr) return std::nullopt;
    return place == root_.get() ? std::string() : place->node->first;
}

const EffectiveView::Node* EffectiveView::find(std::string_view path) const {
    const Place* place = walk(path, true);
    return place == nullptr || place == root_.get() ? nullptr : &place->node->second;
}

// path: of a node that does not exist yet.
EffectiveView::Place& EffectiveView::add(Place& parent, std::string path) {
    auto place = std::make_unique<Place>();
    place->node = nodes_.try_emplace(std::move(path)).first;
    place->parent = &parent;
    const std::string_view name = last_name(place->node->first);
    return *(parent.children[name] = std::move(place));
}

// Removes a node of another type from the place of a new entry. Returns the remaining node, which may be
// overwritten. blocked: a non-empty directory remains.
EffectiveView::Place* EffectiveView::clear_place(Place& parent, std::string_view name, bool directory,
                                                 bool regular, bool& blocked) {
    const auto old = parent.children.find(name);
    if (old == parent.children.end()) return nullptr;
    const auto node = old->second->node;
    if ((directory && node->second.is_directory) || (regular && node->second.is_regular))
        return old->second.get();
    blocked = node->second.is_directory && !old->second->children.empty();
    if (blocked) return nullptr;
    parent.children.erase(old); // its name points into the node
    nodes_.erase(node);
    return nullptr;
}

bool EffectiveView::fits(const Entry& entry, const std::string& path) {
    const std::size_t longer = path.size() - std::min(path.size(), entry.path.size());
    if (path.size() >= max_path || longer > longer_left_) return false;
    longer_left_ -= longer;
    return true;
}

// Before the old node is gone.
void EffectiveView::note_replaced(std::size_t index, const Place& parent, std::string_view name) {
    const auto child = parent.children.find(name);
    if (child == parent.children.end()) return;
    const auto& [path, old] = *child->second->node;
    const bool stays =
        old.is_directory && (entries_[index].is_directory() || !child->second->children.empty());
    if (old.entry == none || stays) return;
    Replaced replaced{.entry = index, .old = old.entry, .path = path};
    if (old.is_link)
        if (const Place* target = walk(path, true);
            target != nullptr && (target == root_.get() || target->node->second.is_directory))
            replaced.directory = target == root_.get() ? std::string() : target->node->first;
    replaced_.push_back(std::move(replaced));
}

void EffectiveView::apply(std::size_t index) {
    const Entry& entry = entries_[index];
    if (entry.path.empty()) return; // the root itself always exists
    const auto slash = entry.path.find_last_of('/');
    const std::string_view name = last_name(entry.path);
    Place* parent =
        slash == std::string::npos ? root_.get() : walk(std::string_view(entry.path).substr(0, slash), true);
    if (parent == nullptr || (parent != root_.get() && !parent->node->second.is_directory)) {
        lost_.push_back(
            {index, link_steps_left_ > 0
                        ? "its directory does not exist"
                        : fmt::format("the links on its path take too many steps: the limit is {} steps for "
                                      "each entry and {} in addition",
                                      link_steps_of_entry, limits_.link_steps)});
        return;
    }
    const std::string path = join(parent == root_.get() ? std::string_view() : parent->node->first, name);
    if (!fits(entry, path)) {
        lost_.push_back(
            {index, fmt::format("links lead to a path of {} bytes: the limit is {} bytes each, and {} "
                                "in total",
                                path.size(), max_path - 1, limits_.longer_bytes)});
        return;
    }
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
    note_replaced(index, *parent, name);
    bool blocked = false;
    Place* place = clear_place(*parent, name, entry.is_directory() && linked == nullptr,
                               entry.is_regular() && linked == nullptr, blocked);
    if (blocked) {
        lost_.push_back({index, "a non-empty directory is in its place", nodes_.find(path)->second.entry});
        return;
    }
    Node& node = (place != nullptr ? *place : add(*parent, path)).node->second;
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
    // A hard link without a body has the earlier body, or the one of a later name.
    if (entry.size > 0)
        contents_[node.file] = index;
    else if (linked == nullptr)
        contents_[node.file] = none;
}

} // namespace mkpxerd::image
