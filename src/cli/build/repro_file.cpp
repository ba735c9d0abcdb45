// SPDX-License-Identifier: MIT
// README, request.json, profile.yaml, report.json, kernel.config, and below files/ every text at its path.
#include "mkpxerd/cli/build/repro_file.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/deploy/bundle/tar_writer.hpp"
#include "mkpxerd/generator/repro/build_inputs.hpp"
#include "mkpxerd/secrets/secret_removal.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {
namespace {

constexpr unsigned private_mode = 0600;      // the owner decides who gets it
constexpr unsigned public_mode = 0644;       // of what is in it
constexpr std::uint64_t latest = 0xffffffff; // that a build accepts

constexpr const char* readme =
    R"(This archive has what a build of mkpxerd read. Secrets, modules and the system's files are left out.

request.json   version, options, settings with their sources, and what was left out
profile.yaml   the settings in effect, as one profile
report.json    the report of the build, or its errors
kernel.config  the kernel's configuration, if it was found
files/         configuration, profiles, feature lists, hardware lists and depmod's lists, each at its path

To do the build again on a tree with the same packages, in this directory:
mkpxerd -p ./profile.yaml -P files/PATH/features.d -b TREE KERNELVERSION
)";

std::string path_of(std::string_view name) {
    return fmt::format("mkpxerd-repro/{}", name);
}
std::string path_of(const generator::InputFile& file) {
    return path_of("files/" + file.path);
}

void add_text_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
    json.key(key).begin_array();
    for (const std::string& text : texts)
        json.value(text);
    json.end_array();
}

Problem cleaned(Problem problem) {
    for (std::string Problem::*text : {&Problem::object, &Problem::text, &Problem::hint})
        problem.*text = without_secrets(problem.*text);
    return problem;
}

void clean(std::vector<Problem>& problems) {
    for (Problem& problem : problems)
        problem = cleaned(std::move(problem));
}

std::string report_text(const BuildStory& story, const Result<generator::BuildReport>& end) {
    if (end && story.request) {
        generator::BuildReport report = *end;
        report.timings.clear(); // equal builds take different times
        clean(report.warnings);
        clean(report.secrets);
        return json_report(report, *story.request);
    }
    std::vector<Problem> problems = end.error().problems();
    clean(problems);
    JsonWriter json;
    json.begin_object();
    add_problems(json, "errors", problems);
    return json.end_object().text();
}

// Each value unchanged, except for secrets.
std::vector<std::string> values_of(const generator::Setting& setting) {
    std::vector<std::string> values = setting.items;
    if (values.empty()) values.push_back(setting.value);
    for (std::string& value : values)
        value = without_secrets(value);
    return values;
}

void add_settings(JsonWriter& json, const generator::Settings& settings) {
    json.key("settings").begin_array();
    for (const auto& [key, setting] : settings) {
        json.begin_object().field("key", key).field("origin", setting.origin.text());
        add_text_list(json, "values", values_of(setting));
        json.end_object();
    }
    json.end_array();
}

std::string request_text(const BuildStory& story, const generator::BuildInputs& inputs) {
    const generator::CommandOptions& command = story.command;
    std::vector<std::string> feature_dirs;
    for (const auto& feature_dir : command.feature_dirs)
        feature_dirs.push_back(feature_dir.string());
    JsonWriter json;
    json.begin_object()
        .field("mkpxerd", version)
        .field("basedir", command.basedir.string())
        .field("profile", without_secrets(command.profile))
        .field("config", command.config.value_or("").string())
        .field("kernelversion", without_secrets(command.kernel_version))
        .field("kernel", inputs.kernel_version)
        .field("data", command.data_dir.string())
        .field("source_date_epoch", command.source_date_epoch);
    add_text_list(json, "feature_dirs", feature_dirs);
    add_settings(json, story.settings.settings);
    json.key("files").begin_array();
    for (const generator::InputFile& file : inputs.files)
        json.value(file.path);
    json.end_array();
    add_problems(json, "left_out", inputs.left_out);
    return json.end_object().text();
}

// YAML understands the strings of JSON.
std::string yaml_text(const std::string& text) {
    const std::string json = JsonWriter().value(text).text();
    return std::string(trim(json));
}

std::string profile_text(const generator::Settings& settings) {
    std::string text = "# The settings in effect, each with its source.\n";
    for (const auto& [key, setting] : settings) {
        std::string list;
        for (const std::string& value : values_of(setting))
            list += fmt::format("{}{}", list.empty() ? "" : ", ", yaml_text(value));
        text += fmt::format("# {}\n", yaml_text(setting.origin.text()));
        text +=
            setting.items.empty() ? fmt::format("{}: {}\n", key, list) : fmt::format("{}: [{}]\n", key, list);
    }
    return text;
}

Result<void> check_names(const std::filesystem::path& repro, const std::filesystem::path& image) {
    if (image.empty()) return {};
    MKPXERD_TRY_ASSIGN(const OutputPlace first, find_output(repro));
    MKPXERD_TRY_ASSIGN(const OutputPlace second, find_output(image));
    if (first.is_stream || first.path != second.path) return {};
    return fail("--repro", fmt::format("{} is the image as well", repro.string()), "name another file");
}

} // namespace

Result<void> check_apart(const std::filesystem::path& repro, const generator::CommandOptions& command) {
    const auto output = generator::text_of(command, "output");
    return output ? check_names(repro, *output) : Result<void>();
}

Result<void> check_apart(const std::filesystem::path& repro, const generator::BuildRequest& request) {
    return check_names(repro, request.output);
}

Result<ReproFile> ReproFile::create(const std::filesystem::path& target) {
    if (is_standard_output(target)) return fail("--repro", "needs a file: messages go to standard output");
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(target));
    return ReproFile(std::move(file));
}

Result<std::vector<Problem>> ReproFile::write(const BuildStory& story,
                                              const Result<generator::BuildReport>& end) {
    generator::BuildInputs inputs =
        generator::collect_inputs(story.settings, story.request ? &*story.request : nullptr);
    clean(inputs.left_out);
    // A build refuses any other time, which its errors say.
    const auto epoch = parse_number(story.command.source_date_epoch).value_or(0);
    deploy::TarWriter tar([&](std::span<const std::byte> bytes) { return file_.write(bytes); },
                          epoch <= latest ? static_cast<std::int64_t>(epoch) : 0);
    const auto add = [&](const std::string& path, const std::string& content) {
        return tar.add_file(path, std::as_bytes(std::span(content)), public_mode);
    };
    std::erase_if(inputs.files, [&](const generator::InputFile& file) {
        const bool is_too_long = !deploy::TarWriter::holds(path_of(file));
        if (is_too_long)
            inputs.left_out.push_back({.object = file.path, .text = "is too long for a tar archive"});
        return is_too_long;
    });
    MKPXERD_TRY(add(path_of("README"), readme));
    MKPXERD_TRY(add(path_of("request.json"), request_text(story, inputs)));
    MKPXERD_TRY(add(path_of("profile.yaml"), profile_text(story.settings.settings)));
    MKPXERD_TRY(add(path_of("report.json"), report_text(story, end)));
    if (inputs.kernel_config) MKPXERD_TRY(add(path_of("kernel.config"), *inputs.kernel_config));
    for (const generator::InputFile& file : inputs.files)
        MKPXERD_TRY(add(path_of(file), file.content));
    MKPXERD_TRY(tar.finish());
    MKPXERD_TRY(file_.commit(private_mode));
    return std::move(inputs.left_out);
}

} // namespace mkpxerd::cli
