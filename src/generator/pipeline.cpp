// SPDX-License-Identifier: MIT
// The order of the passes. Each stage fails once with all of its problems; independent stages both run, so
// that a single build shows the problems of modules and of files.
#include "mkpxerd/generator/pipeline.hpp"

#include <algorithm>
#include <sys/utsname.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/archive/build_report.hpp"
#include "mkpxerd/generator/archive/image_parts.hpp"
#include "mkpxerd/generator/archive/image_tree.hpp"
#include "mkpxerd/generator/archive/image_writer.hpp"
#include "mkpxerd/generator/archive/memory_estimate.hpp"
#include "mkpxerd/generator/archive/output_choice.hpp"
#include "mkpxerd/generator/archive/secret_finder.hpp"
#include "mkpxerd/generator/archive/tftp_limit.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/files/elf_closure.hpp"
#include "mkpxerd/generator/files/file_collector.hpp"
#include "mkpxerd/generator/files/overlay_files.hpp"
#include "mkpxerd/generator/files/run_directory.hpp"
#include "mkpxerd/generator/modules/absent_driver_finder.hpp"
#include "mkpxerd/generator/modules/compressed_firmware.hpp"
#include "mkpxerd/generator/modules/firmware_forms.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/generator/modules/kernel_payload.hpp"
#include "mkpxerd/generator/modules/kernel_size.hpp"
#include "mkpxerd/generator/modules/module_compression.hpp"
#include "mkpxerd/generator/modules/module_homes.hpp"
#include "mkpxerd/generator/modules/module_indexes.hpp"
#include "mkpxerd/generator/modules/module_lists.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/version.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

// Records the time of each stage.
class StageClock {
  public:
    explicit StageClock(std::vector<StageTime> earlier = {}) : times_(std::move(earlier)) {}
    void end(std::string_view stage) {
        const auto now = std::chrono::steady_clock::now();
        times_.push_back(
            {.stage = stage, .time = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_)});
        start_ = now;
    }
    std::vector<StageTime> take() { return std::move(times_); }

  private:
    std::vector<StageTime> times_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The running kernel matters only if the image is for this very machine.
std::string running_kernel(const BuildRequest& request) {
    utsname name{};
    return request.kernel_root == "/" && ::uname(&name) == 0 ? name.release : "";
}

Result<KernelLists> read_lists(const Sysroot& tree, const Kernel& kernel, PlainContents* contents) {
    MKPXERD_TRY_ASSIGN(KernelLists lists, read_kernel_lists(tree.file(kernel.directory)));
    find_homes(lists, tree, kernel.directory, contents);
    return lists;
}

Result<ReadModules> read_modules(const BuildRequest& request, const Sysroot& tree, const Kernel& kernel,
                                 const KernelLists& lists, const std::vector<Pattern>& patterns,
                                 ModuleOptions options) {
    MKPXERD_TRY_ASSIGN(options.undeclared_firmware, read_undeclared_firmware(request.undeclared_firmware));
    options.lenient = request.lenient;
    options.firmware = request.firmware;
    options.strict_firmware = request.strict_firmware;
    return ModuleResolver(tree, kernel.version, kernel.directory, lists, std::move(options))
        .resolve(patterns);
}

// /init decompresses modules, unless the kernel starts another program when it needs one.
Result<ModuleSet> resolve_modules(const BuildRequest& request, const FeatureSet& features,
                                  bool has_other_modprobe, const WriteProgress& packing) {
    if (!request.with_kernel) return ModuleSet{};
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel, find_kernel(request));
    std::optional<std::string>
        config; // read only when needed: finding it in a compressed kernel takes a second
    if (request.compression.format != wrap::Format::None) config = read_kernel_config(tree, kernel.version);
    MKPXERD_TRY(check_kernel_unpacks(config, kernel.version, request.compression.format));
    PlainContents contents;
    MKPXERD_TRY_ASSIGN(const KernelLists lists, read_lists(tree, kernel, &contents));
    MKPXERD_TRY_ASSIGN(auto machines, read_hardware_lists(request.hardware));
    MKPXERD_TRY_ASSIGN(ReadModules read,
                       read_modules(request, tree, kernel, lists, features.modules,
                                    {.machines = std::move(machines), .contents = &contents}));
    const ModuleCompressionOptions form{.kernel_config = config,
                                        .policy = request.modules,
                                        .own_init = request.has_own_init() && !has_other_modprobe,
                                        .compression = request.compression,
                                        .progress = packing};
    if (!config && (needs_kernel_config(read, form) || !read.firmware.empty()))
        config = read_kernel_config(tree, kernel.version);
    MKPXERD_TRY_ASSIGN(ModuleSet modules, place_modules(std::move(read), form));
    MKPXERD_TRY(choose_firmware_forms(modules.firmware, {.kernel_config = config,
                                                         .modules = modules.packing,
                                                         .cache = request.compression.cache,
                                                         .progress = packing}));
    const auto compressed = check_compressed_firmware(modules.firmware, config);
    modules.warnings.insert(modules.warnings.end(), compressed.begin(), compressed.end());
    modules = add_module_lists(std::move(modules), lists);
    if (request.kmod_index) {
        MKPXERD_TRY_ASSIGN(modules, add_module_indexes(std::move(modules), tree.file(kernel.directory)));
    }
    modules.warnings.insert(modules.warnings.begin(), kernel.warnings.begin(), kernel.warnings.end());
    modules.lacks_network = lacks_network(modules, lists);
    modules.absent_drivers = find_absent_drivers(
        modules, lists, features, FeatureResolver(request.feature_dirs).known_modules(features));
    return modules;
}

Result<FileSet> collect_files(const BuildRequest& request, const FeatureSet& features) {
    const Sysroot basedir(request.basedir);
    std::vector<Pattern> patterns = features.files;
    patterns.insert(patterns.end(), request.custom_files.begin(), request.custom_files.end());
    // The keys of signed packages are in every image, as in mkinitfs, whatever the list "base" contains.
    patterns.push_back({.glob = "etc/apk/keys/*", .optional = true});
    MKPXERD_TRY_ASSIGN(FileSet files, FileCollector(basedir, request.lenient).collect(patterns));
    MKPXERD_TRY_ASSIGN(files, close_over_programs(std::move(files), basedir, request.lenient));
    return move_out_of_run(std::move(files));
}

// Where CONFIG_MODPROBE_PATH has it.
bool is_modprobe(std::string_view path) {
    return path == "sbin/modprobe" || path == "usr/sbin/modprobe";
}

bool brings_modprobe(const BuildRequest& request, const FileSet& files) {
    return std::ranges::any_of(files.files, is_modprobe, &File::path) ||
           std::ranges::any_of(request.extra_files, is_modprobe, &ExtraFile::path);
}

// nullopt: an image without modules, or a tree without the kernel itself.
std::optional<std::uint64_t> find_kernel_size(const BuildRequest& request, const std::string& version) {
    if (version.empty()) return std::nullopt;
    const auto kernel = open_likely_kernel(Sysroot(request.kernel_root), version);
    return kernel ? kernel_size(kernel->bytes()) : std::nullopt;
}

BootConfig make_boot_config(const BuildRequest& request, const FeatureSet& features,
                            const ModuleSet& modules) {
    BootConfig config;
    config.mkpxerd_version = version;
    config.kernel_version = modules.kernel_version;
    // A machine without a clock starts at this time. It is fixed, because the same input must give the same
    // bytes.
    config.epoch = request.epoch != 0 ? request.epoch : release_time;
    config.features = features.features;
    config.pins = request.pins;
    config.cmdline = request.cmdline;
    return config;
}

// Of the image and the archives around it.
std::vector<std::string_view> compressions_of(const BuildRequest& request, const ImageParts& parts) {
    std::vector<std::string_view> names = {wrap::format_name(request.compression.format)};
    for (const auto& archive : parts.archives) {
        const std::string& all = archive.is_before ? parts.before : parts.after;
        const auto encoding = wrap::recognize_encoding(std::as_bytes(std::span(all)).subspan(archive.begin));
        if (encoding) names.push_back(encoding->name);
    }
    return names;
}

// Writes the tree and completes the report.
Result<void> write(const BuildRequest& request, const ImageTree& tree, const ImageParts& parts,
                   OutputPlace place, unsigned mode, const WriteProgress& progress, BuildReport& report) {
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(std::move(place), report.output));
    MKPXERD_TRY_ASSIGN(const WrittenImage written, write_image({.tree = tree,
                                                                .parts = parts,
                                                                .compression = request.compression,
                                                                .epoch = request.epoch,
                                                                .mode = mode,
                                                                .max_size = request.max_size,
                                                                .progress = progress},
                                                               std::move(file)));
    report_written(report, request, written, mode);
    return {};
}

} // namespace

Result<ImagePlan> plan_image(const BuildRequest& request, const WriteProgress& packing) {
    StageClock clock;
    MKPXERD_TRY_ASSIGN(const FeatureSet features,
                       FeatureResolver(request.feature_dirs, request.lenient).resolve(request.features));
    clock.end("features");

    // Modules and files do not depend on each other: collect the problems of both.
    Problems problems;
    const auto files = collect_files(request, features);
    clock.end("files");
    const auto modules = resolve_modules(files ? request : with_plain_modules(request), features,
                                         files && brings_modprobe(request, *files), packing);
    if (!modules) problems.add(modules.error());
    if (!files) problems.add(files.error());
    clock.end("modules");
    MKPXERD_TRY(problems.finish());

    ImagePlan plan;
    MKPXERD_TRY_ASSIGN(
        plan.tree, make_image_tree(*modules, *files, request, make_boot_config(request, features, *modules)));
    plan.lacks_network = modules->lacks_network;
    plan.report = report_plan(request, features, *modules, *files, plan.tree);
    clock.end("tree");
    MKPXERD_TRY_ASSIGN(plan.report.secrets, find_secrets(plan.tree, request));
    clock.end("secrets");
    plan.report.timings = clock.take();
    return plan;
}

BuildRequest with_plain_modules(BuildRequest request) {
    if (request.has_own_init()) request.modules = ModulePolicy::Plain;
    return request;
}

Result<Kernel> find_kernel(const BuildRequest& request) {
    return KernelFinder(Sysroot(request.kernel_root), running_kernel(request)).find(request.kernel_version);
}

Result<KernelModules> find_kernel_modules(const BuildRequest& request) {
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel, find_kernel(request));
    MKPXERD_TRY_ASSIGN(const KernelLists lists, read_lists(tree, kernel, nullptr));
    MKPXERD_TRY_ASSIGN(ReadModules modules,
                       read_modules(request, tree, kernel, lists, {{.glob = "*", .optional = true}}, {}));
    return KernelModules{
        .version = kernel.version, .directory = kernel.directory, .firmware = std::move(modules.firmware)};
}

Result<BuildReport> build_overlay(const BuildRequest& request,
                                  const std::vector<std::filesystem::path>& paths, const OverlayFit& fit) {
    MKPXERD_TRY_ASSIGN(FileSet files, collect_overlay(paths));
    MKPXERD_TRY_ASSIGN(const auto warnings, fit(files));
    files.warnings.insert(files.warnings.end(), warnings.begin(), warnings.end());
    MKPXERD_TRY_ASSIGN(const ImageTree tree, make_overlay_tree(files));
    BuildReport report;
    report.output = request.output;
    report.entries = tree.entries.size();
    report.warnings = files.warnings;
    MKPXERD_TRY_ASSIGN(report.secrets, find_secrets(tree, request));
    MKPXERD_TRY_ASSIGN(const unsigned mode, choose_mode(request, report.secrets));
    MKPXERD_TRY_ASSIGN(OutputPlace place, find_output(request.output));
    MKPXERD_TRY(write(request, tree, {}, std::move(place), mode, {}, report));
    return report;
}

Result<BuildReport> build_image(const BuildRequest& request, const BuildProgress& progress,
                                const std::vector<Problem>& archive_secrets, const ArchiveCheck& check) {
    MKPXERD_TRY_ASSIGN(ImagePlan plan, plan_image(request, progress.packing));
    BuildReport& report = plan.report;
    report.secrets.insert(report.secrets.end(), archive_secrets.begin(), archive_secrets.end());

    // From here on no entry is added.
    StageClock clock(std::move(report.timings));
    MKPXERD_TRY_ASSIGN(OutputPlace place, find_output_place(request, report.kernel_version));
    if (request.output.empty()) report.output = place.path;
    MKPXERD_TRY_ASSIGN(const unsigned mode, choose_mode(request, report.secrets));
    MKPXERD_TRY_ASSIGN(const ImageParts parts, collect_parts(request, report.kernel_version));
    report.warnings.insert(report.warnings.end(), parts.warnings.begin(), parts.warnings.end());
    if (check) {
        MKPXERD_TRY_ASSIGN(ArchiveReport archives, check(plan.tree, parts));
        report_archives(report, std::move(archives));
    }
    if (plan.lacks_network && !brings_network(report))
        report.warnings.push_back(no_network_warning(request, report.features));
    clock.end("archives");
    MKPXERD_TRY(write(request, plan.tree, parts, std::move(place), mode, progress.writing, report));
    report.memory =
        memory_needed(report.contents, {.image_bytes = report.image_bytes,
                                        .compressions = compressions_of(request, parts),
                                        .kernel_bytes = find_kernel_size(request, report.kernel_version)});
    if (auto limit = tftp_limit(report.output, report.image_bytes))
        report.warnings.push_back(std::move(*limit));
    clock.end("write");
    report.timings = clock.take();
    return std::move(plan.report);
}

} // namespace mkpxerd::generator
