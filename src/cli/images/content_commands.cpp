// SPDX-License-Identifier: MIT
// `mkpxerd cat` and `mkpxerd extract`: contents, as the kernel would leave them.
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/extractor.hpp"
#include "mkpxerd/image/path_selection.hpp"

namespace mkpxerd::cli {
namespace {

using image::EffectiveView;
using image::Image;

struct Content {
    std::size_t entry = 0;
    bool is_plain_wanted = false; // of a compressed module or firmware, by its plain path or name
};

// The entries with the contents of the paths, in the order of the paths, without empty files.
Result<std::vector<Content>> find_contents(const EffectiveView& view, const CatOptions& options) {
    std::vector<Content> contents;
    Problems problems;
    const std::string name = options.image.string();
    for (const std::string& path : options.paths) {
        const EffectiveView::Node* node = view.find(path);
        const bool is_plain_wanted = node == nullptr && !image::is_compressed_file(path);
        if (node == nullptr) node = image::find_compressed(view, clean_path(path));
        if (node == nullptr) node = image::find_module(view, path);
        if (node == nullptr)
            problems.add(no_such_entry(view, path, name));
        else if (!node->is_regular)
            problems.add(name, fmt::format("'{}' is not a regular file", path));
        else if (node->content != EffectiveView::none)
            contents.push_back({.entry = node->content, .is_plain_wanted = is_plain_wanted});
    }
    MKPXERD_TRY(problems.finish());
    return contents;
}

Result<void> print_contents(const Image& image, const std::vector<Content>& contents, std::ostream& out) {
    const auto print = [&](std::span<const std::byte> piece) -> Result<void> {
        out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        if (!out) return fail("output", "cannot be written");
        return {};
    };
    const auto sink = [&](std::size_t, std::span<const std::byte> piece) { return print(piece); };
    // One pass over the image for each run of contents that are in the order of the paths.
    for (std::size_t i = 0; i < contents.size();) {
        if (contents[i].is_plain_wanted) {
            MKPXERD_TRY(read_plain(image, contents[i++].entry, print));
            continue;
        }
        std::set<std::size_t> run;
        while (i < contents.size() && !contents[i].is_plain_wanted &&
               (run.empty() || contents[i].entry > *run.rbegin()))
            run.insert(contents[i++].entry);
        MKPXERD_TRY(image.read_contents(run, sink));
    }
    return {};
}

void report_left_out(const std::vector<std::string>& paths, std::string_view what, std::string_view remedy,
                     const CommandContext& context) {
    if (paths.empty()) return;
    constexpr std::size_t shown = 10; // a hostile image could contain millions
    std::string names;
    for (std::size_t i = 0; i < std::min(paths.size(), shown); ++i)
        names += (i == 0 ? "" : ", ") + paths[i];
    if (paths.size() > shown) names += ", ...";
    note({.object = fmt::format("{} left out ({})", what, paths.size()),
          .text = names,
          .hint = std::string(remedy)},
         context);
}

std::string to_json(const std::filesystem::path& directory, const image::ExtractReport& done) {
    JsonWriter json;
    json.begin_object().field("directory", directory.string()).field("entries", done.entries);
    const auto list = [&](std::string_view key, const std::vector<std::string>& paths) {
        json.key(key).begin_array();
        for (const std::string& path : paths)
            json.value(path);
        json.end_array();
    };
    list("devices_left_out", done.devices);
    list("set_id_bits_left_out", done.set_ids);
    add_problems(json, "skipped", done.skipped);
    return json.end_object().text();
}

// "extract IMAGE DIR", as unmkinitramfs has it.
Error with_directory_hint(const Error& error, const ExtractOptions& options) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems)
        if (options.directory == "." && problem.hint.empty() && problem.text.starts_with("no entry '"))
            problem.hint = "-C NAME unpacks into a directory";
    return Error(std::move(problems));
}

// Entries that are missing are the reason for exit code 1, so --quiet does not hide them.
void report_skipped(const std::vector<Problem>& skipped, std::ostream& err) {
    constexpr std::size_t shown = 100; // a hostile image could contain millions
    for (std::size_t i = 0; i < std::min(skipped.size(), shown); ++i)
        warn(skipped[i], err);
    if (skipped.size() > shown)
        warn({.text = fmt::format("{} more are not extracted", skipped.size() - shown)}, err);
}

} // namespace

int run_cat(const CatOptions& options, const CommandContext& context) {
    const auto image = Image::open(options.image);
    if (!image) return report(image.error(), context);
    const EffectiveView view(image->entries());
    const auto contents = find_contents(view, options);
    if (!contents) return report(contents.error(), context);
    const auto printed = print_contents(*image, *contents, context.out);
    return printed ? exit_done : report(printed.error(), context);
}

int run_extract(const ExtractOptions& options, const CommandContext& context) {
    const auto image = Image::open(options.image);
    if (!image) return report(image.error(), context);
    const auto rights = options.preserve ? image::ExtractRights::AsImage : image::ExtractRights::Own;
    const auto done = image::extract(*image, options.paths,
                                     {.directory = options.directory,
                                      .rights = rights,
                                      .is_private = image::is_private_image(options.image)});
    if (!done) return report(with_directory_hint(done.error(), options), context);
    for (const Problem& problem : image->summary().warnings)
        warn(problem, context);
    report_left_out(done->devices, "device nodes", "--preserve creates them", context);
    report_left_out(done->set_ids, "set-id bits", "--preserve keeps them", context);
    report_skipped(done->skipped, context.err);
    const std::size_t skipped = done->skipped.size();
    if (context.wants_json)
        context.out << to_json(options.directory, *done);
    else if (!context.is_quiet)
        context.out << fmt::format("{} entries extracted to {}{}\n", done->entries,
                                   printable(options.directory.string()),
                                   skipped == 0 ? "" : fmt::format(", {} not", skipped));
    return skipped == 0 ? exit_done : exit_failed;
}

} // namespace mkpxerd::cli
