// SPDX-License-Identifier: MIT
// Chooses image and kernel, and turns the verdict into messages and an exit code.
#include "mkpxerd/cli/bundle/try_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <ostream>
#include <span>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/bundle/trial_console.hpp"
#include "mkpxerd/cli/bundle/trial_limits.hpp"
#include "mkpxerd/cli/bundle/trial_parts.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/old_name.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/cli/output/progress_line.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/deploy/trial/trial.hpp"

namespace mkpxerd::cli {
namespace {

using Kind = deploy::Verdict::Kind;

constexpr unsigned report_mode = 0600; // as in the machine

std::string said(const deploy::TrialRequest& request) {
    if (request.image.empty())
        return fmt::format("boots the bundle {} by iPXE and HTTP", request.bundle.string());
    return fmt::format("boots {} with {}{}", request.image.string(), request.kernel.string(),
                       request.options ? ""
                                       : ", and serves it a root by HTTP: tests card, DHCP, download and "
                                         "hand-over");
}

bool boots(const deploy::Verdict& verdict) {
    return verdict.kind == Kind::Arrived || verdict.kind == Kind::HandedOver;
}

std::string text_of(const deploy::Verdict& verdict) {
    const std::string text = printable(verdict.text); // from the machine
    switch (verdict.kind) {
    case Kind::Arrived:
    case Kind::HandedOver:
        break;
    case Kind::Failed:
        return fmt::format("failed {} {}", printable(verdict.code), text);
    case Kind::Panicked:
        return fmt::format("the kernel panicked: {}", text);
    case Kind::NoLoader:
        return fmt::format("nothing was loaded: {}", text);
    }
    return fmt::format("it boots: {}", text);
}

// One trial: what it shows while it runs, and its result.
class TrialReport {
  public:
    // kept: where the init's report goes; none: nowhere.
    TrialReport(const TrialParts& parts, std::optional<AtomicFile> kept, const CommandContext& context)
        : parts_(parts), kept_(std::move(kept)), context_(context),
          is_silent_(context.is_quiet || context.wants_json),
          progress_(context.err, context.err_is_terminal && !is_silent_),
          console_(parts.request.expected, context.is_verbose,
                   [this](std::string_view line) { show(line); }) {}

    int run();

  private:
    void show(std::string_view line);
    void note(const Problem& problem);
    void take(std::string_view line);
    void tick(const deploy::LoopbackServer::Transfer& transfer);
    int conclude(const Result<deploy::Verdict>& verdict);
    Result<void> keep_report();
    // is_kept: the report.
    std::string json(const Result<deploy::Verdict>& verdict, bool is_kept) const;

    const TrialParts& parts_;
    std::optional<AtomicFile> kept_;
    std::optional<std::string> report_; // of the init
    const CommandContext& context_;
    bool is_silent_;
    ProgressLine progress_;
    TrialConsole console_;
    std::vector<Problem> notes_;
    std::string step_ = "the firmware starts"; // what the machine is doing
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::chrono::seconds shown_{-1};
};

void TrialReport::show(std::string_view line) {
    if (is_silent_) return;
    progress_.clear();
    context_.out << line << '\n' << std::flush;
}

void TrialReport::note(const Problem& problem) {
    notes_.push_back(problem);
    if (!is_silent_) warn(problem, context_.err);
}

void TrialReport::tick(const deploy::LoopbackServer::Transfer& transfer) {
    if (!transfer.name.empty())
        step_ = fmt::format("loads {}, {}", transfer.name, human_bytes(transfer.size));
    const auto passed =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_);
    if (std::exchange(shown_, passed) != passed)
        progress_.begin(fmt::format("{} s: {}", passed.count(), step_));
}

void TrialReport::take(std::string_view line) {
    if (line.find("Linux version ") != std::string_view::npos) step_ = "the kernel starts";
    if (console_.is_own(line)) step_ = "the init works";
    console_.take(line);
}

std::string TrialReport::json(const Result<deploy::Verdict>& verdict, bool is_kept) const {
    JsonWriter json;
    json.begin_object()
        .field("boots", verdict && boots(*verdict))
        .field("code", verdict ? verdict->code : "")
        .field("text", verdict ? verdict->text : to_text(verdict.error().first()))
        .field("report", kept_ && is_kept ? kept_->target().string() : "");
    add_problems(json, "notes", notes_);
    json.key("lines").begin_array();
    for (const std::string& line : console_.own_lines())
        json.value(line);
    json.end_array().end_object();
    return json.text();
}

Result<void> TrialReport::keep_report() {
    if (!kept_) return {};
    if (!report_)
        return fail(kept_->target().string(), "stays as it was: the machine wrote no report",
                    "its image needs an init of this mkpxerd that reads its options, and a kernel with a "
                    "second serial port");
    MKPXERD_TRY(kept_->write(std::as_bytes(std::span(*report_))));
    return kept_->commit(report_mode);
}

int TrialReport::conclude(const Result<deploy::Verdict>& verdict) {
    progress_.clear();
    const bool is_booted = verdict && boots(*verdict);
    const auto kept = keep_report();
    const int code = is_booted && kept ? exit_done : exit_failed;
    if (context_.wants_json) {
        if (!kept) note(kept.error().first());
        context_.out << json(verdict, kept.has_value());
        return code;
    }
    if (code != exit_done)
        console_.show_rest("mkpxerd: try: the end of the console, without the lines above:");
    if (!verdict)
        report(verdict.error(), context_);
    else if (!is_booted || !context_.is_quiet)
        context_.err << fmt::format("mkpxerd: try: {}\n", text_of(*verdict));
    if (!kept) report(kept.error(), context_); // last: the exit code is about it, too
    return code;
}

int TrialReport::run() {
    if (!is_silent_)
        context_.err << fmt::format("mkpxerd: try: {}\n", printable(said(parts_.request))) << std::flush;
    for (const Problem& warning : parts_.warnings)
        note(warning);
    const deploy::TrialObserver observer{
        .note = [this](const Problem& problem) { note(problem); },
        .line = [this](std::string_view line) { take(line); },
        .tick = [this](const deploy::LoopbackServer::Transfer& transfer) { tick(transfer); },
        .report = [this](const std::optional<std::string>& report) { report_ = report; }};
    return conclude(deploy::run_trial(parts_.request, observer));
}

using LimitReader = Result<std::uint64_t> (*)(const std::string&);

CLI::Option* add_limit(CLI::App& command, const char* name, const char* help, LimitReader read,
                       const std::function<void(std::uint64_t)>& take) {
    return command.add_option_function<std::string>(
        name,
        [read, take](const std::string& text) {
            const auto value = read(text);
            if (!value) throw CLI::ValidationError(to_text(value.error().first()));
            take(*value);
        },
        help);
}

} // namespace

void add_try_options(CLI::App& command, TryOptions& options, CommandContext& context) {
    deploy::TrialRequest& request = options.request;
    command.add_option("what", options.what, "an image, or the directory of a bundle")
        ->required()
        ->type_name("IMAGE|DIR");
    command.add_option("--kernel", request.kernel, "the kernel for the image")->type_name("FILE");
    CLI::Option* line =
        command
            .add_option("--cmdline", request.options, "kernel command line; without it, serve a small root")
            ->type_name("\"OPTIONS\"");
    add_old_name(command, "--append", line, [&request](const std::string& text) { request.options = text; });
    command.add_option("--expect", request.expected, "wait for this text on the console")->type_name("TEXT");
    command.add_flag("--uefi", request.uefi, "a machine with UEFI instead of a BIOS");
    command
        .add_option("--nic", request.network_cards,
                    "network card, by its name in QEMU (virtio-net-pci; repeatable)")
        ->type_name("MODEL")
        ->allow_extra_args(false);
    add_limit(command, "--memory", "memory of the machine (512M, or what the image needs)", read_trial_memory,
              [&options](std::uint64_t mebibytes) { options.memory = mebibytes; })
        ->type_name("SIZE");
    add_limit(command, "--timeout", "time limit: 90, 90s, 3m (180)", read_trial_time,
              [&request](std::uint64_t seconds) { request.timeout = seconds; })
        ->type_name("TIME");
    command.add_option("--report", options.report, "keep the init's report.json there, for mkpxerd chart")
        ->type_name("FILE");
    add_json_option(command, context);
    command.add_flag("-q,--quiet", context.is_quiet, "print only why it does not boot");
    command.add_flag("-v,--verbose", context.is_verbose, "print the whole console, with the kernel's log");
}

int run_try(TryOptions options, const CommandContext& context) {
    std::error_code error;
    namespace fs = std::filesystem;
    if (!options.request.kernel.empty() && fs::is_directory(options.what, error)) {
        context.err << fmt::format("mkpxerd: --kernel is for an image; the bundle {} has its own\n"
                                   "mkpxerd: see mkpxerd try --help\n",
                                   printable(options.what.string()));
        return exit_usage;
    }
    std::optional<AtomicFile> kept;
    if (!options.report.empty()) {
        if (is_standard_output(options.report)) {
            context.err << "mkpxerd: --report: the console goes to standard output; name a file\n"
                           "mkpxerd: see mkpxerd try --help\n";
            return exit_usage;
        }
        auto file = AtomicFile::create(options.report); // a bad place is told before the boot
        if (!file) return report(file.error(), context);
        kept.emplace(std::move(*file));
        options.request.wants_report = true;
    }
    options.request.arrival = context.init_program.parent_path() / "arrival";
    options.request.relay = context.init_program.parent_path() / "relay";
    const auto parts = find_trial_parts(options.what, options.request, options.memory);
    if (!parts) return report(parts.error(), context);
    return TrialReport(*parts, std::move(kept), context).run();
}

} // namespace mkpxerd::cli
