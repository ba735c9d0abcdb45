// SPDX-License-Identifier: MIT
// Entries -> the tree after the kernel has unpacked them all in order: later entries replace earlier ones,
// names lead through links, hard links share one file, and entries without a parent directory are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/image/types.hpp"

namespace mkpxerd::image {

// For all entries of an image together.
struct ViewLimits {
    // A path of 4 KiB can lead through 40 links of 4 KiB each. An ordinary entry has one or two short ones.
    std::size_t link_steps = std::size_t{4} << 20;    // through targets of links, and 16 for each entry
    std::size_t longer_bytes = std::size_t{64} << 20; // by which paths are longer than those of the archive
};

class EffectiveView {
  public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct Node {
        std::size_t entry =
            none; // the one whose type, mode and owner count; none: from the kernel's default tree
        std::size_t content = none; // the entry with the bytes of a regular file; none: empty
        std::size_t file = 0;       // equal for names of one regular file (hard links)
        bool is_directory = false;
        bool is_link = false;
        bool is_regular = false;
    };
    struct Lost {
        std::size_t entry = 0;
        std::string reason;
        std::size_t by = none; // the entry in its place
    };
    // An entry in the place of an older one; directories never replace directories.
    struct Replaced {
        std::size_t entry = 0;
        std::size_t old = none;
        std::string path;                                    // real
        std::optional<std::string> directory = std::nullopt; // to which an old link led: its real path
    };

    // entries must outlive the view. Work and memory grow with them: an entry is lost, with a reason, if its
    // path takes more steps through links than in any honest image, or is longer than a path can be (4096
    // bytes).
    explicit EffectiveView(const std::vector<Entry>& entries, const ViewLimits& limits = {});

    const std::vector<Entry>& entries() const { return entries_; }
    // By path without leading slash, sorted; no path leads through a link. Without the root.
    const std::map<std::string, Node>& nodes() const { return nodes_; }
    const std::vector<Lost>& lost() const { return lost_; }
    const std::vector<Replaced>& replaced() const { return replaced_; }

    // The real path after following links, including the last one if follow_last. nullopt: does not exist, or
    // the steps through links are used up.
    std::optional<std::string> resolve(std::string_view path, bool follow_last = true) const;
    // The node of a path, all links followed. nullptr: does not exist.
    const Node* find(std::string_view path) const;

  private:
    using Nodes = std::map<std::string, Node>;
    // A node in its directory: a step to a child costs the same at any depth.
    struct Place {
        Nodes::iterator node; // nodes_.end(): the root
        Place* parent = nullptr;
        std::map<std::string_view, std::unique_ptr<Place>> children; // names point into the keys of nodes_
    };

    void apply(std::size_t index);
    Place* walk(std::string_view path, bool follow_last) const;
    Place& add(Place& parent, std::string path);
    Place* clear_place(Place& parent, std::string_view name, bool directory, bool regular, bool& blocked);
    bool fits(const Entry& entry, const std::string& path);
    void note_replaced(std::size_t index, const Place& parent, std::string_view name);

    const std::vector<Entry>& entries_;
    ViewLimits limits_;
    Nodes nodes_;
    std::unique_ptr<Place> root_;
    mutable std::size_t link_steps_left_; // through the targets of links, for all paths together
    std::size_t longer_left_;             // bytes by which real paths may exceed those of the archive
    std::vector<Lost> lost_;
    std::vector<Replaced> replaced_;
    struct LinkKey {
        std::size_t archive;
        std::uint32_t device_major, device_minor, inode, type;
        auto operator<=>(const LinkKey&) const = default;
    };
    std::map<LinkKey, std::string> hard_links_; // to the first name
    std::vector<std::size_t> contents_;         // by Node::file: the entry with the bytes
};

} // namespace mkpxerd::image
