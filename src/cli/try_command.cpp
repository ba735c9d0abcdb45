// SPDX-License-Identifier: MIT
// Chooses image and kernel, and turns the verdict into messages and an exit code.
#include "mkpxerd/cli/try_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/common_options.hpp"
#include "mkpxerd/cli/old_name.hpp"
#include "mkpxerd/cli/progress_line.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/cli/trial_console.hpp"
#include "mkpxerd/deploy/kernel_image.hpp"
#include "mkpxerd/deploy/trial.hpp"
#include "mkpxerd/image/image_facts.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;
using Kind = deploy::Verdict::Kind;

Result<fs::path> find_kernel(const fs::path& image) {
    MKPXERD_TRY_ASSIGN(const auto facts, image::ImageFacts::read(image));
    const fs::path directory = directory_of(image);
    MKPXERD_TRY_ASSIGN(const TreePath kernel, deploy::find_kernel_image({directory, directory / "kernel/boot",
                                                                         directory / "boot", "/boot"},
                                                                        facts.config().kernel_version));
    return kernel.host();
}

Result<void> complete(TryOptions& options, const CommandContext& context) {
    deploy::TrialRequest& request = options.request;
    request.arrival = context.init_program.parent_path() / "arrival";
    request.relay = context.init_program.parent_path() / "relay";
    std::error_code error;
    if (fs::is_directory(options.what, error)) {
        if (!fs::exists(options.what / "boot.ipxe", error))
            return fail(options.what.string(), "is not a bundle: it has no boot.ipxe",
                        "mkpxerd bundle creates one");
        request.bundle = options.what;
        // An image that cannot be read is told by the boot.
        if (const auto facts = image::ImageFacts::read(options.what / "pxerd")) {
            request.baked = facts->config().cmdline;
            request.has_apk = facts->has_apk();
        }
        return {};
    }
    request.image = options.what;
    if (request.kernel.empty()) {
        MKPXERD_TRY_ASSIGN(request.kernel, find_kernel(request.image));
    }
    for (const fs::path& file : {request.image, request.kernel})
        if (!fs::is_regular_file(file, error)) return fail(file.string(), "is not a file");
    MKPXERD_TRY_ASSIGN(const auto doubt, deploy::check_kernel_image(request.kernel, {}));
    if (doubt) return fail(doubt->object, doubt->text, doubt->hint);
    return {};
}

std::string said(const deploy::TrialRequest& request) {
    if (request.image.empty())
        return fmt::format("boots the bundle {} by iPXE and HTTP", request.bundle.string());
    return fmt::format("boots {} with {}{}", request.image.string(), request.kernel.string(),
                       request.options ? ""
                                       : ", and serves it a root by HTTP: tests card, DHCP, download and "
                                         "handover");
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
    TrialReport(const TryOptions& options, const CommandContext& context)
        : options_(options), context_(context), is_silent_(context.is_quiet || context.wants_json),
          progress_(context.err, context.err_is_terminal && !is_silent_),
          console_(options.request.expected, context.is_verbose,
                   [this](std::string_view line) { show(line); }) {}

    int run();

  private:
    void show(std::string_view line);
    void take(std::string_view line);
    void tick(const deploy::LoopbackServer::Transfer& transfer);
    int conclude(const Result<deploy::Verdict>& verdict);
    std::string json(const Result<deploy::Verdict>& verdict) const;

    const TryOptions& options_;
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

std::string TrialReport::json(const Result<deploy::Verdict>& verdict) const {
    JsonWriter json;
    json.begin_object()
        .field("boots", verdict && boots(*verdict))
        .field("code", verdict ? verdict->code : "")
        .field("text", verdict ? verdict->text : to_text(verdict.error().first()))
        .key("notes")
        .begin_array();
    for (const Problem& problem : notes_)
        json.value(to_text(problem));
    json.end_array().key("lines").begin_array();
    for (const std::string& line : console_.own_lines())
        json.value(line);
    json.end_array().end_object();
    return json.text();
}

int TrialReport::conclude(const Result<deploy::Verdict>& verdict) {
    progress_.clear();
    const bool is_booted = verdict && boots(*verdict);
    if (context_.wants_json) {
        context_.out << json(verdict);
        return is_booted ? exit_done : exit_failed;
    }
    if (!is_booted) console_.show_rest("mkpxerd: try: the end of the console, without the lines above:");
    if (!verdict) return report(verdict.error(), context_);
    if (!is_booted || !context_.is_quiet)
        context_.err << fmt::format("mkpxerd: try: {}\n", text_of(*verdict));
    return is_booted ? exit_done : exit_failed;
}

int TrialReport::run() {
    if (!is_silent_)
        context_.err << fmt::format("mkpxerd: try: {}\n", printable(said(options_.request))) << std::flush;
    const deploy::TrialObserver observer{
        .note =
            [this](const Problem& problem) {
                notes_.push_back(problem);
                if (!is_silent_) warn(problem, context_.err);
            },
        .line = [this](std::string_view line) { take(line); },
        .tick = [this](const deploy::LoopbackServer::Transfer& transfer) { tick(transfer); }};
    return conclude(deploy::run_trial(options_.request, observer));
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
    command.add_option("--memory", request.memory, "memory of the machine, in MiB (512)")
        ->type_name("MIB")
        ->check(CLI::Range(64, 1 << 20));
    command.add_option("--timeout", request.timeout, "time limit in seconds (180)")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400));
    add_json_option(command, context);
    command.add_flag("-q,--quiet", context.is_quiet, "print only why it does not boot");
    command.add_flag("-v,--verbose", context.is_verbose, "print the whole console, with the kernel's log");
}

int run_try(TryOptions options, const CommandContext& context) {
    std::error_code error;
    if (!options.request.kernel.empty() && fs::is_directory(options.what, error)) {
        context.err << fmt::format("mkpxerd: --kernel is for an image; the bundle {} has its own\n"
                                   "mkpxerd: see mkpxerd try --help\n",
                                   printable(options.what.string()));
        return exit_usage;
    }
    if (auto completed = complete(options, context); !completed) return report(completed.error(), context);
    return TrialReport(options, context).run();
}

} // namespace mkpxerd::cli
