// SPDX-License-Identifier: MIT
// Checks a command line, and an image or a build for it, before a machine boots with them.
#include "mkpxerd/cli/images/lint_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>
#include <set>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/json.hpp"
#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/cli/images/bundle_check.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/deploy/bundle/bundle_lines.hpp"
#include "mkpxerd/generator/archive/image_parts.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/command_line_check.hpp"
#include "mkpxerd/image/key_check.hpp"
#include "mkpxerd/image/secret_check.hpp"

namespace mkpxerd::cli {
namespace {

// The secrets in the image, and whether others can read them.
struct Secrets {
    std::vector<Problem> found;
    std::optional<unsigned> mode; // of the image, permission bits; none: of a stream
    bool others_read() const { return mode && (*mode & 04U) != 0; }
};

// Findings about the files of the image, independent of a command line.
struct Contents {
    Secrets secrets;
    std::vector<Problem> bad_keys; // with one, the init refuses to boot
};

// The form of modules only matters to archives around the image, which replace a file of the same name.
generator::BuildRequest without_packing(const generator::BuildRequest& request) {
    const bool is_alone = request.prepend.empty() && request.append.empty();
    return is_alone ? generator::with_plain_modules(request) : request;
}

Result<image::ImageFacts> plan(const generator::CommandOptions& build, const CommandContext& context,
                               Contents& contents) {
    MKPXERD_TRY_ASSIGN(auto request, generator::load_request(build));
    const auto keys = image::check_archive_keys(request.prepend, request.append);
    if (!keys) contents.bad_keys = keys.error().problems();
    request.archives_need_tls = keys.value_or(false);
    MKPXERD_TRY_ASSIGN(const auto plan, plan_unwritten(without_packing(request), context));
    Secrets& secrets = contents.secrets;
    secrets = {plan.report.secrets, request.mode.value_or(request.allow_secrets ? 0644 : 0600)};
    const auto more = image::find_archive_secrets(request.prepend, request.append);
    secrets.found.insert(secrets.found.end(), more.begin(), more.end());
    MKPXERD_TRY_ASSIGN(const auto parts, generator::collect_parts(request, plan.report.kernel_version));
    MKPXERD_TRY_ASSIGN(const PlannedTree tree, PlannedTree::make(plan.tree, parts));
    return image::ImageFacts::planned("the planned image", tree.view(), tree.conflicts(), tree.contents(),
                                      plan.tree.config);
}

Result<image::ImageFacts> read(const std::filesystem::path& place, Contents& contents) {
    std::error_code ignored;
    const bool is_directory = std::filesystem::is_directory(place, ignored);
    if (is_directory) MKPXERD_TRY(deploy::read_bundle_lines(place));
    const std::filesystem::path file = is_directory ? place / "pxerd" : place;
    MKPXERD_TRY_ASSIGN(auto facts, image::ImageFacts::read(file));
    struct stat st {};
    if (::stat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return facts; // a stream cannot be read again
    MKPXERD_TRY_ASSIGN(const MappedFile image, MappedFile::open(file));
    MKPXERD_TRY_ASSIGN(contents.secrets.found, image::find_secrets(image.bytes(), file.string()));
    MKPXERD_TRY_ASSIGN(contents.bad_keys, image::find_bad_keys(image.bytes(), file.string()));
    contents.secrets.mode = st.st_mode & 0777U;
    return facts;
}

// Findings of all lines, each once. The line of boot.ipxe comes first; a finding of another names its script.
Result<std::vector<image::Finding>> check_bundle(const std::filesystem::path& directory,
                                                 const image::ImageFacts& facts) {
    MKPXERD_TRY_ASSIGN(const auto lines, deploy::read_bundle_lines(directory));
    std::vector<image::Finding> all;
    std::set<std::pair<std::string, std::string>> seen; // option and text
    for (const deploy::BundleLine& line : lines) {
        const bool is_other = &line != &lines.front();
        if (is_other && !line.is_of_machine)
            all.push_back({.option = line.script,
                           .text = fmt::format("hands out other options than {}", lines.front().script),
                           .hint = line.text});
        for (image::Finding& finding : check_bundle_line(line.text, facts)) {
            if (!seen.emplace(finding.option, finding.text).second) continue;
            // A machine's own script does so on purpose.
            if (line.is_of_machine && finding.text.starts_with(image::replaces_earlier)) continue;
            if (is_other)
                finding.option += fmt::format("{}{}", finding.option.empty() ? "" : " in ", line.script);
            all.push_back(std::move(finding));
        }
    }
    const auto add = [&](image::Finding::Kind kind, const std::vector<Problem>& problems) {
        for (const Problem& problem : problems)
            all.push_back({.severity = image::Finding::Severity::Error,
                           .kind = kind,
                           .option = problem.object,
                           .text = problem.text,
                           .hint = problem.hint});
    };
    add(image::Finding::Kind::Init, deploy::find_stale_pins(directory, lines));
    MKPXERD_TRY_ASSIGN(const auto missing_archives, deploy::find_missing_archives(directory));
    add(image::Finding::Kind::Image, missing_archives);
    return all;
}

using Severity = image::Finding::Severity;

struct LintLine {
    Severity severity;
    std::string_view kind;
    Problem problem;
};

// First what the line says, then what lies in the image.
std::vector<LintLine> lines_of(const std::vector<image::Finding>& findings, const Contents& contents) {
    std::vector<LintLine> lines;
    for (const image::Finding& finding : findings)
        lines.push_back({finding.severity,
                         to_text(finding.kind),
                         {.object = finding.option, .text = finding.text, .hint = finding.hint}});
    for (const Problem& key : contents.bad_keys)
        lines.push_back({Severity::Error, "key", key});
    const Secrets& secrets = contents.secrets;
    for (Problem secret : secrets.found) {
        secret.text += fmt::format(": the image has mode {:04o}", secrets.mode.value_or(0));
        lines.push_back({secrets.others_read() ? Severity::Warning : Severity::Note, "secret", secret});
    }
    return lines;
}

std::size_t count(const std::vector<LintLine>& lines, Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(lines, severity, &LintLine::severity));
}

void write_text(const std::vector<LintLine>& lines, std::ostream& out) {
    for (const LintLine& line : lines)
        out << fmt::format("{}: {}\n", to_text(line.severity), printable(to_text(line.problem)));
    out << fmt::format("errors: {}, warnings: {}\n", count(lines, Severity::Error),
                       count(lines, Severity::Warning));
}

void write_json(const std::vector<LintLine>& lines, std::ostream& out) {
    JsonWriter json;
    json.begin_object()
        .field("errors", count(lines, Severity::Error))
        .field("warnings", count(lines, Severity::Warning))
        .key("findings")
        .begin_array();
    for (const LintLine& line : lines)
        json.begin_object()
            .field("severity", to_text(line.severity))
            .field("kind", line.kind)
            .field("object", line.problem.object)
            .field("text", line.problem.text)
            .field("hint", line.problem.hint)
            .end_object();
    out << json.end_array().end_object().text();
}

// "nett.img", "out/pxerd": no option looks like this.
bool looks_like_file(const std::string& word) {
    static constexpr std::array<std::string_view, 8> endings = {".img", ".cpio", ".gz",   ".xz",
                                                                ".zst", ".lz4",  ".ipxe", ".pxerd"};
    if (word.find_first_of(" =") != std::string::npos) return false;
    return word.find('/') != std::string::npos ||
           std::ranges::any_of(endings, [&](std::string_view ending) { return word.ends_with(ending); });
}

// Wrong usage that CLI11 does not see; empty: there is none.
std::string usage_error(const LintOptions& options, const generator::CommandOptions& build) {
    constexpr std::string_view sources = "give the kernel command line, too: --cmdline \"$(cat "
                                         "/proc/cmdline)\" takes that of this machine, and mkpxerd lint "
                                         "DIRECTORY those of a bundle";
    std::error_code ignored;
    const auto exists = [&](const std::optional<std::string>& word) {
        return word && !word->empty() && std::filesystem::exists(*word, ignored);
    };
    if (exists(options.first) && !options.named_line && options.second && !exists(options.second))
        return fmt::format("the kernel command line comes first, then the image (mkpxerd lint '{}' {})",
                           *options.second, *options.first);
    if (options.has_bundle_alone())
        return wants_build(build) ? "give a bundle or build options, not both" : "";
    if (exists(options.line()))
        return fmt::format("'{}' is a file or directory, not a command line ({})", *options.line(), sources);
    if (!options.line()) return fmt::format("no command line ({})", sources);
    if (looks_like_file(*options.line()))
        return fmt::format("'{}' is the name of a file, not a command line ({})", *options.line(), sources);
    if (options.named_line && options.second)
        return fmt::format("two command lines: '{}' and that of --cmdline", *options.first);
    const auto image = options.image();
    // CLI11 passes a surplus word to the build, which accepts one.
    if (image && !build.kernel_version.empty())
        return fmt::format("expected one image, but '{}' follows '{}' (quote the kernel command line: it is "
                           "one argument)",
                           build.kernel_version, image->string());
    if (image && wants_build(build)) return "give an image or build options, not both";
    return {};
}

} // namespace

bool LintOptions::has_bundle_alone() const {
    std::error_code ignored;
    return first && !named_line && !second && std::filesystem::is_directory(*first, ignored);
}

std::optional<std::string> LintOptions::line() const {
    return named_line || has_bundle_alone() ? named_line : first;
}

std::optional<std::filesystem::path> LintOptions::image() const {
    const auto& word = (named_line && !second) || has_bundle_alone() ? first : second;
    return word ? std::optional<std::filesystem::path>(*word) : std::nullopt;
}

void add_lint_options(CLI::App& command, LintOptions& options) {
    command.add_option("--cmdline", options.named_line, "the kernel command line, as one argument")
        ->type_name("TEXT");
    command
        .add_option("line", options.first,
                    "the kernel command line, as one argument; --cmdline gives it, too")
        ->type_name("TEXT");
    command
        .add_option(
            "image", options.second,
            "an image, or a bundle's directory; without it, the image of build options, if there are any")
        ->type_name("FILE");
}

int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context) {
    if (const std::string wrong = usage_error(options, build); !wrong.empty()) {
        context.err << "mkpxerd: lint: " << printable(wrong) << '\n';
        return exit_usage;
    }
    const auto image = options.image();
    std::optional<image::ImageFacts> facts;
    Contents contents;
    if (image || wants_build(build)) {
        auto found = image ? read(*image, contents) : plan(build, context, contents);
        if (!found) return report(found.error(), context);
        facts = std::move(*found);
    }
    std::vector<image::Finding> findings;
    if (options.has_bundle_alone()) {
        auto found = check_bundle(*image, *facts);
        if (!found) return report(found.error(), context);
        findings = std::move(*found);
    } else {
        findings = check_command_line(*options.line(), facts ? &*facts : nullptr);
    }
    const auto lines = lines_of(findings, contents);
    if (context.wants_json)
        write_json(lines, context.out);
    else
        write_text(lines, context.out);
    return count(lines, Severity::Error) == 0 ? exit_done : exit_failed;
}

} // namespace mkpxerd::cli
