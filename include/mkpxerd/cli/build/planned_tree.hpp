// SPDX-License-Identifier: MIT
// A planned image and the archives around it -> the tree that the kernel makes of all of them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/image/archive_conflicts.hpp"
#include "mkpxerd/image/content_source.hpp"

namespace mkpxerd::cli {

// Whether a name that somebody asks for means the entry at this path: a path, a module or a file name.
bool is_named(const std::string& path, const std::string& wanted);

// A planned entry in the form of one that was read. archive: its number.
image::Entry as_read(const generator::ImageEntry& planned, std::size_t archive);

class PlannedTree {
  public:
    // Errors: an archive that cannot be read. The image alone has no archives around it. Both must outlive
    // the tree.
    static Result<PlannedTree> make(const generator::ImageTree& image,
                                    const generator::ImageParts& parts = {});

    const image::EffectiveView& view() const { return *view_; }
    // The contents of its entries; of a file that the build compresses, none. The tree must outlive it.
    image::ContentSource contents() const;
    const image::ArchiveConflicts& conflicts() const { return conflicts_; }
    // What the archives bring, each entry with its archive as the reason. A directory that the image has,
    // too, counts as the image's.
    generator::ArchiveReport report() const;
    // An entry of this name that the kernel does not unpack, and why.
    std::optional<Problem> find_lost(const std::string& wanted) const;

  private:
    PlannedTree() = default;
    Result<void> add_archives(const generator::ImageParts& parts, bool before);
    void add_image(const generator::ImageTree& image);
    // By entry: the path at which the kernel leaves it; empty: nowhere.
    std::vector<std::string> places() const;
    Result<void> read_own(const std::set<std::size_t>& wanted, image::EntryContents& contents) const;
    Result<void> read_archives(const std::set<std::size_t>& wanted, image::EntryContents& contents) const;

    struct ArchiveFile {
        std::string name;
        std::span<const std::byte> bytes;
        std::size_t first = 0; // of its entries
        std::size_t count = 0;
    };

    std::vector<ArchiveFile> files_;
    const generator::ImageTree* image_ = nullptr;
    std::size_t first_own_ = 0; // of the entries of the image

    std::unique_ptr<std::vector<image::Entry>> entries_ = std::make_unique<std::vector<image::Entry>>();
    std::unique_ptr<image::EffectiveView> view_; // of these entries
    std::vector<std::string> names_;             // by Entry::archive
    std::vector<std::string> reasons_;           // of the same archives; empty: the image
    std::size_t own_ = 0;
    std::vector<Problem> skipped_; // entries without a usable header
    image::ArchiveConflicts conflicts_;
};

// The check of a build: an ArchiveCheck.
Result<generator::ArchiveReport> check_archives(const generator::ImageTree& image,
                                                const generator::ImageParts& parts);

// Plans an image that is not written, with progress. What builds keep in the cache saves compressing the
// modules again, whose names and sizes depend on their form.
Result<generator::ImagePlan> plan_unwritten(generator::BuildRequest request, const CommandContext& context);

// The check of a build for such a plan. Errors: also an archive that a build would refuse.
Result<generator::ArchiveReport> read_archives(const generator::BuildRequest& request,
                                               const generator::ImagePlan& plan);

} // namespace mkpxerd::cli
