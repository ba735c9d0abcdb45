// SPDX-License-Identifier: MIT
// Compares contents by SHA-256, and only if the sizes are equal; modules and firmware by what they decompress
// to.
#include "mkpxerd/image/image_diff.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::uint32_t largest_plain = std::uint32_t{256} << 20; // of a file that is held whole

using Digests = std::map<std::size_t, wrap::Sha256Digest>; // by entry

// Digests the content of one entry after the other; of a wanted one, what it decompresses to.
class Digester {
  public:
    Digester(const Image& image, const std::set<std::size_t>& plain) : image_(image), plain_(plain) {}
    void take(std::size_t entry, std::span<const std::byte> piece) {
        if (current_ != entry) end();
        current_ = entry;
        if (plain_.contains(entry))
            content_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        sha_.update(piece);
    }
    void end() {
        if (!current_) return;
        digests_[*current_] = sha_.finish();
        if (plain_.contains(*current_)) plain_digests_[*current_] = digest_plain(*current_);
        content_.clear();
    }
    Digests digests() { return std::move(digests_); }
    Digests plain_digests() { return std::move(plain_digests_); }

  private:
    // Of a damaged one, the content as it is: it equals nothing else.
    wrap::Sha256Digest digest_plain(std::size_t entry) const {
        wrap::Sha256 sha;
        const auto add = [&](std::span<const std::byte> piece) -> Result<void> {
            sha.update(piece);
            return {};
        };
        const bool is_whole = unpack_content(content_, image_.entries()[entry].path, add).has_value();
        const auto digest = sha.finish();
        return is_whole ? digest : digests_.at(entry);
    }

    const Image& image_;
    const std::set<std::size_t>& plain_;
    wrap::Sha256 sha_;
    std::optional<std::size_t> current_;
    std::string content_;
    Digests digests_;
    Digests plain_digests_;
};

struct Side {
    explicit Side(const Image& given) : image(given), view(given.entries()) {
        for (const auto& [path, node] : view.nodes())
            if (node.is_regular && node.content != EffectiveView::none &&
                (is_module_file(path) || !firmware_path(path).empty()))
                by_plain_path.emplace(plain_path(path), &path);
    }
    const Entry* entry(const EffectiveView::Node& node) const {
        return node.entry == EffectiveView::none ? nullptr : &image.entries()[node.entry];
    }
    std::uint32_t body_size(const EffectiveView::Node& node) const {
        return node.content == EffectiveView::none ? 0 : image.entries()[node.content].size;
    }
    // The file that has the same plain path; nullptr: there is none.
    const std::string* twin(const std::string& path) const {
        const auto found = by_plain_path.find(plain_path(path));
        return found == by_plain_path.end() ? nullptr : found->second;
    }
    void want_plain(const EffectiveView::Node& node) {
        wanted.insert(node.content);
        plain.insert(node.content);
    }
    Result<void> read_digests() {
        Digester digester(image, plain);
        MKPXERD_TRY(image.read_contents(wanted, [&](std::size_t entry, std::span<const std::byte> piece) {
            digester.take(entry, piece);
            return Result<void>();
        }));
        digester.end();
        digests = digester.digests();
        plain_digests = digester.plain_digests();
        return {};
    }

    const Image& image;
    EffectiveView view;
    std::map<std::string_view, const std::string*> by_plain_path; // of modules and firmware
    std::set<std::size_t> wanted;                                 // entries whose contents must be compared
    std::set<std::size_t> plain; // those among them that may be compressed differently
    Digests digests;
    Digests plain_digests;
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

// Once decompressed, for modules and firmware. Both have contents; nullopt: they were not read.
std::optional<bool> same_plain(const Side& a, const EffectiveView::Node& at, const Side& b,
                               const EffectiveView::Node& bt) {
    const auto left = a.plain_digests.find(at.content);
    const auto right = b.plain_digests.find(bt.content);
    if (left == a.plain_digests.end() || right == b.plain_digests.end()) return std::nullopt;
    return left->second == right->second;
}

// The file of b that is the same module or firmware as this one of a, but is compressed differently and so
// has another name; nullptr: there is none.
const std::string* renamed(const std::string& path, const EffectiveView::Node& node, const Side& a,
                           const Side& b) {
    if (!node.is_regular || a.body_size(node) == 0 || b.view.nodes().contains(path)) return nullptr;
    const std::string* other = b.twin(path);
    return other != nullptr && !a.view.nodes().contains(*other) ? other : nullptr;
}

void want_contents(Side& a, Side& b) {
    const auto want_plain = [&](const EffectiveView::Node& at, const EffectiveView::Node& bt) {
        if (std::max(a.body_size(at), b.body_size(bt)) > largest_plain) return;
        a.want_plain(at);
        b.want_plain(bt);
    };
    for (const auto& [path, node] : a.view.nodes()) {
        if (const std::string* other = renamed(path, node, a, b)) want_plain(node, b.view.nodes().at(*other));
        const auto other = b.view.nodes().find(path);
        if (other == b.view.nodes().end() || !node.is_regular || !other->second.is_regular) continue;
        if (a.body_size(node) == 0 || b.body_size(other->second) == 0) continue;
        if (is_compressed_file(path)) want_plain(node, other->second);
        if (a.body_size(node) != b.body_size(other->second)) continue;
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
        change.details.emplace_back(same_plain(a, node_a, b, node_b).value_or(false)
                                        ? "compressed differently, same content"
                                        : "content");
    change.bytes = std::int64_t{b.body_size(node_b)} - a.body_size(node_a);
    if (!change.details.empty())
        diff.changes.push_back(std::move(change));
    else if (entry_a->mtime != entry_b->mtime)
        ++diff.times_only;
}

void compare_renamed(const std::string& path, const Side& a, const std::string& path_b, const Side& b,
                     ImageDiff& diff) {
    const EffectiveView::Node& node_a = a.view.nodes().at(path);
    const EffectiveView::Node& node_b = b.view.nodes().at(path_b);
    Change change{Change::Kind::Changed, path_b, std::int64_t{b.body_size(node_b)} - a.body_size(node_a), {}};
    compare_headers(*a.entry(node_a), *b.entry(node_b), change.details);
    change.details.push_back(
        fmt::format("was {}, {}", path.substr(path.rfind('/') + 1),
                    same_plain(a, node_a, b, node_b).value_or(false) ? "same content" : "other content"));
    diff.changes.push_back(std::move(change));
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
    std::set<std::string_view> known; // paths of b that are not new
    for (const auto& [path, node] : a.view.nodes()) {
        if (const std::string* path_b = renamed(path, node, a, b)) {
            known.insert(*path_b);
            compare_renamed(path, a, *path_b, b, diff);
            continue;
        }
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
        if (is_new && b.entry(node) != nullptr && !known.contains(path))
            diff.changes.push_back({.kind = Change::Kind::Added, .path = path, .bytes = b.body_size(node)});
    }
    std::ranges::sort(diff.changes, {}, &Change::path);
    return diff;
}

} // namespace mkpxerd::image
