// SPDX-License-Identifier: MIT
// The order in which a bundle is made: what may be refused first, what takes long last, its name at the very
// end.
#include "mkpxerd/cli/bundle_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <ostream>
#include <sys/stat.h>
#include <thread>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/deploy/bundle_directory.hpp"
#include "mkpxerd/deploy/kernel_image.hpp"
#include "mkpxerd/deploy/loaders.hpp"
#include "mkpxerd/deploy/modloop_maker.hpp"
#include "mkpxerd/deploy/snippets.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/profile_loader.hpp"
#include "mkpxerd/image/key_check.hpp"
#include "mkpxerd/image/secret_check.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* modloop_input_name = "modloop.input"; // for the next bundle

void add_site_options(CLI::App& command, deploy::SiteOptions& site) {
    command.add_option("--server", site.server, "IPv4 address of the server (this machine's)")
        ->type_name("ADDRESS[:PORT]");
    command.add_option("--subnet", site.subnet, "for DHCP (the server's /24)")->type_name("ADDRESS/BITS");
    command.add_option("--gateway", site.gateway, "for DHCP (the server)")->type_name("ADDRESS");
    command.add_option("--loader", site.loaders, "instead of iPXE: pxelinux, lpxelinux, grub (repeatable)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_option("--alpine-dev", site.alpine_dev, "alpine_dev= of the init")->type_name("SOURCE");
    command.add_option("--repo", site.repository, "alpine_repo= of the init")->type_name("URL");
    command
        .add_option("--apkovl", site.apkovl, "apkovl= of the init; a file is put into the bundle and pinned")
        ->type_name("URL|FILE");
    command.add_option("--root", site.root, "root= of the init")->type_name("SOURCE");
    command.add_option("--kernel-options", site.kernel_options, "more of the kernel command line")
        ->type_name("\"OPTIONS\"");
    command.add_flag_callback(
        "--no-modloop", [&site] { site.with_modloop = false; }, "without a squashfs of all modules");
}

Result<TreePath> find_kernel(const fs::path& wanted, const generator::BuildRequest& request,
                             const generator::KernelModules& modules) {
    if (wanted.empty())
        return deploy::find_kernel_image(
            {TreePath(request.kernel_root, modules.directory), TreePath(request.kernel_root, "boot")},
            modules.version);
    std::error_code error;
    if (!fs::is_regular_file(wanted, error)) return fail(wanted.string(), "is no file");
    return TreePath(wanted);
}

// What --apkovl names: a file of this machine goes into the bundle, anything else is for the init.
Result<void> check_apkovl(deploy::SiteOptions& site) {
    std::error_code error;
    const fs::path file = site.apkovl;
    if (!fs::is_regular_file(file, error)) {
        const bool is_elsewhere =
            site.apkovl.find(':') != std::string::npos || (file.is_relative() && !site.alpine_dev.empty());
        if (site.apkovl.empty() || is_elsewhere) return {};
        return fail(site.apkovl, "is no file of this machine and no URL",
                    "a path on --alpine-dev is relative");
    }
    site.own_apkovl = file.filename().string();
    static constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+:~-";
    if (!site.own_apkovl.ends_with(".tar.gz") ||
        site.own_apkovl.find_first_not_of(allowed) != std::string::npos)
        return fail(site.apkovl, "its name cannot stand in a URL, or does not end in .tar.gz");
    return {};
}

// What the system in memory begins with, without the leading '/'.
std::string init_path(const deploy::SiteOptions& site) {
    std::string path = "/sbin/init";
    for (const auto& word : split_command_line(site.kernel_options).words)
        if (word.name == "init" && word.value) path = *word.value;
    return path.substr(std::min(path.find_first_not_of('/'), path.size()));
}

// What an apkovl is worth knowing for.
struct ApkovlFacts {
    bool has_init = false;
    std::vector<Problem> secrets;
};

// The beginning of the entry at hand, as much as tells a secret.
Result<std::string> read_beginning(wrap::TarReader& reader, std::uint64_t size) {
    std::string text;
    std::size_t wanted = std::min<std::uint64_t>(size, secret_head);
    while (text.size() < wanted) {
        MKPXERD_TRY_ASSIGN(const auto block, reader.read());
        if (!block || block->offset != text.size()) return text; // the hole of a sparse file
        const auto room = std::min<std::size_t>(block->bytes.size(), secret_window);
        text.append(reinterpret_cast<const char*>(block->bytes.data()), room);
        if (text.size() >= wanted)
            wanted = secret_bytes_wanted(std::string_view(text).substr(0, secret_head), size);
    }
    text.resize(std::min(text.size(), wanted));
    return text;
}

// init: without leading '/'. Errors: an archive that cannot be read to its end.
Result<ApkovlFacts> look_into(const fs::path& archive, const std::string& init) {
    MKPXERD_TRY_ASSIGN(auto reader, wrap::TarReader::open(archive));
    ApkovlFacts facts;
    while (true) {
        MKPXERD_TRY_ASSIGN(const auto entry, reader.next());
        if (!entry) return facts;
        const std::string name = clean_path(entry->path);
        // /sbin may be a link to /usr/sbin.
        if (entry->kind != wrap::TarEntry::Kind::Directory && (name == init || name == "usr/" + init))
            facts.has_init = true;
        if (entry->kind != wrap::TarEntry::Kind::Regular || entry->size == 0) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_beginning(reader, entry->size));
        if (const char* what = find_secret(name, text, entry->size))
            facts.secrets.push_back({fmt::format("{}: {}", archive.string(), name), what, {}, {}});
    }
}

// An apkovl as `lbu package` writes it is /etc alone: without apk, which installs the rest, nothing can
// start.
void warn_of_missing_system(const deploy::SiteOptions& site, const generator::BuildReport& image,
                            const Result<ApkovlFacts>& apkovl, std::ostream& err) {
    if (site.own_apkovl.empty() || !site.root.empty()) return;
    for (const auto& word : split_command_line(site.kernel_options).words)
        if (word.name == "root") return;
    const bool has_apk = std::any_of(image.contents.begin(), image.contents.end(), [](const auto& entry) {
        return entry.path == "sbin/apk" || entry.path == "usr/sbin/apk" || entry.path == "bin/apk" ||
               entry.path == "usr/bin/apk";
    });
    if (has_apk) return;
    if (!apkovl)
        warn({site.apkovl, fmt::format("cannot be unpacked: {}", apkovl.error().first().text), "", {}}, err);
    else if (!apkovl->has_init)
        warn({site.apkovl,
              fmt::format("has no /{}, and the image no apk that would install one: it will not boot",
                          init_path(site)),
              "--profile diskless-alpine with -b ALPINE_TREE and --repo or --alpine-dev",
              {}},
             err);
}

bool others_read(const TreePath& file) {
    struct stat st {};
    const UniqueFd fd = file.try_open(O_PATH);
    return fd && ::fstat(fd.get(), &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

// A copy is as public as the file that the user named, unless the user says otherwise, as with an image.
Result<void> copy_named(const std::string& name, const TreePath& source, deploy::BundleDirectory& directory,
                        const generator::BuildRequest& request, std::ostream& err) {
    if (others_read(source)) return directory.copy(name, source);
    const Problem secret{source.string(), "others may not read it"};
    MKPXERD_TRY_ASSIGN(const unsigned mode, generator::choose_mode(request, {secret}));
    warn({secret.object, fmt::format("{}: {} has mode {:04o} in the bundle", secret.text, name, mode),
          (mode & 04U) != 0 ? "" : "give it to the web server by chown, or use --mode 0644 --allow-secrets"},
         err);
    return directory.copy(name, source, mode);
}

// A kernel of the system is for everybody, whatever mode hardens the machine that it came with.
Result<void> add_kernel(const TreePath& kernel, bool is_named, deploy::BundleDirectory& directory,
                        const generator::BuildRequest& request, std::ostream& err) {
    if (is_named) return copy_named("vmlinuz", kernel, directory, request, err);
    if (!others_read(kernel))
        err << fmt::format("mkpxerd: note: {}: others may not read it; in the bundle they may\n",
                           printable(kernel.string()));
    return directory.copy("vmlinuz", kernel);
}

// What is in a bundle for everybody, and gives something away.
void warn_of_public_secrets(const deploy::SiteOptions& site, const Result<ApkovlFacts>& apkovl,
                            const std::string& options, std::ostream& err) {
    constexpr const char* readers = "whoever reaches the server reads it";
    if (const char* what = find_secret_option(options)) warn({"boot.ipxe", what, readers, {}}, err);
    if (site.own_apkovl.empty() || !apkovl || !others_read(site.apkovl)) return;
    constexpr std::size_t shown = 10;
    for (std::size_t i = 0; i < std::min(apkovl->secrets.size(), shown); ++i) {
        Problem secret = apkovl->secrets[i];
        secret.hint = readers;
        warn(secret, err);
    }
    if (apkovl->secrets.size() > shown)
        warn({site.apkovl, fmt::format("holds {} more", apkovl->secrets.size() - shown), "", {}}, err);
}

Result<void> add_apkovl(deploy::SiteOptions& site, deploy::BundleDirectory& directory,
                        const generator::BuildRequest& request, std::ostream& err) {
    if (site.own_apkovl.empty()) return {};
    MKPXERD_TRY(copy_named(site.own_apkovl, site.apkovl, directory, request, err));
    MKPXERD_TRY_ASSIGN(site.pins[site.own_apkovl], deploy::file_sha256(site.apkovl));
    return {};
}

Result<void> add_modloop(const generator::KernelModules& modules, const generator::BuildRequest& request,
                         deploy::BundleDirectory& directory, deploy::SiteOptions& site) {
    if (!site.with_modloop) return {};
    deploy::ModloopContent content{modules.version, request.kernel_root, modules.directory, {}};
    static constexpr std::string_view prefix = "lib/firmware/";
    for (const generator::Firmware& blob : modules.firmware)
        if (const auto at = blob.path.find(prefix); at != std::string::npos)
            content.firmware.push_back({blob.path.substr(at + prefix.size()), blob.target, blob.source});
    MKPXERD_TRY_ASSIGN(const std::string input, deploy::modloop_input(content, request.epoch));
    MKPXERD_TRY_ASSIGN(const fs::path file, directory.place("modloop"));
    MKPXERD_TRY_ASSIGN(const bool is_there, directory.reuse("modloop", modloop_input_name, input + "\n"));
    if (!is_there) MKPXERD_TRY(deploy::write_modloop(content, request.epoch, file));
    MKPXERD_TRY(directory.write(modloop_input_name, input + "\n"));
    MKPXERD_TRY_ASSIGN(site.pins["modloop"], deploy::file_sha256(file));
    return {};
}

Result<void> add_loaders_and_snippets(const deploy::SiteValues& values, deploy::BundleDirectory& directory,
                                      const deploy::LoaderSet& loaders, const CommandContext& context) {
    for (const Problem& missing : loaders.missing)
        warn(missing, context.err);
    for (const deploy::Loader& loader : loaders.found)
        MKPXERD_TRY(directory.copy(loader.place, loader.source));
    for (const deploy::Snippet& snippet : deploy::snippets()) {
        MKPXERD_TRY_ASSIGN(const std::string text,
                           deploy::fill_snippet(context.data_dir, std::string(snippet.name), values));
        MKPXERD_TRY(directory.write(std::string(snippet.place), text));
    }
    return {};
}

Result<void> make_bundle(deploy::SiteOptions site, const fs::path& wanted_kernel,
                         const generator::CommandOptions& build, const CommandContext& context) {
    // What may be refused.
    MKPXERD_TRY(check_apkovl(site));
    MKPXERD_TRY(make_site_values(site, {}));
    const deploy::LoaderSet loaders = deploy::find_loaders("/");
    MKPXERD_TRY(deploy::check_loaders(loaders, site.loaders));
    if (site.with_modloop) MKPXERD_TRY(deploy::find_packer());
    MKPXERD_TRY_ASSIGN(auto request, generator::ProfileLoader().load(build));
    MKPXERD_TRY(image::check_archive_keys(request.prepend, request.append));
    MKPXERD_TRY_ASSIGN(const auto modules, generator::find_kernel_modules(request));
    MKPXERD_TRY_ASSIGN(const TreePath kernel, find_kernel(wanted_kernel, request, modules));
    MKPXERD_TRY_ASSIGN(deploy::BundleDirectory directory, deploy::BundleDirectory::create(site.directory));
    // What machines load.
    MKPXERD_TRY_ASSIGN(request.output, directory.place("pxerd"));
    request.kernel_version = modules.version;
    request.compression.threads = std::max(1U, std::thread::hardware_concurrency());
    const auto report =
        generator::build_image(request, {}, image::find_archive_secrets(request.prepend, request.append));
    if (!report) return fail(directory.as_named(report.error()));
    MKPXERD_TRY(add_kernel(kernel, !wanted_kernel.empty(), directory, request, context.err));
    MKPXERD_TRY(add_apkovl(site, directory, request, context.err));
    MKPXERD_TRY(add_modloop(modules, request, directory, site));
    // Loaders and configuration, with the hashes of what the init loads.
    MKPXERD_TRY_ASSIGN(const auto values, make_site_values(site, modules.version));
    MKPXERD_TRY(add_loaders_and_snippets(values, directory, loaders, context));
    tell_findings(report->warnings, report->secrets, report->mode, context.err);
    const auto apkovl = site.own_apkovl.empty() ? ApkovlFacts{} : look_into(site.apkovl, init_path(site));
    warn_of_missing_system(site, *report, apkovl, context.err);
    warn_of_public_secrets(site, apkovl, values.at("options"), context.err);
    if (!directory.is_trusted())
        warn({site.directory.string(),
              "belongs to somebody else, or lies where others may write: who boots from it "
              "boots what they put there",
              "name a directory of your own",
              {}},
             context.err);
    MKPXERD_TRY(directory.publish());
    context.out << fmt::format(
        "{}: kernel {}, image {}{}\n  served as {}/, by HTTP and TFTP; DHCP, web and TFTP "
        "server: {}\n  does it boot? mkpxerd try {}\n",
        printable(site.directory.string()), printable(modules.version), human_bytes(report->image_bytes),
        site.with_modloop ? ", modloop" : "", values.at("url"),
        printable((site.directory / "snippets").string()), printable(site.directory.string()));
    return {};
}

} // namespace

void add_bundle_options(CLI::App& command, BundleOptions& options) {
    command.add_option("--out", options.site.directory, "the directory to make, or to replace")
        ->required()
        ->type_name("DIR");
    command.add_option("--kernel", options.kernel, "the kernel (vmlinuz-VERSION of the kernel's tree)")
        ->type_name("FILE");
    add_site_options(command, options.site);
}

void add_snippet_options(CLI::App& command, BundleOptions& options) {
    command.add_option("name", options.snippet, "which one")->type_name("NAME");
    command.add_flag("--list", options.list, "list them");
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
    // Of a bundle that is here: the same as in it.
    deploy::SiteOptions site = options.site;
    std::error_code error;
    site.directory = fs::absolute(site.directory, error).lexically_normal(); // as in a bundle
    auto pins = deploy::read_sums(site.directory);
    if (!pins) return report(pins.error(), context);
    site.pins = std::move(*pins);
    if (const auto name = fs::path(site.apkovl).filename().string();
        site.pins.contains(name) && site.apkovl.find("://") == std::string::npos)
        site.own_apkovl = name;
    const auto values = deploy::make_site_values(site, "of any version");
    if (!values) return report(values.error(), context);
    const auto text = deploy::fill_snippet(context.data_dir, options.snippet, *values);
    if (!text) return report(text.error(), context);
    context.out << *text;
    return exit_done;
}

} // namespace mkpxerd::cli
