// SPDX-License-Identifier: MIT
// The order of the passes. Each stage fails once with all it found; stages that do not need each other both run,
// so that one build shows what is wrong with modules and with files.
#include "mkpxerd/generator/pipeline.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/utsname.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/feature_resolver.hpp"
#include "mkpxerd/generator/file_collector.hpp"
#include "mkpxerd/generator/image_builder.hpp"
#include "mkpxerd/generator/image_writer.hpp"
#include "mkpxerd/generator/kernel_finder.hpp"
#include "mkpxerd/generator/module_lists.hpp"
#include "mkpxerd/generator/module_resolver.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::generator {
namespace {

// The running kernel means something only when the image is for this very machine.
std::string running_kernel(const BuildRequest& request) {
    utsname name{};
    return request.kernel_root == "/" && ::uname(&name) == 0 ? name.release : "";
}

Result<ModuleSet> resolve_modules(const BuildRequest& request, const FeatureSet& features) {
    if (!request.with_kernel) return ModuleSet{};
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel, KernelFinder(tree, running_kernel(request)).find(request.kernel_version));
    const ModuleResolver resolver(tree, kernel.version, kernel.directory);
    MKPXERD_TRY_ASSIGN(ModuleSet modules, resolver.resolve(features.modules));
    return ModuleLists(tree.host(kernel.directory)).add_lists(std::move(modules));
}

Result<FileSet> collect_files(const BuildRequest& request, const FeatureSet& features) {
    const Sysroot basedir(request.basedir);
    std::vector<Pattern> patterns = features.files;
    patterns.insert(patterns.end(), request.custom_files.begin(), request.custom_files.end());
    return FileCollector(basedir).collect(patterns);
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
    report.warnings = modules.warnings;
    report.warnings.insert(report.warnings.end(), files.warnings.begin(), files.warnings.end());
    return report;
}

// mkinitfs' name for the image: the last word of the kernel's version.
std::filesystem::path default_output(const BuildRequest& request, const std::string& version) {
    const auto dash = version.rfind('-');
    const std::string flavour = version.empty() ? "generic" : dash == std::string::npos ? "vanilla" : version.substr(dash + 1);
    return request.basedir / "boot" / ("initramfs-" + flavour);
}

} // namespace

Result<ImagePlan> plan_image(const BuildRequest& request) {
    MKPXERD_TRY_ASSIGN(const FeatureSet features, FeatureResolver(request.feature_dirs).resolve(request.features));

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
    config.epoch = request.epoch;
    config.features = features.features;
    config.cmdline = request.cmdline;
    const ImageBuilder builder(request.init_program);
    MKPXERD_TRY_ASSIGN(ImageTree tree, builder.build(*modules, *files, request.extra_files, std::move(config)));

    ImagePlan plan;
    plan.report = report_of(request, features, *modules, *files, tree);
    plan.tree = std::move(tree);
    if (plan.report.output.empty()) plan.report.output = default_output(request, modules->kernel_version);
    return plan;
}

Result<BuildReport> build_image(const BuildRequest& request) {
    MKPXERD_TRY_ASSIGN(ImagePlan plan, plan_image(request));
    // Beyond this point no entry is added.
    const ImageWriter writer(request.compression, request.epoch);
    MKPXERD_TRY_ASSIGN(const WrittenImage written, writer.write(plan.tree, plan.report.output, 0644));
    plan.report.archive_bytes = written.archive_bytes;
    plan.report.image_bytes = written.image_bytes;
    return plan.report;
}

} // namespace mkpxerd::generator
