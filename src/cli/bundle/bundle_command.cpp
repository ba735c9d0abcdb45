// SPDX-License-Identifier: MIT
// Options and messages of `bundle` and `snippet`.
#include "mkpxerd/cli/bundle/bundle_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/cli/bundle/bundle_maker.hpp"
#include "mkpxerd/cli/options/old_name.hpp"
#include "mkpxerd/cli/options/option_words.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/deploy/bundle/bundle_content.hpp"
#include "mkpxerd/deploy/site/site_warnings.hpp"
#include "mkpxerd/deploy/site/snippets.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::cli {
namespace {

void add_site_options(CLI::App& command, deploy::SiteOptions& site) {
    command
        .add_option("--server", site.server,
                    "the web server: address, name or URL of the bundle (this machine)")
        ->type_name("ADDRESS[:PORT]|URL");
    command.add_option("--next-server", site.next_server, "address of the TFTP server (the web server)")
        ->type_name("ADDRESS");
    command.add_option("--subnet", site.subnet, "for DHCP (the TFTP server's /24)")
        ->type_name("ADDRESS/BITS");
    command.add_option("--gateway", site.gateway, "for DHCP (the TFTP server)")->type_name("ADDRESS");
    command.add_option("--dns", site.dns, "DNS server, for DHCP (those of this machine; repeatable)")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
    command
        .add_option("--loader", site.loaders,
                    help_with_words("loaders of the machines: {} (default: ipxe; repeatable)", "loader"))
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_option("--alpine-dev", site.alpine_dev, "alpine_dev= of the init")->type_name("SOURCE");
    command.add_option("--repo", site.repository, "alpine_repo= of the init")->type_name("URL");
    command.add_option("--apkovl", site.apkovl, "apkovl= of the init; a file goes into the bundle, pinned")
        ->type_name("URL|FILE");
    command.add_option("--root", site.root, "root= of the init; a file goes into the bundle, pinned")
        ->type_name("SOURCE|FILE");
    CLI::Option* line =
        command.add_option("--cmdline", site.cmdline, "more options for the kernel command line")
            ->type_name("\"OPTIONS\"");
    add_old_name(command, "--kernel-options", line,
                 [&site](const std::string& text) { site.cmdline = text; });
    command.add_flag_callback(
        "--no-modloop", [&site] { site.with_modloop = false; },
        "no squashfs of all modules: for a root that has its own");
}

void add_directory_option(CLI::App& command, std::filesystem::path& directory, const char* help) {
    CLI::Option* named = command.add_option("-o,--output", directory, help)->type_name("DIR");
    add_old_name(command, "--out", named, [&directory](const std::string& text) { directory = text; });
}

int refuse_usage(std::string_view text, const CommandContext& context) {
    context.err << "mkpxerd: " << text << "\nmkpxerd: see mkpxerd bundle --help\n";
    return exit_usage;
}

void tell(const BundleReport& done, const CommandContext& context) {
    for (const Problem& problem : done.notes)
        note(problem, context.err);
    for (const Problem& problem : done.warnings)
        warn(problem, context.err);
    context.out << text_report(done);
}

int list_snippets(const CommandContext& context) {
    JsonWriter json;
    json.begin_array();
    for (const deploy::Snippet& snippet : deploy::snippets()) {
        json.begin_object().field("name", snippet.name).field("purpose", snippet.purpose).end_object();
        if (!context.wants_json) context.out << fmt::format("{:<18} {}\n", snippet.name, snippet.purpose);
    }
    json.end_array();
    if (context.wants_json) context.out << json.text();
    return exit_done;
}

// What the init would refuse or overlook in the kernel command line, if the snippet has it. The image is not
// known here, and bundle checks more.
std::vector<Problem> find_line_warnings(const deploy::SiteValues& values, const std::string& name) {
    const auto all = deploy::snippets();
    const auto known = std::ranges::find(all, name, &deploy::Snippet::name);
    if (known == all.end() || known->place.starts_with("snippets/")) return {};
    const auto found = image::check_baked_options({"command line", values.at("options")});
    return found ? *found : found.error().problems();
}

} // namespace

void add_bundle_options(CLI::App& command, BundleOptions& options) {
    add_directory_option(command, options.directory, "the directory to make or replace");
    command.add_option("--kernel", options.kernel, "the kernel (vmlinuz-VERSION of the kernel's tree)")
        ->type_name("FILE");
    add_site_options(command, options.site);
}

void add_snippet_options(CLI::App& command, BundleOptions& options) {
    command.add_option("name", options.snippet, "the snippet to print")->type_name("NAME");
    command.add_flag("--list", options.list, "list all snippets");
    add_directory_option(command, options.directory, "directory of the bundle on the server (/srv/mkpxerd)");
    add_site_options(command, options.site);
}

int run_bundle(BundleOptions options, const generator::CommandOptions& build, const CommandContext& context) {
    if (options.directory.empty()) return refuse_usage("bundle: --output is required", context);
    if (generator::text_of(build, "output"))
        return refuse_usage("bundle: write -o after the word bundle", context);
    std::error_code error;
    options.site.directory = std::filesystem::absolute(options.directory, error).lexically_normal();
    ProgressLine progress(context.err, context.err_is_terminal && !context.is_quiet && !context.wants_json);
    const auto made = make_bundle(options, build, context, progress);
    progress.clear();
    if (!made) return report(made.error(), context);
    if (context.wants_json)
        context.out << json_report(*made);
    else if (!context.is_quiet)
        tell(*made, context);
    return exit_done;
}

int run_snippet(BundleOptions options, const CommandContext& context) {
    if (options.list || options.snippet.empty()) return list_snippets(context);
    if (!options.directory.empty()) options.site.directory = options.directory;
    auto site = deploy::as_in_bundle(options.site);
    if (!site) return report(site.error(), context);
    site->snippet = options.snippet;
    // Without a bundle there, the snippets name what one can have.
    if (!site->pins.empty()) {
        site->loader_files = deploy::loader_files_in(site->directory);
        site->https_loaders = deploy::https_loaders(
            {.found = {}, .missing = {}, .files = *site->loader_files}, site->directory);
    }
    const auto values = deploy::make_site_values(*site, "of any version");
    if (!values) return report(values.error(), context);
    const auto text = deploy::fill_snippet(context.data_dir, options.snippet, *values);
    if (!text) return report(text.error(), context);
    for (const Problem& warning : deploy::find_site_warnings(*values, options.snippet))
        warn(warning, context);
    for (const Problem& warning : find_line_warnings(*values, options.snippet))
        warn(warning, context);
    JsonWriter json;
    json.begin_object().field("name", options.snippet).field("text", *text).end_object();
    context.out << (context.wants_json ? json.text() : *text);
    return exit_done;
}

} // namespace mkpxerd::cli
