// SPDX-License-Identifier: MIT
// Options are those of mkinitfs, so that its users change one word; long names are ours.
#include "mkpxerd/cli/build_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>
#include <thread>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/confinement.hpp"
#include "mkpxerd/cli/json_report.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/profile_loader.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/image/key_check.hpp"
#include "mkpxerd/image/secret_check.hpp"
#include "mkpxerd/wrap/cache_directory.hpp"

namespace mkpxerd::cli {
namespace {

// One line that is written over, from the first second on, and only for a person who watches.
class ProgressLine {
  public:
    ProgressLine(std::ostream& out, bool watched) : out_(out), watched_(watched) {}
    void show(std::uint64_t bytes, std::uint64_t total) {
        const auto now = std::chrono::steady_clock::now();
        if (!watched_ || now < next_) return;
        next_ = now + std::chrono::milliseconds(100);
        out_ << fmt::format("\r{:3d} % of {} ", total == 0 ? 100 : bytes * 100 / total, human_bytes(total))
             << std::flush;
        shown_ = true;
    }
    void clear() {
        if (shown_) out_ << "\r\x1b[K" << std::flush;
    }

  private:
    std::ostream& out_;
    bool watched_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

} // namespace

void BuildCommand::set(const std::string& key, const std::string& value) {
    options_.settings.emplace_back(key, value);
}

CLI::Option* BuildCommand::add_setting(CLI::App& app, const std::string& names, const char* key,
                                       const char* help) {
    return app.add_option_function<std::string>(
        names, [this, key](const std::string& value) { set(key, value); }, help);
}

void BuildCommand::add_flag(CLI::App& app, const std::string& names, const char* key, const char* help) {
    app.add_flag_function(
        names, [this, key](auto) { set(key, "yes"); }, help);
}

CLI::Option* BuildCommand::add_output_options(CLI::App& app) {
    CLI::Option* output =
        add_setting(app, "-o,--output", "output", "write the image to this file; - is standard output");
    output->type_name("FILE");
    add_setting(app, "-C,--compression", "compression", "gzip (default), xz, zstd, lz4 or none")
        ->type_name("NAME");
    add_setting(app, "--level", "level", "compression level, on the scale of the compression")
        ->type_name("N");
    add_setting(app, "--mode", "mode", "permissions of the image (0644, or 0600 with secrets inside)")
        ->type_name("MODE");
    add_flag(app, "--allow-secrets", "allow-secrets", "let others read an image with secrets inside");
    add_setting(app, "--max-size", "max-size", "fail when the image is larger (20M)")->type_name("SIZE");
    return output;
}

BuildCommand::BuildCommand(CLI::App& app, const CommandContext& context) : context_(context) {
    options_.data_dir = context.data_dir;
    options_.init_program = context.init_program;
    options_.source_date_epoch = context.source_date_epoch;
    // A value that a profile or the configuration may give as well.
    const auto setting = [&](const std::string& names, const char* key, const char* help) {
        return add_setting(app, names, key, help);
    };
    app.add_option("kernelversion", options_.kernel_version, "kernel whose modules go in");
    add_output_options(app);
    app.add_option("-p,--profile", options_.profile, "features and options of this profile")
        ->type_name("NAME|FILE");
    setting("-F,--features", "features", "use these features")->type_name("\"LIST\"");
    app.add_option("-P,--feature-dir", options_.feature_dirs, "look for features here first (repeatable)")
        ->type_name("DIR")
        ->allow_extra_args(false);
    app.add_option("-b,--basedir", options_.basedir, "take files, modules and firmware from this tree")
        ->type_name("DIR");
    setting("--kernel-root", "kernel-root", "take modules and firmware from this tree instead")
        ->type_name("DIR");
    app.add_option("-c,--config", options_.config, "configuration file (BASEDIR/etc/mkinitfs/mkinitfs.conf)")
        ->type_name("FILE");
    app.add_flag("--no-cache", no_cache_, "keep and use no compressed parts of earlier images");
    setting("--cmdline", "cmdline", "options baked into the image; the kernel command line overrides them")
        ->type_name("\"OPTIONS\"");
    setting("-f,--fstab", "fstab", "put this file in as /etc/fstab")->type_name("FILE");
    setting("-i,--init", "init", "put this program in as /init")->type_name("FILE");
    app.add_flag_function(
        "-K,--hostkeys", [this](auto) { set("hostkeys", "yes"); },
        "put in this machine's /etc/apk/keys as well");
    setting("-s,--modloop-signature", "modloop-signature", "put in this modloop signature")
        ->type_name("FILE");
    // The same, several times: a list.
    const auto settings = [&](const std::string& names, const char* key, const char* type, const char* help) {
        app.add_option_function<std::vector<std::string>>(
               names,
               [this, key](const std::vector<std::string>& values) {
                   for (const std::string& value : values)
                       set(key, value);
               },
               help)
            ->type_name(type)
            ->allow_extra_args(false);
    };
    const auto flag = [&](const std::string& names, const char* key, const char* help) {
        add_flag(app, names, key, help);
    };
    settings("--hardware", "hardware", "FILE",
             "only drivers that these machines need: modalias lists (repeatable)");
    setting("--modules", "modules", "packed modules: keep or plain (whichever makes the smaller image)")
        ->type_name("HOW");
    setting("--firmware", "firmware", "firmware of which modules: all (default), net, none")
        ->type_name("WHICH");
    flag("--strict-firmware", "strict-firmware", "missing firmware is an error");
    flag("--lenient", "lenient", "what features name and the system lacks is a warning");
    flag("--kmod-index", "kmod-index", "put in the indexes that kmod's modprobe reads");
    flag("--ucode", "ucode", "put CPU microcode before the image");
    settings("--prepend", "prepend", "FILE", "put this archive before the image (repeatable)");
    settings("--append", "append", "FILE", "put this archive behind the image (repeatable)");
    settings("--ca", "ca", "FILE", "trust these certificate authorities for https (repeatable)");
    settings("--pin", "pin", "OBJECT=FILE|SHA256",
             "init accepts only this apkovl, modloop or root (repeatable)");
    app.add_flag("--json", json_, "report as JSON");
    app.add_flag_function(
        "-n,--no-kernel", [this](auto) { set("no-kernel", "yes"); }, "no modules and no firmware");
    app.add_flag("-l,--list", list_files_, "only list what would be in the image");
    app.add_flag("-L,--list-features", list_features_, "list features and profiles");
    app.add_flag("-q,--quiet", quiet_, "say nothing but errors");
    app.add_flag("-v,--verbose", verbose_, "say all warnings");
    // There is no temporary directory to keep or to place; scripts written for mkinitfs still run.
    app.add_flag_function(
        "-k", [](auto) {}, "accepted for mkinitfs: there is no temporary directory to keep");
    app.add_option_function<std::string>(
           "-t", [](const std::string&) {}, "accepted for mkinitfs: no temporary directory is used")
        ->type_name("DIR");
}

int BuildCommand::list_features() {
    const auto request = generator::ProfileLoader().load(options_);
    if (!request) return report(request.error(), context_);
    for (const auto& [name, directory] : generator::FeatureResolver(request->feature_dirs).known())
        context_.out << fmt::format("feature {:<14} {}\n", printable(name), printable(directory.string()));
    for (const auto& [name, file] : generator::known_profiles(options_))
        context_.out << fmt::format("profile {:<14} {}\n", printable(name), printable(file.string()));
    return exit_done;
}

int BuildCommand::list_files() {
    const auto request = generator::ProfileLoader().load(options_);
    if (!request) return report(request.error(), context_);
    const auto plan = generator::plan_image(*request);
    if (!plan) return report(plan.error(), context_);
    for (const auto& entry : plan->tree.entries)
        context_.out << printable(entry.path) << '\n';
    return exit_done;
}

int BuildCommand::build() {
    auto request = generator::ProfileLoader().load(options_);
    if (!request) return report(request.error(), context_);
    request->compression.threads = std::max(1U, std::thread::hardware_concurrency());
    const bool cached = !no_cache_ && !context_.cache_dir.empty();
    confine_output(*request, cached ? context_.cache_dir : std::filesystem::path(), context_);
    const auto keys = image::check_archive_keys(request->prepend, request->append);
    if (!keys) return report(keys.error(), context_);
    if (cached) request->compression.cache = std::make_shared<wrap::ChunkCache>(context_.cache_dir);
    ProgressLine progress(context_.err, context_.err_is_terminal && !quiet_ && !json_);
    auto done = generator::build_image(
        *request, [&](std::uint64_t bytes, std::uint64_t total) { progress.show(bytes, total); },
        image::find_archive_secrets(request->prepend, request->append));
    progress.clear();
    if (!done) return report(done.error(), context_);
    if (request->compression.cache)
        if (auto refusal = wrap::cache_refusal(context_.cache_dir))
            done->warnings.push_back(std::move(*refusal));
    if (json_)
        talk_beside(request->output, context_) << json_report(*done, *request);
    else if (!quiet_)
        print_report(*done, *request);
    return exit_done;
}

// What did not go in, on the error stream; what did, on the output, unless the image itself goes there.
void BuildCommand::print_report(const generator::BuildReport& done,
                                const generator::BuildRequest& request) const {
    tell_findings(done.warnings, done.secrets, done.mode, context_.err);
    if (const auto& missing = done.missing_firmware; !missing.empty() && verbose_) {
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
    std::ostream& out = talk_beside(request.output, context_);
    out << fmt::format("{}: {} bytes, {} ({} unpacked)\n", printable(done.output.string()), done.image_bytes,
                       wrap::format_name(request.compression.format), human_bytes(done.archive_bytes));
    if (!done.kernel_version.empty())
        out << fmt::format("  kernel   {}, {} modules, {} firmware files\n", printable(done.kernel_version),
                           done.modules, done.firmware);
    out << fmt::format("  files    {}\n  features {}\n  memory   {} MiB at least\n", done.entries,
                       printable(fmt::format("{}", fmt::join(done.features, " "))),
                       (done.memory_bytes >> 20) + 1);
}

int BuildCommand::run() {
    if (list_features_) return list_features();
    if (list_files_) return list_files();
    return build();
}

} // namespace mkpxerd::cli
