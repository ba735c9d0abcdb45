// SPDX-License-Identifier: MIT
// The order of making a bundle: first the checks, then the slow parts, and its name at the very end.
#include "mkpxerd/cli/bundle/bundle_maker.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <thread>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/build/planned_tree.hpp"
#include "mkpxerd/cli/build/request_check.hpp"
#include "mkpxerd/cli/images/bundle_check.hpp"
#include "mkpxerd/cli/output/json_report.hpp"
#include "mkpxerd/deploy/bundle/bundle_content.hpp"
#include "mkpxerd/deploy/bundle/bundle_root.hpp"
#include "mkpxerd/deploy/bundle/closed_directory.hpp"
#include "mkpxerd/deploy/bundle/interruption.hpp"
#include "mkpxerd/deploy/bundle/kernel_image.hpp"
#include "mkpxerd/deploy/site/site_warnings.hpp"
#include "mkpxerd/generator/archive/output_choice.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/image/command_line_check.hpp"
#include "mkpxerd/image/image_facts.hpp"
#include "mkpxerd/image/secret_check.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned others_read = 04;
constexpr unsigned group_reads = 040;

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

void append(std::vector<Problem>& all, const std::vector<Problem>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

class BundleMaker {
  public:
    BundleMaker(const BundleOptions& options, const generator::CommandOptions& build,
                const CommandContext& context, ProgressLine& progress)
        : options_(options), build_(build), context_(context), progress_(progress) {
        report_.site = options.site;
    }
    Result<BundleReport> make();

  private:
    Result<void> check_site();
    Result<generator::BuildRequest> check_options();
    Result<void> build_image(deploy::BundleDirectory& directory, generator::BuildRequest& request);
    Result<std::vector<Problem>> check_line(const fs::path& image);
    Result<std::string> boot_line() const;
    Error with_line(const Error& error) const;
    Result<void> add_files(deploy::BundleDirectory& directory, const generator::BuildRequest& request,
                           const generator::KernelModules& modules, const TreePath& kernel);
    void warn_about_modes(bool is_chosen);
    void warn_about_content(const std::string& options);
    void warn_about_directory(const deploy::BundleDirectory& directory);

    const BundleOptions& options_;
    const generator::CommandOptions& build_;
    const CommandContext& context_;
    ProgressLine& progress_;
    deploy::LoaderSet loaders_;
    bool has_apk_ = false;
    deploy::ApkovlFacts apkovl_;
    std::optional<deploy::RootForm> root_form_; // none: the root is no file of this machine
    BundleReport report_;
};

Result<void> BundleMaker::check_site() {
    deploy::SiteOptions& site = report_.site;
    MKPXERD_TRY(deploy::choose_own_apkovl(site));
    if (!site.own_apkovl.empty()) {
        MKPXERD_TRY_ASSIGN(apkovl_, deploy::read_apkovl(site.apkovl, deploy::init_path(site)));
    }
    MKPXERD_TRY_ASSIGN(root_form_, deploy::choose_own_root(site));
    loaders_ = deploy::find_loaders("/", deploy::added_loader_files(site.directory));
    MKPXERD_TRY(deploy::check_loaders(loaders_, site.loaders));
    site.loader_files = loaders_.files;
    site.https_loaders = deploy::https_loaders(loaders_, site.directory);
    MKPXERD_TRY_ASSIGN(const auto checked, make_site_values(site, {}));
    if (const auto guess = deploy::find_guessed_server(checked)) report_.warnings.push_back(*guess);
    site.next_server = checked.at("server"); // a name is resolved once, and all files get one address
    if (site.with_modloop) MKPXERD_TRY(deploy::find_packer());
    return {};
}

Result<void> BundleMaker::build_image(deploy::BundleDirectory& directory, generator::BuildRequest& request) {
    MKPXERD_TRY_ASSIGN(request.output, directory.place("pxerd"));
    request.compression.threads = std::max(1U, std::thread::hardware_concurrency());
    progress_.begin("image");
    auto built =
        generator::build_image(request, shown_by(progress_),
                               image::find_archive_secrets(request.prepend, request.append), check_archives);
    if (!built) return fail(with_line(directory.as_named(built.error())));
    report_.image = std::move(*built);
    auto warnings = check_line(request.output);
    if (!warnings) return fail(directory.as_named(warnings.error()));
    // The image names those of etc/mkpxerd.d.
    std::erase_if(*warnings, [&](const Problem& warning) {
        return std::ranges::any_of(report_.image.warnings, [&](const Problem& known) {
            return known.text == warning.text && known.object.ends_with(": " + warning.object);
        });
    });
    warnings->insert(warnings->begin(), report_.image.warnings.begin(), report_.image.warnings.end());
    for (const Problem& warning : *warnings)
        report_.warnings.push_back(directory.as_named(warning));
    return {};
}

// The line as it will be. The hashes in it are not known yet, but their length is; and a root is named after
// its content, by which the init recognises it.
Result<std::string> BundleMaker::boot_line() const {
    deploy::SiteOptions site = report_.site;
    if (root_form_) site.own_root = deploy::typical_name(*root_form_);
    for (const std::string& name : {std::string("modloop"), site.own_apkovl, site.own_root})
        if (!name.empty()) site.pins[name] = std::string(64, '0');
    MKPXERD_TRY_ASSIGN(const deploy::SiteValues values, make_site_values(site, {}));
    return values.at("options");
}

Result<std::vector<Problem>> BundleMaker::check_line(const fs::path& image) {
    MKPXERD_TRY_ASSIGN(const image::ImageFacts facts, image::ImageFacts::read(image));
    has_apk_ = facts.has_apk();
    const auto useless = report_.site.with_modloop ? find_useless_modloop(facts) : std::nullopt;
    if (useless) report_.site.with_modloop = false;
    MKPXERD_TRY_ASSIGN(const std::string line, boot_line());
    MKPXERD_TRY_ASSIGN(auto warnings, check_boot_line(line, facts));
    if (useless) warnings.push_back(*useless);
    return warnings;
}

// An error of the image, and what is wrong with the line whatever the image has.
Error BundleMaker::with_line(const Error& error) const {
    Problems problems;
    problems.add(error);
    const auto line = boot_line();
    const auto found = line ? image::check_baked_options({"command line", *line}) : fail(line.error());
    if (!found) problems.add(found.error());
    return Error(problems.list());
}

Result<void> BundleMaker::add_files(deploy::BundleDirectory& directory,
                                    const generator::BuildRequest& request,
                                    const generator::KernelModules& modules, const TreePath& kernel) {
    const deploy::ModeRule mode_rule = [&](const Problem& secret) {
        return generator::choose_mode(request, {secret});
    };
    deploy::BundleContent content(directory, report_.site, mode_rule);
    progress_.begin("kernel, root, apkovl");
    MKPXERD_TRY(content.add_kernel(kernel, !options_.kernel.empty()));
    MKPXERD_TRY(content.add_apkovl());
    MKPXERD_TRY(content.add_root());
    if (report_.site.with_modloop) progress_.begin("modloop (squashfs)");
    MKPXERD_TRY(content.add_modloop(modloop_content(modules, request), request.epoch));
    // Loaders and configuration, with the hashes of the files that the init loads.
    progress_.begin("loaders and snippets");
    MKPXERD_TRY_ASSIGN(report_.values, make_site_values(report_.site, modules.version));
    MKPXERD_TRY(content.add_loaders(loaders_));
    MKPXERD_TRY(content.add_snippets(report_.values, context_.data_dir));
    append(report_.notes, content.notes());
    append(report_.warnings, content.warnings());
    return {};
}

// is_chosen: by --mode.
void BundleMaker::warn_about_modes(bool is_chosen) {
    const generator::BuildReport& image = report_.image;
    if (!image.mode) return;
    for (const Problem& secret : image.secrets)
        report_.notes.push_back(
            {.object = secret.object,
             .text = fmt::format("{}: the image has mode {:04o}", secret.text, *image.mode)});
    if ((*image.mode & others_read) == 0)
        report_.warnings.push_back(
            {.object = (report_.site.directory / "pxerd").string(),
             .text = fmt::format("has mode {:04o}: only a server that runs as its owner{} can serve it",
                                 *image.mode, (*image.mode & group_reads) == 0 ? "" : " or in its group"),
             .hint = fmt::format("give it to that user by chown, or use {}",
                                 is_chosen ? "--mode 0644" : "--allow-secrets")});
}

void BundleMaker::warn_about_content(const std::string& options) {
    const deploy::SiteOptions& site = report_.site;
    if (const auto missing = deploy::find_missing_system(site, has_apk_, apkovl_))
        report_.warnings.push_back(*missing);
    append(report_.warnings, deploy::find_public_secrets(site, apkovl_, options));
    append(report_.warnings, deploy::find_site_warnings(report_.values));
}

void BundleMaker::warn_about_directory(const deploy::BundleDirectory& directory) {
    const fs::path& place = report_.site.directory;
    if (!directory.is_trusted())
        report_.warnings.push_back(
            {.object = place.string(),
             .text = "belongs to another user, or others may write there: they decide what "
                     "machines boot from it",
             .hint = "name your own directory"});
    if (const auto closed = deploy::find_closed_directory(place))
        report_.warnings.push_back({.object = closed->string(),
                                    .text = "others may not pass it: only a server that runs as its owner or "
                                            "in its group may serve the bundle",
                                    .hint = fmt::format("chmod o+x {}", closed->string())});
}

// The site, the line and the image name their problems together.
Result<generator::BuildRequest> BundleMaker::check_options() {
    Problems problems;
    const auto site = check_site();
    if (!site) problems.add(site.error());
    auto request = generator::load_request(build_);
    if (!request) {
        problems.add(request.error());
    } else {
        const auto checked = check_request(*request, problems);
        if (checked) return request;
        problems = {};
        problems.add(checked.error());
    }
    return fail(site ? with_line(Error(problems.list())) : Error(problems.list()));
}

Result<BundleReport> BundleMaker::make() {
    MKPXERD_TRY_ASSIGN(generator::BuildRequest request, check_options());
    MKPXERD_TRY_ASSIGN(const auto modules, generator::find_kernel_modules(request));
    request.kernel_version = modules.version;
    report_.kernel_version = modules.version;
    MKPXERD_TRY_ASSIGN(const TreePath kernel,
                       deploy::choose_kernel_image(options_.kernel,
                                                   {TreePath(request.kernel_root, modules.directory),
                                                    TreePath(request.kernel_root, "boot")},
                                                   modules.version));
    MKPXERD_TRY_ASSIGN(const auto doubt, deploy::check_kernel_image(kernel, modules.version));
    if (doubt) report_.warnings.push_back(*doubt);
    MKPXERD_TRY_ASSIGN(deploy::BundleDirectory directory,
                       deploy::BundleDirectory::create(report_.site.directory));
    deploy::Interruption interruption([&] { directory.discard(); });
    MKPXERD_TRY(build_image(directory, request));
    MKPXERD_TRY(add_files(directory, request, modules, kernel));
    warn_about_modes(request.mode.has_value());
    warn_about_content(report_.values.at("options"));
    const auto postponed = interruption.postpone();
    MKPXERD_TRY(directory.publish());
    warn_about_directory(directory);
    return std::move(report_);
}

} // namespace

Result<BundleReport> make_bundle(const BundleOptions& options, const generator::CommandOptions& build,
                                 const CommandContext& context, ProgressLine& progress) {
    return BundleMaker(options, build, context, progress).make();
}

std::string json_report(const BundleReport& report) {
    JsonWriter json;
    json.begin_object()
        .field("directory", report.site.directory.string())
        .field("url", report.values.at("url"))
        .field("kernel", report.kernel_version)
        .field("cmdline", report.values.at("options"))
        .field("image_bytes", report.image.image_bytes)
        .field("mode", report.image.mode ? fmt::format("{:04o}", *report.image.mode) : "")
        .key("features")
        .begin_array();
    for (const std::string& name : report.image.features)
        json.value(name);
    json.end_array().key("sha256").begin_object();
    for (const auto& [name, sum] : report.site.pins)
        json.field(name, sum);
    json.end_object();
    add_problems(json, "notes", report.notes);
    add_problems(json, "warnings", report.warnings);
    json.end_object();
    return json.text();
}

std::string text_report(const BundleReport& report) {
    const std::string directory = printable(report.site.directory.string());
    return fmt::format("{}: kernel {}, image {}{}{}\n  served as {}/, by HTTP and TFTP; DHCP, web and TFTP "
                       "server: {}/snippets\n  does it boot? mkpxerd try {}\n",
                       directory, printable(report.kernel_version), human_bytes(report.image.image_bytes),
                       report.site.own_root.empty() ? "" : ", root",
                       report.site.with_modloop ? ", modloop" : "", printable(report.values.at("url")),
                       directory, directory);
}

} // namespace mkpxerd::cli
