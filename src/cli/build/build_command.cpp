// SPDX-License-Identifier: MIT
// The short options are mkinitfs', so that its users change one word; long names are ours.
#include "mkpxerd/cli/build/build_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <new>
#include <ostream>
#include <thread>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/build/feature_list.hpp"
#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/cli/build/request_check.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/confinement.hpp"
#include "mkpxerd/cli/options/option_words.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/cli/output/progress_line.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/generator/archive/build_report.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/image/secret_check.hpp"
#include "mkpxerd/wrap/cache_directory.hpp"

namespace mkpxerd::cli {
namespace {

enum class OptionForm { Text, List, Flag };

// An option that a profile or the configuration may give as well.
struct SettingOption {
    const char* names; // the long one is the key of the setting
    OptionForm form;
    const char* type;
    const char* help; // "{}": the words that it accepts
};
constexpr SettingOption output = {"-o,--output", OptionForm::Text, "FILE",
                                  "write to this file; - is standard output"};
constexpr SettingOption of_output[] = {
    {"-C,--compression", OptionForm::Text, "NAME", "{} (default: gzip)"},
    {"--level", OptionForm::Text, "N", "compression level, on the scale of the compression"},
    {"--mode", OptionForm::Text, "MODE", "permissions of the file (0644, or 0600 with secrets inside)"},
    {"--allow-secrets", OptionForm::Flag, "", "let others read a file with secrets inside"},
    {"--max-size", OptionForm::Text, "SIZE", "fail if the file is larger than this, for example 20M"},
};
constexpr SettingOption features = {"-F,--features", OptionForm::Text, "\"LIST\"",
                                    "use these features; +NAME adds to those of the profile"};
constexpr SettingOption kernel_root = {"--kernel-root", OptionForm::Text, "DIR",
                                       "take modules and firmware from this tree instead"};
constexpr SettingOption of_content[] = {
    {"--cmdline", OptionForm::Text, "\"OPTIONS\"",
     "options baked into the image; the kernel command line overrides them"},
    {"-f,--fstab", OptionForm::Text, "FILE", "add this file as /etc/fstab"},
    {"-i,--init", OptionForm::Text, "FILE", "add this program as /init"},
    {"-K,--hostkeys", OptionForm::Flag, "", "also add this machine's /etc/apk/keys"},
    {"-s,--modloop-signature", OptionForm::Text, "FILE", "add this modloop signature"},
    {"--hardware", OptionForm::List, "FILE",
     "only drivers that these machines need: modalias lists (repeatable)"},
    {"--modules", OptionForm::Text, "HOW",
     "form of modules: {} (default: packed or plain, the smaller image)"},
    {"--firmware", OptionForm::Text, "WHICH", "firmware for which modules: {} (default: all)"},
    {"--strict-firmware", OptionForm::Flag, "", "missing firmware is an error"},
    {"--lenient", OptionForm::Flag, "", "files that features name and the system lacks are warnings"},
    {"--kmod-index", OptionForm::Flag, "", "add the indexes that kmod's modprobe reads"},
    {"--ucode", OptionForm::Flag, "", "put CPU microcode before the image"},
    {"--prepend", OptionForm::List, "FILE", "put this archive before the image (repeatable)"},
    {"--append", OptionForm::List, "FILE", "put this archive after the image (repeatable)"},
    {"--ca", OptionForm::List, "FILE",
     "trust these certificate authorities for https, no others (repeatable)"},
    {"--key", OptionForm::List, "FILE",
     "the init trusts what this public key signed, and no unsigned object (repeatable)"},
    {"--pin", OptionForm::List, "OBJECT=FILE|SHA256", "the init accepts only this object: {} (repeatable)"},
};
constexpr SettingOption no_kernel = {"-n,--no-kernel", OptionForm::Flag, "", "no modules and no firmware"};

std::string key_of(const SettingOption& setting) {
    const std::string_view names = setting.names;
    return std::string(names.substr(names.find("--") + 2));
}

CLI::Option* add_setting(CLI::App& app, const SettingOption& setting, generator::CommandOptions& options) {
    const std::string key = key_of(setting);
    const std::string help = help_with_words(setting.help, key);
    const auto set = [&options, key](const std::string& value) { options.settings.emplace_back(key, value); };
    switch (setting.form) {
    case OptionForm::Flag:
        return app.add_flag_function(
            setting.names, [set](std::int64_t count) { set(count > 0 ? "yes" : "no"); }, help);
    case OptionForm::List: // the same option several times
        return app
            .add_option_function<std::vector<std::string>>(
                setting.names,
                [set](const std::vector<std::string>& values) { std::ranges::for_each(values, set); }, help)
            ->type_name(setting.type)
            ->allow_extra_args(false);
    case OptionForm::Text:
        break;
    }
    return app.add_option_function<std::string>(setting.names, set, help)->type_name(setting.type);
}

// A machine of the printed size is large enough, so a part of a MiB counts as one.
std::string describe_memory(const generator::MemoryNeed& need) {
    const std::uint64_t with_root = (need.with_root >> 20) + 1;
    const std::uint64_t without_root = (need.without_root >> 20) + 1;
    if (with_root == without_root) return fmt::format("{} MiB at least", with_root);
    return fmt::format("{} MiB at least, {} MiB if the kernel's command line has no root=", with_root,
                       without_root);
}

} // namespace

CLI::Option* BuildCommand::add_output_options(CLI::App& app) {
    CLI::Option* named = add_setting(app, output, options_);
    for (const SettingOption& setting : of_output)
        add_setting(app, setting, options_);
    return named;
}

// The sources.
void BuildCommand::add_source_options(CLI::App& app) {
    app.add_option("-p,--profile", options_.profile, "features and options of this profile")
        ->type_name("NAME|FILE");
    add_setting(app, features, options_)->join(); // all lists together
    app.add_option("-P,--feature-dir", options_.feature_dirs, "look for features here first (repeatable)")
        ->type_name("DIR")
        ->allow_extra_args(false);
    app.add_option("-b,--basedir", options_.basedir, "take files, modules and firmware from this tree")
        ->type_name("DIR");
    add_setting(app, kernel_root, options_);
    app.add_option("-c,--config", options_.config, "configuration file (BASEDIR/etc/mkinitfs/mkinitfs.conf)")
        ->type_name("FILE");
}

BuildCommand::BuildCommand(CLI::App& app, CommandContext& context) : context_(context) {
    options_.data_dir = context.data_dir;
    options_.init_program = context.init_program;
    options_.source_date_epoch = context.source_date_epoch;
    app.option_defaults()->group("Contents of the image"); // the groups of mkpxerd(8)
    app.add_option("kernelversion", options_.kernel_version, "kernel whose modules to add");
    add_source_options(app);
    for (const SettingOption& setting : of_content)
        add_setting(app, setting, options_);
    add_setting(app, no_kernel, options_);
    app.option_defaults()->group("The output");
    add_output_options(app);
    app.add_flag("--no-cache", no_cache_, "do not keep or reuse compressed parts of images");
    app.option_defaults()->group("Messages");
    app.add_flag("-l,--list", list_files_, "only list the entries of the image");
    app.add_flag("-L,--list-features", list_features_, "list features and profiles");
    add_json_option(app, context);
    add_message_options(app, context);
    app.add_option("--repro", repro_, "also write what a maintainer needs to do this build again")
        ->type_name("FILE.tar");
    // There is no temporary directory; scripts written for mkinitfs still run.
    app.add_flag_function(
        "-k", [](auto) {}, "accepted for mkinitfs: no temporary directory exists that could be kept");
    app.add_option_function<std::string>(
           "-t", [](const std::string&) {}, "accepted for mkinitfs: no temporary directory is used")
        ->type_name("DIR");
}

int BuildCommand::list_files() const {
    const auto request = generator::load_request(options_);
    if (!request) return report(request.error(), context_);
    CommandContext context = context_;
    if (no_cache_) context.cache_dir.clear();
    auto plan = plan_unwritten(*request, context);
    if (!plan) return report(plan.error(), context_);
    auto archives = read_archives(*request, *plan);
    if (!archives) return report(archives.error(), context_);
    for (const Problem& problem : archives->warnings)
        warn(problem, context_);
    generator::report_archives(plan->report, std::move(*archives));
    for (const auto& entry : plan->report.contents)
        context_.out << printable(entry.path) << '\n';
    return exit_done;
}

// The story has the request as soon as there is one.
Result<generator::BuildReport> BuildCommand::write_image(BuildStory& story) const {
    MKPXERD_TRY_ASSIGN(story.request, generator::load_request(options_, &story.settings));
    generator::BuildRequest& request = *story.request;
    request.compression.threads = std::max(1U, std::thread::hardware_concurrency());
    const bool cached = !no_cache_ && !context_.cache_dir.empty();
    confine_output(request, cached ? context_.cache_dir : std::filesystem::path(), context_, repro_);
    if (wants_repro()) MKPXERD_TRY(check_apart(repro_, request));
    MKPXERD_TRY_ASSIGN(const auto baked_warnings, check_request(request));
    if (cached) request.compression.cache = std::make_shared<wrap::ChunkCache>(context_.cache_dir);
    ProgressLine progress(context_.err,
                          context_.err_is_terminal && !context_.is_quiet && !context_.wants_json);
    auto done =
        generator::build_image(request, shown_by(progress),
                               image::find_archive_secrets(request.prepend, request.append), check_archives);
    progress.clear();
    if (done) done->warnings.insert(done->warnings.begin(), baked_warnings.begin(), baked_warnings.end());
    if (done && request.compression.cache)
        if (auto refusal = wrap::cache_refusal(context_.cache_dir))
            done->warnings.push_back(std::move(*refusal));
    return done;
}

int BuildCommand::tell(const Result<generator::BuildReport>& done, const BuildStory& story) const {
    if (!done) return report(done.error(), context_);
    if (context_.wants_json)
        message_stream(story.request->output, context_) << json_report(*done, *story.request);
    else if (!context_.is_quiet)
        print_report(*done, *story.request);
    return exit_done;
}

int BuildCommand::build() const {
    if (wants_repro()) return build_with_repro();
    BuildStory story{.command = options_, .settings = {}, .request = {}};
    return tell(write_image(story), story);
}

int BuildCommand::build_with_repro() const {
    if (const auto apart = check_apart(repro_, options_); !apart) return report(apart.error(), context_);
    auto repro = ReproFile::create(repro_);
    if (!repro) return report(repro.error(), context_);
    BuildStory story{.command = options_, .settings = {}, .request = {}};
    Result<generator::BuildReport> done = fail("memory", "is not enough for this build");
    try {
        done = write_image(story);
    } catch (const std::bad_alloc&) {
        wrap::lift_bounds();
        (void)repro->write(story, done);
        throw; // the limit is known where it was set
    }
    const int code = tell(done, story);
    if (story.request && !check_apart(repro_, *story.request)) return code; // an older image stays
    const auto left_out = repro->write(story, done);
    if (!left_out) return report(left_out.error(), context_);
    const std::string missing =
        left_out->empty() ? "" : fmt::format("; left out: {} (request.json says why)", left_out->size());
    note({.object = repro_.string(), .text = "has what this build read, without secrets" + missing},
         context_);
    return code;
}

// Reports missing files on the error stream, and the content on the output, unless the image goes there.
void BuildCommand::print_report(const generator::BuildReport& done,
                                const generator::BuildRequest& request) const {
    print_findings(done.warnings, done.secrets, done.mode, context_.err);
    if (const auto& missing = done.missing_firmware; !missing.empty() && context_.is_verbose) {
        for (const auto& blob : missing)
            context_.err << fmt::format("mkpxerd: warning: {}: firmware '{}' is not in {}\n",
                                        printable(blob.module), printable(blob.name),
                                        printable(done.firmware_directory));
    } else if (!missing.empty()) {
        context_.err << fmt::format(
            "mkpxerd: warning: {} firmware files are not in {}, the first is {} for {} "
            "(-v lists all)\n",
            missing.size(), printable(done.firmware_directory), printable(missing.front().name),
            printable(missing.front().module));
    }
    std::ostream& out = message_stream(request.output, context_);
    out << fmt::format("{}: {} bytes, {} ({} unpacked)\n", printable(done.output.string()), done.image_bytes,
                       wrap::format_name(request.compression.format), human_bytes(done.archive_bytes));
    if (!done.kernel_version.empty())
        out << fmt::format("  kernel   {}, {} modules, {} firmware files\n", printable(done.kernel_version),
                           done.modules, done.firmware);
    if (!request.profile.empty()) out << fmt::format("  profile  {}\n", printable(request.profile));
    out << fmt::format("  files    {}\n  features {}\n  memory   {}\n", done.entries,
                       printable(fmt::format("{}", fmt::join(done.features, " "))),
                       describe_memory(done.memory));
    if (!context_.is_verbose) return;
    std::vector<std::string> stages;
    for (const generator::StageTime& each : done.timings)
        stages.push_back(fmt::format("{} {} ms", each.stage, each.time.count()));
    out << fmt::format("  time     {}\n", fmt::join(stages, ", "));
}

int BuildCommand::run() const {
    if (list_features_) return run_feature_list(options_, context_);
    if (list_files_) return list_files();
    return build();
}

} // namespace mkpxerd::cli
