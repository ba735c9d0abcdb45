// SPDX-License-Identifier: MIT
// Collects the errors of the init's own parsers, and adds advice and coverage.
#include "mkpxerd/image/command_line_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "checked_line.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::image {
namespace {

constexpr const char* line_origin = "command line";

// The init never sees the part that the kernel cuts off, so its parsers cannot report it.
void check_text(const CheckedLine& line, Findings& findings) {
    if (line.written.size() >= command_line_size)
        findings.error("",
                       fmt::format("{} bytes: the kernel keeps the first {} and drops the rest",
                                   line.written.size(), command_line_size - 1),
                       "bake options into the image with --cmdline");
    if (line.written.find('\n') != std::string_view::npos)
        findings.warn("", "contains a line break, which ends the line in loaders");
}

// The origin in a text of the init says nothing new where there is only one.
std::string without_origin(std::string text, std::string_view origin) {
    const std::string suffix = fmt::format(" ({})", origin);
    if (text.ends_with(suffix)) text.resize(text.size() - suffix.size());
    return text;
}

// Another line can still bring what these problems miss, or take back what they find.
bool depends_on_other_line(const Problem& problem) {
    static constexpr Failure codes[] = {Failure::NothingToBoot, Failure::NoApk, Failure::NetworkOff,
                                        Failure::ConflictingOptions};
    return std::ranges::find(codes, problem.code) != std::end(codes) || problem.object == "root=/dev/nfs" ||
           problem.object.starts_with("nfsroot=/");
}

// The words of the line and its options, without what the image has for them.
CheckedLine read_words(const CmdlineSource& source) {
    CheckedLine line{
        .written = source.text, .words = split_command_line(source.text), .options = {}, .plan = {}};
    Problems reported_with_the_whole;
    line.options = read_boot_options(std::span(&source, 1), reported_with_the_whole);
    return line;
}

} // namespace

std::vector<std::pair<std::string_view, Source>> CheckedLine::sources() const {
    std::vector<std::pair<std::string_view, Source>> all;
    const auto add = [&](std::string_view option, const std::optional<Source>& source) {
        if (source) all.emplace_back(option, *source);
    };
    const auto add_url = [&](std::string_view option, const std::string& text) {
        if (!is_url(text)) return;
        if (auto url = UrlSource::parse(text)) all.emplace_back(option, std::move(*url));
    };
    add("alpine_dev", plan.alpine_dev);
    add("ovl_dev", plan.search_apkovl);
    add(options.apkovl.empty() ? "ovl_dev" : "apkovl", plan.apkovl);
    for (const std::string& repository : options.repositories)
        add_url("alpine_repo", repository);
    add("modloop", plan.modloop);
    add("root", plan.root);
    add_url("ssh_key", options.ssh_key);
    add_url("mkpxerd.report", options.report_url);
    return all;
}

std::string_view to_text(Finding::Severity severity) {
    switch (severity) {
    case Finding::Severity::Error:
        return "error";
    case Finding::Severity::Warning:
        return "warning";
    case Finding::Severity::Note:
        break;
    }
    return "note";
}

std::string_view to_text(Finding::Kind kind) {
    switch (kind) {
    case Finding::Kind::Line:
        return "line";
    case Finding::Kind::Init:
        return "init";
    case Finding::Kind::Advice:
        return "advice";
    case Finding::Kind::Unknown:
        return "unknown";
    case Finding::Kind::Image:
        break;
    }
    return "image";
}

std::vector<Finding> check_command_line(std::string_view text, const ImageFacts* facts) {
    std::vector<CmdlineSource> sources;
    if (facts != nullptr) sources = facts->settings();
    const std::size_t baked = sources.size();
    sources.push_back({line_origin, std::string(text)});
    // Without an image, coverage cannot be checked.
    const ImageAbilities abilities{.has_apk = facts == nullptr || facts->has_apk()};

    Problems problems;
    CheckedLine line{.written = text, .words = split_command_line(text), .options = {}, .plan = {}};
    line.options = read_boot_options(sources, problems);
    line.plan = draft_boot_plan(line.options, abilities, problems);

    Findings findings;
    check_text(line, findings);
    findings.begin(Finding::Kind::Init);
    for (const Problem& problem : problems.list())
        findings.error(problem.object, without_origin(problem.text, line_origin), problem.hint);
    for (const Problem& warning : line.options.warnings)
        findings.warn(warning.object, warning.text, warning.hint);
    findings.begin(Finding::Kind::Unknown);
    for (const CmdlineSource& source : std::span(sources).first(baked))
        check_unknown_words(read_words(source), facts, findings);
    check_unknown_words(line, facts, findings);
    findings.begin(Finding::Kind::Advice);
    advise(line, findings);
    check_values(line, findings);
    findings.begin(Finding::Kind::Image);
    if (facts != nullptr) check_coverage(line, *facts, findings);
    return findings.take();
}

Result<std::vector<Problem>> check_baked_options(const CmdlineSource& source) {
    const std::string& origin = source.origin;
    Problems found;
    CheckedLine line{
        .written = source.text, .words = split_command_line(source.text), .options = {}, .plan = {}};
    line.options = read_boot_options(std::span(&source, 1), found);
    line.plan = draft_boot_plan(line.options, {.has_apk = true}, found);

    const auto object = [&origin](const std::string& option) {
        return option.empty() || option == origin ? origin : fmt::format("{}: {}", origin, option);
    };
    Problems errors;
    for (const Problem& problem : found.list())
        if (!depends_on_other_line(problem))
            errors.add({.object = object(problem.object),
                        .text = without_origin(problem.text, origin),
                        .hint = problem.hint,
                        .code = problem.code});
    MKPXERD_TRY(errors.finish());
    std::vector<Problem> warnings;
    for (const Problem& warning : line.options.warnings)
        warnings.push_back({.object = object(warning.object), .text = warning.text, .hint = warning.hint});
    Findings words;
    check_unknown_words(line, nullptr, words);
    for (const Finding& finding : words.take())
        if (finding.severity == Finding::Severity::Warning)
            warnings.push_back(
                {.object = object(finding.option), .text = finding.text, .hint = finding.hint});
    return warnings;
}

} // namespace mkpxerd::image
