// SPDX-License-Identifier: MIT
// Compares contents by SHA-256, and only if the sizes are equal.
#include "mkpxerd/image/image_diff.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::image {
namespace {

using Digests = std::map<std::size_t, wrap::Sha256Digest>; // by entry

struct Side {
    explicit Side(const Image& given) : image(given), view(given.entries()) {}
    const Entry* entry(const EffectiveView::Node& node) const {
        return node.entry == EffectiveView::none ? nullptr : &image.entries()[node.entry];
    }
    std::uint32_t body_size(const EffectiveView::Node& node) const {
        return node.content == EffectiveView::none ? 0 : image.entries()[node.content].size;
    }
    Result<void> read_digests() {
        wrap::Sha256 sha;
        std::optional<std::size_t> current;
        const auto end = [&] {
            if (current) digests[*current] = sha.finish();
        };
        const auto sink = [&](std::size_t index, std::span<const std::byte> piece) -> Result<void> {
            if (current != index) end();
            current = index;
            sha.update(piece);
            return {};
        };
        MKPXERD_TRY(image.read_contents(wanted, sink));
        end();
        return {};
    }

    const Image& image;
    EffectiveView view;
    std::set<std::size_t> wanted; // entries whose contents must be compared
    Digests digests;
};

std::string_view type_name(std::uint32_t mode) {
    switch (mode & 0170000) {
    case 0040000:
        return "directory";
    case 0100000:
        return "file";
    case 0120000:
        return "link";
    case 0020000:
    case 0060000:
        return "device node";
    default:
        return "special file";
    }
}

void compare_headers(const Entry& a, const Entry& b, std::vector<std::string>& details) {
    if ((a.mode & 0170000) != (b.mode & 0170000)) {
        details.push_back(fmt::format("{} -> {}", type_name(a.mode), type_name(b.mode)));
        return;
    }
    if (a.mode != b.mode)
        details.push_back(fmt::format("mode {:04o} -> {:04o}", a.mode & 07777, b.mode & 07777));
    if (a.uid != b.uid || a.gid != b.gid)
        details.push_back(fmt::format("owner {}:{} -> {}:{}", a.uid, a.gid, b.uid, b.gid));
    if (a.target != b.target) details.push_back(fmt::format("target {} -> {}", a.target, b.target));
    if (a.node_major != b.node_major || a.node_minor != b.node_minor)
        details.push_back(
            fmt::format("node {}:{} -> {}:{}", a.node_major, a.node_minor, b.node_major, b.node_minor));
}

bool same_content(const Side& a, const EffectiveView::Node& at, const Side& b,
                  const EffectiveView::Node& bt) {
    if (a.body_size(at) != b.body_size(bt)) return false;
    return a.body_size(at) == 0 || a.digests.at(at.content) == b.digests.at(bt.content);
}

void want_contents(Side& a, Side& b) {
    for (const auto& [path, node] : a.view.nodes()) {
        const auto other = b.view.nodes().find(path);
        if (other == b.view.nodes().end() || !node.is_regular || !other->second.is_regular) continue;
        if (a.body_size(node) == 0 || a.body_size(node) != b.body_size(other->second)) continue;
        a.wanted.insert(node.content);
        b.wanted.insert(other->second.content);
    }
}

void compare_nodes(const std::string& path, const Side& a, const EffectiveView::Node& node_a, const Side& b,
                   const EffectiveView::Node& node_b, ImageDiff& diff) {
    const Entry* entry_a = a.entry(node_a);
    const Entry* entry_b = b.entry(node_b);
    if (entry_a == nullptr || entry_b == nullptr) return;
    Change change{Change::Kind::Changed, path, 0, {}};
    compare_headers(*entry_a, *entry_b, change.details);
    if (node_a.is_regular && node_b.is_regular && !same_content(a, node_a, b, node_b))
        change.details.emplace_back("content");
    change.bytes = std::int64_t{b.body_size(node_b)} - a.body_size(node_a);
    if (!change.details.empty())
        diff.changes.push_back(std::move(change));
    else if (entry_a->mtime != entry_b->mtime)
        ++diff.times_only;
}

} // namespace

Result<ImageDiff> compare(const Image& before, const Image& after) {
    Side a(before);
    Side b(after);
    ImageDiff diff;
    diff.same_bytes = std::ranges::equal(before.bytes(), after.bytes());
    if (diff.same_bytes) return diff;
    want_contents(a, b);
    MKPXERD_TRY(a.read_digests());
    MKPXERD_TRY(b.read_digests());
    for (const auto& [path, node] : a.view.nodes()) {
        const auto other = b.view.nodes().find(path);
        const bool is_gone = other == b.view.nodes().end() || b.entry(other->second) == nullptr;
        if (a.entry(node) == nullptr) continue;
        if (is_gone)
            diff.changes.push_back(
                {.kind = Change::Kind::Removed, .path = path, .bytes = -std::int64_t{a.body_size(node)}});
        else
            compare_nodes(path, a, node, b, other->second, diff);
    }
    for (const auto& [path, node] : b.view.nodes()) {
        const auto other = a.view.nodes().find(path);
        const bool is_new = other == a.view.nodes().end() || a.entry(other->second) == nullptr;
        if (is_new && b.entry(node) != nullptr)
            diff.changes.push_back({.kind = Change::Kind::Added, .path = path, .bytes = b.body_size(node)});
    }
    std::ranges::sort(diff.changes, {}, &Change::path);
    return diff;
}

} // namespace mkpxerd::image
