// SPDX-License-Identifier: MIT
// Checks a command line, and an image or a build for it, before a machine boots with them.
#include "mkpxerd/cli/lint_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <ostream>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/command_line_check.hpp"
#include "mkpxerd/image/key_check.hpp"
#include "mkpxerd/image/secret_check.hpp"

namespace mkpxerd::cli {
namespace {

bool wants_build(const generator::CommandOptions& build) {
    return !build.settings.empty() || !build.profile.empty() || build.config || !build.feature_dirs.empty() ||
           !build.kernel_version.empty() || build.basedir != "/";
}

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

Result<image::ImageFacts> plan(const generator::CommandOptions& build, Contents& contents) {
    MKPXERD_TRY_ASSIGN(const auto request, generator::load_request(build));
    MKPXERD_TRY_ASSIGN(const auto plan, generator::plan_image(request));
    Secrets& secrets = contents.secrets;
    secrets = {plan.report.secrets, request.mode.value_or(0600)};
    if (const auto keys = image::check_archive_keys(request.prepend, request.append); !keys)
        contents.bad_keys = keys.error().problems();
    const auto more = image::find_archive_secrets(request.prepend, request.append);
    secrets.found.insert(secrets.found.end(), more.begin(), more.end());
    std::set<std::string> paths;
    std::optional<std::string> builtin;
    std::string order;
    for (const auto& entry : plan.tree.entries) {
        if (!S_ISREG(entry.mode) || entry.size > 0) paths.insert(entry.path);
        const auto* text = std::get_if<std::string>(&entry.content);
        if (text != nullptr && entry.path.ends_with("/modules.builtin")) builtin = *text;
        if (text != nullptr && entry.path.ends_with("/modules.order")) order = *text;
    }
    return image::ImageFacts::planned("the planned image", std::move(paths), builtin, order,
                                      plan.tree.config);
}

Result<image::ImageFacts> read(const std::filesystem::path& file, Contents& contents) {
    MKPXERD_TRY_ASSIGN(auto facts, image::ImageFacts::read(file));
    struct stat st {};
    if (::stat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return facts; // a stream cannot be read again
    MKPXERD_TRY_ASSIGN(const MappedFile image, MappedFile::open(file));
    MKPXERD_TRY_ASSIGN(contents.secrets.found, image::find_secrets(image.bytes(), file.string()));
    MKPXERD_TRY_ASSIGN(contents.bad_keys, image::find_bad_keys(image.bytes(), file.string()));
    contents.secrets.mode = st.st_mode & 0777U;
    return facts;
}

// Returns how many of them are warnings: secrets that others can read.
std::size_t tell(const Secrets& secrets, std::ostream& out) {
    for (const Problem& secret : secrets.found)
        out << fmt::format("{}: {}: the image has mode {:04o}\n", secrets.others_read() ? "warning" : "note",
                           printable(to_text(secret)), secrets.mode.value_or(0));
    return secrets.others_read() ? secrets.found.size() : 0;
}

} // namespace

void add_lint_options(CLI::App& command, LintOptions& options) {
    command.add_option("cmdline", options.command_line, "kernel command line, as one argument")
        ->required()
        ->type_name("TEXT");
    command.add_option("image", options.image, "image file; without it, the image of the build options")
        ->type_name("FILE");
}

int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context) {
    // CLI11 passes a surplus word to the build, which accepts one.
    if (options.image && !build.kernel_version.empty()) {
        context.err << fmt::format(
            "mkpxerd: lint: expected one image, but '{}' follows '{}' (quote the kernel command line: it "
            "is one argument)\n",
            printable(build.kernel_version), printable(options.image->string()));
        return exit_usage;
    }
    if (options.image && wants_build(build)) {
        context.err << "mkpxerd: lint: give an image or build options, not both\n";
        return exit_usage;
    }
    std::optional<image::ImageFacts> facts;
    Contents contents;
    if (options.image || wants_build(build)) {
        auto found = options.image ? read(*options.image, contents) : plan(build, contents);
        if (!found) return report(found.error(), context);
        facts = std::move(*found);
    }
    std::size_t errors = 0;
    const auto findings = check_command_line(options.command_line, facts ? &*facts : nullptr);
    for (const image::Finding& finding : findings) {
        const bool is_error = finding.severity == image::Finding::Severity::Error;
        errors += is_error ? 1 : 0;
        const Problem problem{.object = finding.option, .text = finding.text, .hint = finding.hint};
        context.out << (is_error ? "error: " : "warning: ") << printable(to_text(problem)) << '\n';
    }
    errors += contents.bad_keys.size();
    for (const Problem& key : contents.bad_keys)
        context.out << fmt::format("error: {}\n", printable(to_text(key)));
    const std::size_t public_secrets = tell(contents.secrets, context.out);
    context.out << fmt::format("errors: {}, warnings: {}\n", errors,
                               findings.size() - errors + public_secrets);
    return errors == 0 ? exit_done : exit_failed;
}

} // namespace mkpxerd::cli
