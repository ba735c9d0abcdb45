// SPDX-License-Identifier: MIT
// The order of the passes. Each stage fails once with all it found; stages that do not need each other both
// run, so that one build shows what is wrong with modules and with files.
#include "mkpxerd/generator/pipeline.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <sys/utsname.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/archive/image_builder.hpp"
#include "mkpxerd/generator/archive/image_demands.hpp"
#include "mkpxerd/generator/archive/image_parts.hpp"
#include "mkpxerd/generator/archive/image_writer.hpp"
#include "mkpxerd/generator/archive/reason_chains.hpp"
#include "mkpxerd/generator/archive/secret_finder.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/files/elf_closure.hpp"
#include "mkpxerd/generator/files/file_collector.hpp"
#include "mkpxerd/generator/files/overlay_files.hpp"
#include "mkpxerd/generator/modules/absent_driver_finder.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/generator/modules/kernel_finder.hpp"
#include "mkpxerd/generator/modules/module_homes.hpp"
#include "mkpxerd/generator/modules/module_indexes.hpp"
#include "mkpxerd/generator/modules/module_lists.hpp"
#include "mkpxerd/generator/modules/module_packing.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/modules/packed_firmware.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t most_hardware_bytes = std::size_t{4} << 20; // of a list; a large server has 50 KiB

// The running kernel means something only when the image is for this very machine.
std::string running_kernel(const BuildRequest& request) {
    utsname name{};
    return request.kernel_root == "/" && ::uname(&name) == 0 ? name.release : "";
}

Result<std::vector<Machine>> read_hardware(const BuildRequest& request) {
    std::vector<Machine> machines;
    Problems problems;
    for (const auto& file : request.hardware) {
        const auto text = read_file(file, most_hardware_bytes);
        auto machine = text ? parse_hardware_list(*text, file.string()) : Result<Machine>(fail(text.error()));
        if (machine)
            machines.push_back(std::move(*machine));
        else
            problems.add(machine.error());
    }
    MKPXERD_TRY(problems.finish());
    return machines;
}

Result<UndeclaredFirmware> read_undeclared_firmware(const BuildRequest& request) {
    const std::filesystem::path& file = request.undeclared_firmware;
    MKPXERD_TRY_ASSIGN(const bool there, is_there(file));
    if (!there) return UndeclaredFirmware{};
    MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
    return parse_undeclared_firmware(text, file.string());
}

Result<KernelLists> read_lists(const Sysroot& tree, const Kernel& kernel) {
    MKPXERD_TRY_ASSIGN(KernelLists lists, read_kernel_lists(tree.file(kernel.directory)));
    find_homes(lists, tree, kernel.directory);
    return lists;
}

Result<ModuleSet> resolve_modules(const BuildRequest& request, const FeatureSet& features) {
    if (!request.with_kernel) return ModuleSet{};
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel,
                       KernelFinder(tree, running_kernel(request)).find(request.kernel_version));
    std::optional<std::string> config; // to be found in a packed kernel takes a second: only when it is asked
    if (request.compression.format != wrap::Format::None) config = read_kernel_config(tree, kernel.version);
    MKPXERD_TRY(check_kernel_unpacks(config, kernel.version, request.compression.format));
    MKPXERD_TRY_ASSIGN(const KernelLists lists, read_lists(tree, kernel));
    MKPXERD_TRY_ASSIGN(auto machines, read_hardware(request));
    MKPXERD_TRY_ASSIGN(auto undeclared, read_undeclared_firmware(request));
    ModuleOptions options{request.lenient, request.firmware, request.strict_firmware, std::move(machines),
                          std::move(undeclared)};
    const ModuleResolver resolver(tree, kernel.version, kernel.directory, lists, std::move(options));
    MKPXERD_TRY_ASSIGN(ModuleSet modules, resolver.resolve(features.modules));
    if (!config && std::any_of(modules.modules.begin(), modules.modules.end(),
                               [](const Module& module) { return module.packed.has_value(); }))
        config = read_kernel_config(tree, kernel.version);
    MKPXERD_TRY_ASSIGN(modules,
                       ModulePacking(config, request.modules, request.compression).apply(std::move(modules)));
    const auto packed = check_packed_firmware(modules.firmware, config);
    modules.warnings.insert(modules.warnings.end(), packed.begin(), packed.end());
    modules = add_module_lists(std::move(modules), lists);
    if (request.kmod_index) {
        MKPXERD_TRY_ASSIGN(modules, add_module_indexes(std::move(modules), tree.file(kernel.directory)));
    }
    modules.warnings.insert(modules.warnings.begin(), kernel.warnings.begin(), kernel.warnings.end());
    modules.absent_drivers =
        find_absent_drivers(modules, lists, features, FeatureResolver(request.feature_dirs).known_modules());
    return modules;
}

// /run is empty when a machine boots. kmod reads the files of modprobe.d by name, whatever directory they are
// in, and of one name that of /etc before that of /run (modprobe.d(5)): in /etc of the image they mean the
// same.
FileSet move_out_of_run(FileSet files) {
    constexpr std::string_view from = "run/modprobe.d/";
    std::set<std::string> paths;
    for (const File& file : files.files)
        paths.insert(file.path);
    const auto moved = [&](const File& file) { return "etc/modprobe.d/" + file.path.substr(from.size()); };
    std::erase_if(files.files, [&](const File& file) {
        return file.path.starts_with(from) && paths.contains(moved(file));
    });
    for (File& file : files.files)
        if (file.path.starts_with(from)) file.path = moved(file);
    std::ranges::sort(files.files, {}, &File::path);
    return files;
}

Result<FileSet> collect_files(const BuildRequest& request, const FeatureSet& features) {
    const Sysroot basedir(request.basedir);
    std::vector<Pattern> patterns = features.files;
    patterns.insert(patterns.end(), request.custom_files.begin(), request.custom_files.end());
    // Keys that packages are signed with are in every image, as mkinitfs has it: whatever list stands for
    // "base".
    patterns.push_back({"etc/apk/keys/*", true, {}, {}});
    MKPXERD_TRY_ASSIGN(FileSet files, FileCollector(basedir, request.lenient).collect(patterns));
    MKPXERD_TRY_ASSIGN(files, ElfClosure(basedir, request.lenient).close(std::move(files)));
    return move_out_of_run(std::move(files));
}

BuildReport report_of(const BuildRequest& request, const FeatureSet& features, const ModuleSet& modules,
                      const FileSet& files, const ImageTree& tree) {
    BuildReport report;
    report.output = request.output;
    report.kernel_version = modules.kernel_version;
    report.features = features.features;
    report.modules = modules.modules.size();
    report.firmware = modules.firmware.size();
    report.entries = tree.entries.size();
    const ReasonChains reasons(tree, request.profile);
    for (const ImageEntry& entry : tree.entries)
        report.contents.push_back({entry.path, entry.size, reasons.chain(entry)});
    report.missing_firmware = modules.missing_firmware;
    report.left_out = modules.left_out;
    report.firmware_directory = (request.kernel_root / "lib/firmware").string();
    report.warnings = features.warnings;
    report.warnings.insert(report.warnings.end(), modules.warnings.begin(), modules.warnings.end());
    report.warnings.insert(report.warnings.end(), files.warnings.begin(), files.warnings.end());
    return report;
}

// Where the image goes that the user names no file for: what a tree asks for, or mkinitfs' name for it, the
// last word of the kernel's version.
TreeOutput default_output(const BuildRequest& request, const std::string& version) {
    if (request.output_of_tree) return *request.output_of_tree;
    const auto dash = version.rfind('-');
    const std::string flavour = version.empty()             ? "generic"
                                : dash == std::string::npos ? "vanilla"
                                                            : version.substr(dash + 1);
    return {request.basedir, "boot/initramfs-" + flavour, {}};
}

Result<OutputPlace> find_default_output(const BuildRequest& request, const std::string& version) {
    const TreeOutput output = default_output(request, version);
    auto found = output_in_tree(output.tree, output.path);
    if (found || output.origin == Origin{}) return found;
    const Problem& first = found.error().first();
    return fail(output.origin.text(), fmt::format("{} {}", first.object, first.text),
                "what a tree says names paths in that tree; -o names a file of this machine");
}

void note_written(BuildReport& report, const BuildRequest& request, const WrittenImage& written,
                  unsigned mode) {
    report.archive_bytes = written.archive_bytes;
    report.image_bytes = written.image_bytes;
    if (!written.streamed)
        report.mode = mode;
    else if (request.mode)
        report.warnings.push_back(
            {"--mode", fmt::format("has no effect: {} is no file of ours", report.output.string()), {}, {}});
}

} // namespace

Result<unsigned> choose_mode(const BuildRequest& request, const std::vector<Problem>& secrets) {
    if (!request.mode) return secrets.empty() ? 0644U : 0600U;
    if (secrets.empty() || request.allow_secrets || (*request.mode & 077U) == 0) return *request.mode;
    Problems problems;
    for (const Problem& secret : secrets)
        problems.add(secret.object,
                     fmt::format("{}, and mode {:04o} lets others read it", secret.text, *request.mode),
                     "use --mode 0600, or --allow-secrets");
    MKPXERD_TRY(problems.finish());
    return *request.mode;
}

Result<ImagePlan> plan_image(const BuildRequest& request) {
    MKPXERD_TRY_ASSIGN(const FeatureSet features,
                       FeatureResolver(request.feature_dirs, request.lenient).resolve(request.features));

    // Modules and files know nothing of each other: gather the problems of both.
    Problems problems;
    auto modules = resolve_modules(request, features);
    if (!modules) problems.add(modules.error());
    auto files = collect_files(request, features);
    if (!files) problems.add(files.error());
    MKPXERD_TRY(problems.finish());

    BootConfig config;
    config.mkpxerd_version = version;
    config.kernel_version = modules->kernel_version;
    // A machine that starts in 1970 goes on from here; a fixed time, as the same input has to give the same
    // bytes.
    config.epoch = request.epoch != 0 ? request.epoch : release_time;
    config.features = features.features;
    config.pins = request.pins;
    config.cmdline = request.cmdline;
    MKPXERD_TRY_ASSIGN(ImageTree tree, ImageBuilder().build(*modules, *files, request, std::move(config)));

    ImagePlan plan;
    plan.report = report_of(request, features, *modules, *files, tree);
    MKPXERD_TRY_ASSIGN(plan.report.secrets, find_secrets(tree, request));
    plan.tree = std::move(tree);
    if (plan.report.output.empty()) {
        const TreeOutput output = default_output(request, modules->kernel_version);
        plan.report.output = TreePath(output.tree, output.path).host();
    }
    return plan;
}

Result<KernelModules> find_kernel_modules(const BuildRequest& request) {
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel,
                       KernelFinder(tree, running_kernel(request)).find(request.kernel_version));
    MKPXERD_TRY_ASSIGN(const KernelLists lists, read_lists(tree, kernel));
    MKPXERD_TRY_ASSIGN(auto undeclared, read_undeclared_firmware(request));
    const ModuleOptions options{
        request.lenient, request.firmware, request.strict_firmware, {}, std::move(undeclared)};
    const ModuleResolver resolver(tree, kernel.version, kernel.directory, lists, options);
    const Pattern everything{"*", true, {}, {}};
    MKPXERD_TRY_ASSIGN(ModuleSet modules, resolver.resolve({everything}));
    return KernelModules{kernel.version, kernel.directory, std::move(modules.firmware)};
}

Result<BuildReport> build_overlay(const BuildRequest& request,
                                  const std::vector<std::filesystem::path>& paths) {
    std::vector<FileSet> sets;
    Problems problems;
    for (const std::filesystem::path& path : paths) {
        const auto source = overlay_source(path);
        if (!source) {
            problems.add(source.error());
            continue;
        }
        const Sysroot tree(source->root);
        auto files = FileCollector(tree).collect(source->patterns);
        if (files)
            sets.push_back(std::move(*files));
        else
            problems.add(files.error());
    }
    MKPXERD_TRY(problems.finish());
    MKPXERD_TRY_ASSIGN(const FileSet files, join_overlay(std::move(sets)));
    MKPXERD_TRY_ASSIGN(const ImageTree tree, ImageBuilder().build_overlay(files));
    BuildReport report;
    report.output = request.output;
    report.entries = tree.entries.size();
    report.warnings = files.warnings;
    MKPXERD_TRY_ASSIGN(report.secrets, find_secrets(tree, request));
    MKPXERD_TRY_ASSIGN(const unsigned mode, choose_mode(request, report.secrets));
    ImageWriter writer(request.compression, request.epoch);
    writer.limit_size(request.max_size);
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(report.output));
    MKPXERD_TRY_ASSIGN(const WrittenImage written, writer.write(tree, {}, std::move(file), mode));
    note_written(report, request, written, mode);
    return report;
}

Result<BuildReport> build_image(const BuildRequest& request, const Progress& progress,
                                const std::vector<Problem>& archive_secrets) {
    const auto start = std::chrono::steady_clock::now();
    MKPXERD_TRY_ASSIGN(ImagePlan plan, plan_image(request));
    plan.report.secrets.insert(plan.report.secrets.end(), archive_secrets.begin(), archive_secrets.end());
    const auto planned = std::chrono::steady_clock::now();
    OutputPlace place;
    if (request.output.empty()) { // the tree says where, and not the user
        MKPXERD_TRY_ASSIGN(place, find_default_output(request, plan.report.kernel_version));
        plan.report.output = place.path;
    } else {
        MKPXERD_TRY_ASSIGN(place, find_output(request.output));
    }
    // Beyond this point no entry is added.
    MKPXERD_TRY_ASSIGN(const unsigned mode, choose_mode(request, plan.report.secrets));
    MKPXERD_TRY_ASSIGN(const ImageParts parts, collect_parts(request, plan.report.kernel_version));
    plan.report.warnings.insert(plan.report.warnings.end(), parts.warnings.begin(), parts.warnings.end());
    ImageWriter writer(request.compression, request.epoch);
    writer.limit_size(request.max_size);
    writer.on_progress(progress);
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(std::move(place), plan.report.output));
    MKPXERD_TRY_ASSIGN(const WrittenImage written, writer.write(plan.tree, parts, std::move(file), mode));
    note_written(plan.report, request, written, mode);
    plan.report.memory_bytes = memory_needed(plan.tree, parts, written.image_bytes);
    if (auto limit = tftp_limit(plan.report.output, written.image_bytes))
        plan.report.warnings.push_back(std::move(*limit));
    using std::chrono::milliseconds;
    plan.report.plan_time = std::chrono::duration_cast<milliseconds>(planned - start);
    plan.report.write_time =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - planned);
    return plan.report;
}

} // namespace mkpxerd::generator
