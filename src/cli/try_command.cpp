// SPDX-License-Identifier: MIT
// Chooses image and kernel, and turns the verdict into messages and an exit code.
#include "mkpxerd/cli/try_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/cli/text_output.hpp"
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
    std::error_code error;
    if (fs::is_directory(options.what, error)) {
        if (!fs::exists(options.what / "boot.ipxe", error))
            return fail(options.what.string(), "is not a bundle: it has no boot.ipxe",
                        "mkpxerd bundle creates one");
        request.bundle = options.what;
        return {};
    }
    request.image = options.what;
    request.arrival = context.init_program.parent_path() / "arrival";
    if (request.kernel.empty()) {
        MKPXERD_TRY_ASSIGN(request.kernel, find_kernel(request.image));
    }
    for (const fs::path& file : {request.image, request.kernel})
        if (!fs::is_regular_file(file, error)) return fail(file.string(), "is not a file");
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

int conclude(const deploy::Verdict& verdict, const CommandContext& context) {
    const std::string text = printable(verdict.text); // from the machine
    switch (verdict.kind) {
    case Kind::Arrived:
    case Kind::HandedOver:
        context.err << fmt::format("mkpxerd: try: it boots: {}\n", text);
        return exit_done;
    case Kind::Failed:
        context.err << fmt::format("mkpxerd: try: failed {} {}\n", printable(verdict.code), text);
        break;
    case Kind::Panicked:
        context.err << fmt::format("mkpxerd: try: the kernel panicked: {}\n", text);
        break;
    case Kind::NoLoader:
        context.err << fmt::format("mkpxerd: try: nothing was loaded: {}\n", text);
        break;
    }
    return exit_failed;
}

} // namespace

void add_try_options(CLI::App& command, TryOptions& options) {
    deploy::TrialRequest& request = options.request;
    command.add_option("what", options.what, "an image, or the directory of a bundle")
        ->required()
        ->type_name("IMAGE|DIR");
    command.add_option("--kernel", request.kernel, "the kernel for the image")->type_name("FILE");
    command.add_option("--append", request.options, "kernel command line; without it, serve a small root")
        ->type_name("\"OPTIONS\"");
    command.add_option("--expect", request.expected, "wait for this text on the console")->type_name("TEXT");
    command.add_flag("--uefi", request.uefi, "a machine with UEFI instead of a BIOS");
    command.add_option("--nic", request.network_card, "network card, by its name in QEMU (virtio-net-pci)")
        ->type_name("MODEL");
    command.add_option("--memory", request.memory, "memory of the machine, in MiB (512)")
        ->type_name("MIB")
        ->check(CLI::Range(64, 1 << 20));
    command.add_option("--timeout", request.timeout, "time limit in seconds (180)")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400));
}

int run_try(TryOptions options, const CommandContext& context) {
    std::error_code error;
    if (!options.request.kernel.empty() && fs::is_directory(options.what, error)) {
        context.err << fmt::format("mkpxerd: --kernel is for an image; the bundle {} has its own\n"
                                   "mkpxerd: see mkpxerd --help\n",
                                   printable(options.what.string()));
        return exit_usage;
    }
    if (auto completed = complete(options, context); !completed) return report(completed.error(), context);
    context.err << fmt::format("mkpxerd: try: {}\n", printable(said(options.request))) << std::flush;
    const auto verdict = deploy::run_trial(options.request, [&](std::string_view line) {
        context.out << line << '\n' << std::flush;
    });
    return verdict ? conclude(*verdict, context) : report(verdict.error(), context);
}

} // namespace mkpxerd::cli
