// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/planned_tree.hpp"

#include <fmt/format.h>
#include <map>
#include <span>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/cli/output/progress_line.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/archive/image_parts.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/image_facts.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/image/module_path.hpp"
#include "mkpxerd/image/setting_files.hpp"

namespace mkpxerd::cli {
namespace {

bool is_module(const std::string& path) {
    return image::module_directory_path(path) && !image::module_name(path).empty();
}

bool is_firmware(const std::string& path, const image::Entry& entry) {
    return !entry.is_directory() && !image::firmware_path(path).empty();
}

} // namespace

bool is_named(const std::string& path, const std::string& wanted) {
    const auto is_at = [&](std::string_view place) {
        return place == clean_path(wanted) || place.substr(place.rfind('/') + 1) == wanted; // npos + 1 is 0
    };
    return is_at(path) || is_at(image::plain_path(path)) ||
           (is_module_file(path) && module_name_of(path) == module_name_of(wanted));
}

image::Entry as_read(const generator::ImageEntry& planned, std::size_t archive) {
    image::Entry entry;
    entry.archive = archive;
    entry.path = planned.path;
    entry.mode = planned.mode;
    entry.inode = planned.inode;
    entry.links = planned.links;
    entry.size = static_cast<std::uint32_t>(planned.size);
    const auto* text = std::get_if<std::string>(&planned.content);
    if (S_ISLNK(planned.mode) && text != nullptr) entry.target = *text;
    return entry;
}

Result<PlannedTree> PlannedTree::make(const generator::ImageTree& image, const generator::ImageParts& parts) {
    PlannedTree tree;
    MKPXERD_TRY(tree.add_archives(parts, true));
    tree.add_image(image);
    MKPXERD_TRY(tree.add_archives(parts, false));
    tree.view_ = std::make_unique<image::EffectiveView>(*tree.entries_);
    tree.conflicts_ = image::find_archive_conflicts(*tree.view_, tree.names_, tree.own_);
    return tree;
}

Result<void> PlannedTree::add_archives(const generator::ImageParts& parts, bool before) {
    const std::string& all = before ? parts.before : parts.after;
    for (const auto& archive : parts.archives) {
        if (archive.is_before != before) continue;
        const auto bytes = std::as_bytes(std::span(all)).subspan(archive.begin, archive.size);
        MKPXERD_TRY_ASSIGN(auto read, image::read_entries(bytes, archive.name));
        skipped_.insert(skipped_.end(), read.warnings.begin(), read.warnings.end());
        files_.push_back(
            {.name = archive.name, .bytes = bytes, .first = entries_->size(), .count = read.entries.size()});
        const bool is_file = archive.name != "--ucode";
        const std::string reason =
            is_file ? fmt::format("archive {} ({})", archive.name, before ? "--prepend" : "--append")
                    : archive.name;
        // One file may hold several archives, whose hard links are apart.
        const std::size_t first = names_.size();
        for (image::Entry& entry : read.entries) {
            entry.archive += first;
            if (entry.archive >= names_.size()) {
                names_.resize(entry.archive + 1, archive.name);
                reasons_.resize(entry.archive + 1, reason);
            }
            entries_->push_back(std::move(entry));
        }
    }
    return {};
}

void PlannedTree::add_image(const generator::ImageTree& image) {
    own_ = names_.size();
    image_ = &image;
    first_own_ = entries_->size();
    names_.emplace_back("the image");
    reasons_.emplace_back();
    for (const generator::ImageEntry& planned : image.entries)
        entries_->push_back(as_read(planned, own_));
}

std::vector<std::string> PlannedTree::places() const {
    std::map<std::string_view, std::size_t> own_directories;
    for (std::size_t i = 0; i < entries_->size(); ++i)
        if (const image::Entry& entry = (*entries_)[i]; entry.archive == own_ && entry.is_directory())
            own_directories[entry.path] = i;
    std::vector<std::string> places(entries_->size());
    for (const auto& [path, node] : view_->nodes()) {
        if (node.entry == image::EffectiveView::none) continue;
        const auto own = node.is_directory ? own_directories.find(path) : own_directories.end();
        places[own != own_directories.end() ? own->second : node.entry] = path;
    }
    return places;
}

generator::ArchiveReport PlannedTree::report() const {
    generator::ArchiveReport report;
    const std::vector<std::string> places = this->places();
    for (std::size_t i = 0; i < places.size(); ++i) {
        const image::Entry& entry = (*entries_)[i];
        const std::string& place = places[i];
        const bool is_own = entry.archive == own_;
        if (is_own && place.empty()) report.gone.insert(entry.path);
        if (!is_own && !place.empty())
            (entry.archive < own_ ? report.before : report.after)
                .push_back({.path = place,
                            .bytes = entry.size,
                            .why = fmt::format("{} <- {}", place, reasons_[entry.archive])});
        report.modules +=
            (!place.empty() && is_module(place) ? 1 : 0) - (is_own && is_module(entry.path) ? 1 : 0);
        report.firmware += (!place.empty() && is_firmware(place, entry) ? 1 : 0) -
                           (is_own && is_firmware(entry.path, entry) ? 1 : 0);
    }
    report.warnings = skipped_;
    report.warnings.insert(report.warnings.end(), conflicts_.warnings.begin(), conflicts_.warnings.end());
    return report;
}

std::optional<Problem> PlannedTree::find_lost(const std::string& wanted) const {
    for (const image::EffectiveView::Lost& lost : view_->lost()) {
        const image::Entry& entry = (*entries_)[lost.entry];
        if (is_named(entry.path, wanted))
            return Problem{.object = wanted,
                           .text = fmt::format("is in {} ({}), but the kernel does not unpack it: {}",
                                               names_[entry.archive], entry.path, lost.reason)};
    }
    return std::nullopt;
}

Result<generator::ArchiveReport> check_archives(const generator::ImageTree& image,
                                                const generator::ImageParts& parts) {
    MKPXERD_TRY_ASSIGN(const PlannedTree tree, PlannedTree::make(image, parts));
    Problems problems;
    for (const Problem& conflict : tree.conflicts().errors)
        problems.add(conflict);
    const auto settings = image::check_setting_files(tree.view(), tree.contents());
    if (!settings) problems.add(settings.error());
    MKPXERD_TRY(problems.finish());
    generator::ArchiveReport report = tree.report();
    if (!parts.archives.empty()) {
        MKPXERD_TRY_ASSIGN(const auto facts,
                           image::ImageFacts::planned("the image", tree.view(), tree.conflicts(),
                                                      tree.contents(), image.config));
        if (const auto unlisted = facts.unlisted_modules()) report.warnings.push_back(*unlisted);
    }
    report.warnings.insert(report.warnings.end(), settings->begin(), settings->end());
    return report;
}

Result<generator::ArchiveReport> read_archives(const generator::BuildRequest& request,
                                               const generator::ImagePlan& plan) {
    MKPXERD_TRY_ASSIGN(const auto parts, generator::collect_parts(request, plan.report.kernel_version));
    return check_archives(plan.tree, parts);
}

image::ContentSource PlannedTree::contents() const {
    return [this](const std::set<std::size_t>& wanted) -> Result<image::EntryContents> {
        image::EntryContents contents;
        MKPXERD_TRY(read_own(wanted, contents));
        MKPXERD_TRY(read_archives(wanted, contents));
        return contents;
    };
}

Result<void> PlannedTree::read_own(const std::set<std::size_t>& wanted,
                                   image::EntryContents& contents) const {
    for (const std::size_t index : wanted) {
        if (index < first_own_ || index - first_own_ >= image_->entries.size()) continue;
        const auto& content = image_->entries[index - first_own_].content;
        if (const auto* text = std::get_if<std::string>(&content)) contents[index] = *text;
        if (const auto* file = std::get_if<TreePath>(&content)) {
            MKPXERD_TRY_ASSIGN(contents[index], read_file(*file));
        }
    }
    return {};
}

Result<void> PlannedTree::read_archives(const std::set<std::size_t>& wanted,
                                        image::EntryContents& contents) const {
    for (const ArchiveFile& file : files_) {
        std::set<std::size_t> here;
        for (auto index = wanted.lower_bound(file.first);
             index != wanted.end() && *index < file.first + file.count; ++index)
            here.insert(*index - file.first);
        const auto sink = [&](std::size_t index, std::span<const std::byte> piece) -> Result<void> {
            contents[file.first + index].append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        };
        MKPXERD_TRY(image::read_contents(file.bytes, file.name, here, sink));
    }
    return {};
}

Result<generator::ImagePlan> plan_unwritten(generator::BuildRequest request, const CommandContext& context) {
    if (!context.cache_dir.empty())
        request.compression.cache =
            std::make_shared<wrap::ChunkCache>(context.cache_dir, wrap::ChunkCache::Use::ReadOnly);
    ProgressLine progress(context.err, context.err_is_terminal && !context.is_quiet && !context.wants_json);
    return generator::plan_image(request, shown_by(progress).packing);
}

} // namespace mkpxerd::cli
