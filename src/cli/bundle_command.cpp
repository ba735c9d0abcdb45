// SPDX-License-Identifier: MIT
// The order of making a bundle: first the checks, then the slow parts, and its name at the very end.
#include "mkpxerd/cli/bundle_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>
#include <thread>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/option_words.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/deploy/bundle_content.hpp"
#include "mkpxerd/deploy/kernel_image.hpp"
#include "mkpxerd/deploy/snippets.hpp"
#include "mkpxerd/generator/archive/output_choice.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/key_check.hpp"
#include "mkpxerd/image/secret_check.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

void add_site_options(CLI::App& command, deploy::SiteOptions& site) {
    command.add_option("--server", site.server, "IPv4 address of the server (this machine's)")
        ->type_name("ADDRESS[:PORT]");
    command.add_option("--subnet", site.subnet, "for DHCP (the server's /24)")->type_name("ADDRESS/BITS");
    command.add_option("--gateway", site.gateway, "for DHCP (the server)")->type_name("ADDRESS");
    command
        .add_option("--loader", site.loaders,
                    help_with_words("loaders of the machines: {} (default: ipxe; repeatable)", "loader"))
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_option("--alpine-dev", site.alpine_dev, "alpine_dev= of the init")->type_name("SOURCE");
    command.add_option("--repo", site.repository, "alpine_repo= of the init")->type_name("URL");
    command.add_option("--apkovl", site.apkovl, "apkovl= of the init; a file goes into the bundle, pinned")
        ->type_name("URL|FILE");
    command.add_option("--root", site.root, "root= of the init")->type_name("SOURCE");
    command.add_option("--kernel-options", site.kernel_options, "more options for the kernel command line")
        ->type_name("\"OPTIONS\"");
    command.add_flag_callback(
        "--no-modloop", [&site] { site.with_modloop = false; }, "without a squashfs of all modules");
}

// In the form for the modloop's maker.
deploy::ModloopContent modloop_content(const generator::KernelModules& modules,
                                       const generator::BuildRequest& request) {
    deploy::ModloopContent content{.kernel_version = modules.version,
                                   .tree = request.kernel_root,
                                   .modules = modules.directory,
                                   .firmware = {}};
    static constexpr std::string_view prefix = "lib/firmware/";
    for (const generator::Firmware& blob : modules.firmware)
        if (const auto at = blob.path.find(prefix); at != std::string::npos)
            content.firmware.push_back(
                {.path = blob.path.substr(at + prefix.size()), .target = blob.target, .source = blob.source});
    return content;
}

bool has_apk(const generator::BuildReport& image) {
    return std::ranges::any_of(image.contents, [](const generator::ReportedEntry& entry) {
        return std::ranges::find(apk_paths, entry.path) != apk_paths.end();
    });
}

// Warnings before machines boot from the bundle.
void warn_about_content(const deploy::SiteOptions& site, const generator::BuildReport& image,
                        const std::string& options, std::ostream& err) {
    const auto apkovl = site.own_apkovl.empty() ? deploy::ApkovlFacts{}
                                                : deploy::read_apkovl(site.apkovl, deploy::init_path(site));
    if (const auto missing = deploy::find_missing_system(site, has_apk(image), apkovl)) warn(*missing, err);
    for (const Problem& secret : deploy::find_public_secrets(site, apkovl, options))
        warn(secret, err);
}

void warn_about_owner(const deploy::BundleDirectory& directory, const deploy::SiteOptions& site,
                      std::ostream& err) {
    if (directory.is_trusted()) return;
    warn({.object = site.directory.string(),
          .text = "belongs to another user, or others may write there: they decide what "
                  "machines boot from it",
          .hint = "name your own directory"},
         err);
}

void print_bundle(const deploy::SiteOptions& site, const generator::KernelModules& modules,
                  const generator::BuildReport& image, const deploy::SiteValues& values, std::ostream& out) {
    out << fmt::format("{}: kernel {}, image {}{}\n  served as {}/, by HTTP and TFTP; DHCP, web and TFTP "
                       "server: {}\n  does it boot? mkpxerd try {}\n",
                       printable(site.directory.string()), printable(modules.version),
                       human_bytes(image.image_bytes), site.with_modloop ? ", modloop" : "", values.at("url"),
                       printable((site.directory / "snippets").string()), printable(site.directory.string()));
}

Result<void> make_bundle(deploy::SiteOptions site, const fs::path& named_kernel,
                         const generator::CommandOptions& build, const CommandContext& context) {
    // The checks.
    MKPXERD_TRY(deploy::choose_own_apkovl(site));
    MKPXERD_TRY(make_site_values(site, {}));
    const deploy::LoaderSet loaders = deploy::find_loaders("/");
    MKPXERD_TRY(deploy::check_loaders(loaders, site.loaders));
    if (site.with_modloop) MKPXERD_TRY(deploy::find_packer());
    MKPXERD_TRY_ASSIGN(auto request, generator::load_request(build));
    MKPXERD_TRY(image::check_archive_keys(request.prepend, request.append));
    MKPXERD_TRY_ASSIGN(const auto modules, generator::find_kernel_modules(request));
    MKPXERD_TRY_ASSIGN(const TreePath kernel,
                       deploy::choose_kernel_image(named_kernel,
                                                   {TreePath(request.kernel_root, modules.directory),
                                                    TreePath(request.kernel_root, "boot")},
                                                   modules.version));
    MKPXERD_TRY_ASSIGN(deploy::BundleDirectory directory, deploy::BundleDirectory::create(site.directory));
    // The files that machines load.
    MKPXERD_TRY_ASSIGN(request.output, directory.place("pxerd"));
    request.kernel_version = modules.version;
    request.compression.threads = std::max(1U, std::thread::hardware_concurrency());
    const auto report =
        generator::build_image(request, {}, image::find_archive_secrets(request.prepend, request.append));
    if (!report) return fail(directory.as_named(report.error()));
    const deploy::ModeRule mode_rule = [&](const Problem& secret) {
        return generator::choose_mode(request, {secret});
    };
    deploy::BundleContent content(directory, site, mode_rule);
    MKPXERD_TRY(content.add_kernel(kernel, !named_kernel.empty()));
    MKPXERD_TRY(content.add_apkovl());
    MKPXERD_TRY(content.add_modloop(modloop_content(modules, request), request.epoch));
    // Loaders and configuration, with the hashes of the files that the init loads.
    MKPXERD_TRY_ASSIGN(const auto values, make_site_values(site, modules.version));
    MKPXERD_TRY(content.add_loaders(loaders));
    MKPXERD_TRY(content.add_snippets(values, context.data_dir));
    for (const Problem& problem : content.notes())
        note(problem, context.err);
    for (const Problem& problem : content.warnings())
        warn(problem, context.err);
    print_findings(report->warnings, report->secrets, report->mode, context.err);
    warn_about_content(site, *report, values.at("options"), context.err);
    warn_about_owner(directory, site, context.err);
    MKPXERD_TRY(directory.publish());
    print_bundle(site, modules, *report, values, context.out);
    return {};
}

} // namespace

void add_bundle_options(CLI::App& command, BundleOptions& options) {
    command.add_option("--out", options.site.directory, "the directory to make or replace")
        ->required()
        ->type_name("DIR");
    command.add_option("--kernel", options.kernel, "the kernel (vmlinuz-VERSION of the kernel's tree)")
        ->type_name("FILE");
    add_site_options(command, options.site);
}

void add_snippet_options(CLI::App& command, BundleOptions& options) {
    command.add_option("name", options.snippet, "the snippet to print")->type_name("NAME");
    command.add_flag("--list", options.list, "list all snippets");
    command
        .add_option("--out", options.site.directory, "directory of the bundle on the server (/srv/mkpxerd)")
        ->type_name("DIR");
    add_site_options(command, options.site);
}

int run_bundle(BundleOptions options, const generator::CommandOptions& build, const CommandContext& context) {
    std::error_code error;
    options.site.directory = fs::absolute(options.site.directory, error).lexically_normal();
    const auto made = make_bundle(options.site, options.kernel, build, context);
    return made ? exit_done : report(made.error(), context);
}

int run_snippet(const BundleOptions& options, const CommandContext& context) {
    if (options.list || options.snippet.empty()) {
        for (const deploy::Snippet& snippet : deploy::snippets())
            context.out << fmt::format("{:<16} {}\n", snippet.name, snippet.purpose);
        return exit_done;
    }
    const auto site = deploy::as_in_bundle(options.site);
    if (!site) return report(site.error(), context);
    const auto values = deploy::make_site_values(*site, "of any version");
    if (!values) return report(values.error(), context);
    const auto text = deploy::fill_snippet(context.data_dir, options.snippet, *values);
    if (!text) return report(text.error(), context);
    context.out << *text;
    return exit_done;
}

} // namespace mkpxerd::cli
