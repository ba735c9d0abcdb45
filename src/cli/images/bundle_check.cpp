// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/images/bundle_check.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::cli {
namespace {

constexpr const char* line_name = "command line";

// What is wrong with a line that names nothing to boot, and whether another option asks for a root.
struct MissingSystem {
    std::string text; // empty: a system is named
    bool expects_root = false;
};

MissingSystem find_missing_system(const std::string& line, const image::ImageFacts& facts) {
    std::vector<CmdlineSource> sources = facts.settings();
    sources.push_back({line_name, line});
    Problems problems;
    const BootOptions options = read_boot_options(sources, problems);
    (void)draft_boot_plan(options, {.has_apk = facts.has_apk()}, problems);
    const auto missing = std::ranges::find(problems.list(), Failure::NothingToBoot, &Problem::code);
    return {.text = missing == problems.list().end() ? std::string() : missing->text,
            .expects_root = options.overlay || !options.rootfstype.empty() || !options.rootflags.empty() ||
                            !options.usrflags.empty()};
}

} // namespace

std::vector<image::Finding> check_bundle_line(const std::string& line, const image::ImageFacts& facts) {
    const MissingSystem missing = find_missing_system(line, facts);
    auto findings = check_command_line(line, &facts);
    if (missing.text.empty()) return findings;
    for (image::Finding& finding : findings) {
        const bool is_missing = finding.text == missing.text;
        if (is_missing) finding.hint = "--root or --apkovl of bundle names one";
        // The script that names the system may also name an archive with a driver.
        const bool may_come =
            is_missing || (finding.kind == image::Finding::Kind::Image && finding.option == "ip");
        if (finding.severity == image::Finding::Severity::Error && may_come && !missing.expects_root)
            finding.severity = image::Finding::Severity::Warning;
    }
    return findings;
}

Result<std::vector<Problem>> check_boot_line(const std::string& line, const image::ImageFacts& facts) {
    Problems errors;
    std::vector<Problem> warnings;
    for (const image::Finding& finding : check_bundle_line(line, facts)) {
        const Problem problem{.object = finding.option.empty() ? line_name : finding.option,
                              .text = finding.text,
                              .hint = finding.hint};
        if (finding.severity == image::Finding::Severity::Error)
            errors.add(problem);
        else
            warnings.push_back(problem);
    }
    MKPXERD_TRY(errors.finish());
    return warnings;
}

std::optional<Problem> find_useless_modloop(const image::ImageFacts& facts) {
    for (const std::string_view module : {"squashfs", "loop"})
        if (facts.module(module) == image::ImageFacts::Presence::Absent)
            return Problem{.object = "modloop",
                           .text =
                               fmt::format("is left out: the image has no module {} to mount one", module),
                           .hint = "-F +squashfs adds it; --no-modloop leaves it out without a word"};
    return std::nullopt;
}

} // namespace mkpxerd::cli
