// SPDX-License-Identifier: MIT
// Plans the image as a build does, writes nothing, and follows its reasons.
#include "mkpxerd/cli/build/why_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/cli/build/why_answers.hpp"
#include "mkpxerd/cli/build/why_image.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/archive/image_parts.hpp"
#include "mkpxerd/generator/archive/reason_chains.hpp"
#include "mkpxerd/generator/modules/absence_finder.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/compressed_files.hpp"

namespace mkpxerd::cli {

namespace {

// A file that cannot be read any more has no plain size; writing the image would say why.
WhyAnswers::Size size_of(const generator::ImageEntry& entry) {
    if (const auto* packed = std::get_if<generator::PackedFile>(&entry.content))
        return {.bytes = entry.size, .plain = packed->plain_size};
    const auto* source = std::get_if<TreePath>(&entry.content);
    if (source == nullptr || !image::is_compressed_file(entry.path)) return {.bytes = entry.size};
    const auto content = read_file(*source);
    return {.bytes = entry.size,
            .plain = content ? image::plain_size(*content, source->string()) : std::nullopt};
}

// What the plan itself, --hardware and the archives around the image say about names.
class PlannedReasons {
  public:
    PlannedReasons(const generator::ImagePlan& plan, const generator::ArchiveReport& archives,
                   const std::string& profile)
        : plan_(plan), archives_(archives), chains_(plan.tree, profile) {}

    // what: the name that asked means. false: none of them has it.
    bool answer(const std::string& asked, const std::string& what, WhyAnswers& answers) const {
        // The archives after the image replace its files.
        if (answer_archive(asked, what, archives_.after, answers)) return true;
        auto entries = chains_.find(what);
        std::erase_if(entries, [&](const auto* entry) { return archives_.gone.contains(entry->path); });
        for (const auto* entry : entries)
            answers.add(asked, entry->path, size_of(*entry), chains_.chain(*entry));
        if (!entries.empty() || answer_archive(asked, what, archives_.before, answers)) return true;
        const auto& left_out = plan_.report.left_out;
        const auto driver = std::ranges::find(left_out, module_name_of(what), &generator::LeftOut::module);
        if (driver == left_out.end()) return false;
        answers.add(asked, "", {}, chains_.chain(*driver));
        return true;
    }

  private:
    static bool answer_archive(const std::string& asked, const std::string& what,
                               const std::vector<generator::ReportedEntry>& entries, WhyAnswers& answers) {
        bool found = false;
        for (const generator::ReportedEntry& entry : entries) {
            if (!is_named(entry.path, what)) continue;
            answers.add(asked, entry.path, {.bytes = entry.bytes}, entry.why);
            found = true;
        }
        return found;
    }

    const generator::ImagePlan& plan_;
    const generator::ArchiveReport& archives_;
    generator::ReasonChains chains_;
};

std::vector<std::string> file_names(const generator::ImageTree& tree) {
    std::vector<std::string> names;
    for (const auto& entry : tree.entries)
        names.push_back(std::filesystem::path(entry.path).filename().string());
    return names;
}

std::string unknown_text(std::string_view what, const std::string& kernel) {
    std::string text = "is not in this image";
    const bool is_firmware = what.ends_with(".fw") || what.ends_with(".bin") || what.ends_with(".ucode");
    const bool is_module = what.find('/') == std::string_view::npos &&
                           (is_module_file(what) || what.find('.') == std::string_view::npos);
    if (kernel.empty())
        return is_firmware || is_module ? text + ": --no-kernel leaves out all modules and firmware" : text;
    if (is_firmware) text += fmt::format(", and no driver of kernel {} asks for such firmware", kernel);
    if (is_module) text += fmt::format(", and kernel {} has no such module", kernel);
    return text;
}

Result<int> explain_plan(std::vector<std::string> wanted, const generator::BuildRequest& request,
                         const CommandContext& context, WhyAnswers& answers) {
    MKPXERD_TRY_ASSIGN(const auto plan, plan_unwritten(request, context));
    MKPXERD_TRY_ASSIGN(const auto parts, generator::collect_parts(request, plan.report.kernel_version));
    MKPXERD_TRY_ASSIGN(const PlannedTree tree, PlannedTree::make(plan.tree, parts));
    if (!tree.conflicts().errors.empty()) return fail(Error(tree.conflicts().errors));
    const generator::ArchiveReport archives = tree.report();
    if (wanted.empty())
        for (const generator::LeftOut& driver : plan.report.left_out)
            wanted.push_back(driver.module);
    const PlannedReasons reasons(plan, archives, request.profile);
    std::optional<generator::AbsenceFinder> absences; // reads the kernel's tree, for the first such name
    for (const std::string& what : wanted) {
        if (reasons.answer(what, what, answers)) continue;
        // Through links, as programs find it.
        if (const auto real = tree.view().resolve(clean_path(what));
            real && reasons.answer(what, *real, answers))
            continue;
        if (const auto lost = tree.find_lost(what)) {
            answers.add_absent(*lost);
            continue;
        }
        if (!absences) {
            MKPXERD_TRY_ASSIGN(
                absences, generator::AbsenceFinder::make(request, plan.tree, plan.report.kernel_version));
        }
        if (const std::string module = absences->find_present(what);
            !module.empty() && reasons.answer(what, module, answers))
            continue;
        MKPXERD_TRY_ASSIGN(const auto answer, absences->find(what));
        if (answer) {
            answers.add_absent(*answer);
            continue;
        }
        std::vector<std::string> candidates = file_names(plan.tree);
        const auto modules = absences->modules(is_module_file(what));
        candidates.insert(candidates.end(), modules.begin(), modules.end());
        answers.add_unknown(what, unknown_text(what, plan.report.kernel_version), std::move(candidates));
    }
    return answers.finish();
}

} // namespace

void add_why_options(CLI::App& command, WhyOptions& options) {
    command.add_option("wanted", options.wanted,
                       "paths, module names or file names; none: all that --hardware leaves out");
    command.add_option("--image", options.image, "ask this image, which carries the reasons of its build")
        ->type_name("FILE");
}

int run_why(const WhyOptions& options, const generator::CommandOptions& build,
            const CommandContext& context) {
    const auto wrong = [&](std::string_view text) {
        context.err << "mkpxerd: why: " << text << '\n';
        return exit_usage;
    };
    if (options.image && wants_other_build(build))
        return wrong(
            "give --image or build options, not both (-b, --kernel-root and -P may follow it: they tell "
            "where to look for what the image lacks)");
    if (options.image && options.wanted.empty()) return wrong("name a path, a module or a file of the image");
    WhyAnswers answers(context);
    if (options.image) {
        const auto code = explain_image(*options.image, options.wanted, build, answers);
        return code ? *code : report(code.error(), context);
    }
    const auto request = generator::load_request(build);
    if (options.wanted.empty() && (!request || request->hardware.empty()))
        return wrong("name a path, a module or a file, or use --hardware to list all that it leaves out");
    if (!request) return report(request.error(), context);
    const auto code = explain_plan(options.wanted, *request, context, answers);
    return code ? *code : report(code.error(), context);
}

} // namespace mkpxerd::cli
