// SPDX-License-Identifier: MIT
// With --image, the overlay is judged together with that image, as the kernel will unpack both.
#include "mkpxerd/cli/build/overlay_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <ostream>
#include <set>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/cli/options/confinement.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/generator/archive/image_tree.hpp"
#include "mkpxerd/generator/files/overlay_files.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd/image/overlay_place.hpp"
#include "mkpxerd/image/setting_files.hpp"

namespace mkpxerd::cli {
namespace {

// Moves each file to its place in the image.
Result<void> place_files(const image::EffectiveView& image, generator::FileSet& files) {
    using Kind = generator::File::Kind;
    std::map<std::string, generator::File> placed;
    std::map<std::string, std::string> names; // place -> the path as it was
    Problems problems;
    for (generator::File& file : files.files) {
        const std::string path = file.path;
        file.path = image::overlay_place(image, path, file.kind == Kind::Directory);
        if (file.path.empty()) continue; // the root
        if (file.path != path && file.kind == Kind::Link)
            file.target = image::moved_target(path, file.target);
        const auto name = names.try_emplace(file.path, path).first;
        const auto [other, is_new] = placed.try_emplace(file.path, file);
        const bool are_directories = file.kind == Kind::Directory && other->second.kind == Kind::Directory;
        if (!is_new && !are_directories)
            problems.add(path, fmt::format("is {} in the image, and so is {}", file.path, name->second),
                         "keep one of them");
    }
    MKPXERD_TRY(problems.finish());
    files.files.clear();
    for (auto& [path, file] : placed)
        files.files.push_back(std::move(file));
    return {};
}

image::ArchiveConflicts find_conflicts(const image::Image& image, const generator::ImageTree& overlay) {
    // All parts of the image count as one: what they do to each other is not the overlay's.
    std::vector<image::Entry> entries = image.entries();
    for (image::Entry& entry : entries)
        entry.archive = 0;
    const bool is_ours = std::ranges::find(entries, boot_config_path, &image::Entry::path) != entries.end();
    for (const generator::ImageEntry& entry : overlay.entries)
        entries.push_back(as_read(entry, 1));
    return image::find_archive_conflicts(image::EffectiveView(entries), {image.summary().name, "overlay"},
                                         is_ours ? 0 : 2);
}

// Moves the files to their places in the image, if it is known. Returns the doubt that they lie too deep.
Result<std::optional<Problem>> place(const image::Image* image, generator::FileSet& files) {
    if (image == nullptr) {
        generator::warn_about_merged(files);
        return generator::doubt_place(files);
    }
    const image::EffectiveView view(image->entries());
    MKPXERD_TRY(place_files(view, files));
    std::set<std::string> tops;
    for (const auto& [path, node] : view.nodes())
        tops.insert(path.substr(0, path.find('/')));
    return generator::doubt_place(files, tops);
}

// image: nullptr if it is not known. Returns warnings.
Result<std::vector<Problem>> fit_overlay(const image::Image* image, generator::FileSet& files) {
    MKPXERD_TRY_ASSIGN(const auto doubt, place(image, files));
    MKPXERD_TRY_ASSIGN(const auto overlay, generator::make_overlay_tree(files));
    Problems errors;
    MKPXERD_TRY_ASSIGN(const PlannedTree tree, PlannedTree::make(overlay));
    auto warnings = image::check_setting_files(tree.view(), tree.contents());
    if (!warnings) errors.add(warnings.error());
    const auto conflicts = image != nullptr ? find_conflicts(*image, overlay) : image::ArchiveConflicts{};
    for (const Problem& conflict : conflicts.errors)
        errors.add(conflict);
    MKPXERD_TRY(errors.finish());
    warnings->insert(warnings->end(), conflicts.warnings.begin(), conflicts.warnings.end());
    if (doubt) warnings->push_back(*doubt);
    return warnings;
}

// The next run would pack the output of this one, too.
std::optional<Problem> doubt_output(const std::filesystem::path& output,
                                    const std::vector<std::filesystem::path>& paths) {
    namespace fs = std::filesystem;
    if (is_standard_output(output)) return std::nullopt;
    std::error_code error;
    const fs::path file = fs::weakly_canonical(fs::absolute(output, error), error);
    for (const fs::path& path : paths) {
        if (!fs::is_directory(path, error)) continue;
        const fs::path inside = file.lexically_relative(fs::canonical(path, error));
        if (!inside.empty() && *inside.begin() != "..")
            return Problem{.object = output.string(),
                           .text =
                               fmt::format("lies in {}, so that the next overlay contains it", path.string()),
                           .hint = "name a file elsewhere"};
    }
    return std::nullopt;
}

} // namespace

void add_overlay_options(CLI::App& command, OverlayOptions& options) {
    command.add_option("path", options.paths, "a directory for the tree in it, or a file")
        ->required()
        ->type_name("PATH");
    command.add_option("--image", options.image, "the image that it follows: files go where its links lead")
        ->type_name("FILE");
}

int run_overlay(const OverlayOptions& options, const generator::CommandOptions& output,
                const CommandContext& context) {
    const auto request = generator::load_output_request(output);
    if (!request) return report(request.error(), context);
    std::error_code error;
    if (options.image && std::filesystem::equivalent(request->output, *options.image, error))
        return report(
            Error("--output",
                  fmt::format("{} is the image that the overlay is to follow", request->output.string()),
                  "name another file"),
            context);
    confine_output(*request, {}, context);
    std::optional<image::Image> image;
    if (options.image) {
        auto opened = image::Image::open(*options.image);
        if (!opened) return report(opened.error(), context);
        image.emplace(std::move(*opened));
    }
    const auto doubt = doubt_output(request->output, options.paths);
    auto done = generator::build_overlay(*request, options.paths, [&](generator::FileSet& files) {
        return fit_overlay(image ? &*image : nullptr, files);
    });
    if (!done) return report(done.error(), context);
    if (doubt) done->warnings.push_back(*doubt);
    std::ostream& out = message_stream(request->output, context);
    if (context.wants_json) {
        out << json_report(*done, *request);
        return exit_done;
    }
    if (context.is_quiet) return exit_done;
    print_findings(done->warnings, done->secrets, done->mode, context.err);
    out << fmt::format("{}: {} bytes, {} ({} unpacked)\n  files    {}\n", printable(done->output.string()),
                       done->image_bytes, wrap::format_name(request->compression.format),
                       human_bytes(done->archive_bytes), done->entries);
    return exit_done;
}

} // namespace mkpxerd::cli
