// SPDX-License-Identifier: MIT
// Each entry has the chain of its reasons, so that programs can use the report without the image.
#include "mkpxerd/generator/archive/build_report.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/archive/output_choice.hpp"
#include "mkpxerd/generator/archive/reason_chains.hpp"

namespace mkpxerd::generator {

BuildReport report_plan(const BuildRequest& request, const FeatureSet& features, const ModuleSet& modules,
                        const FileSet& files, const ImageTree& tree) {
    BuildReport report;
    report.output = output_path(request, modules.kernel_version);
    report.kernel_version = modules.kernel_version;
    report.features = features.features;
    report.modules = modules.modules.size();
    report.firmware = modules.firmware.size();
    report.entries = tree.entries.size();
    const ReasonChains reasons(tree, request.profile);
    for (const ImageEntry& entry : tree.entries)
        report.contents.push_back({.path = entry.path, .bytes = entry.size, .why = reasons.chain(entry)});
    report.missing_firmware = modules.missing_firmware;
    report.left_out = modules.left_out;
    report.firmware_directory = (request.kernel_root / "lib/firmware").string();
    for (const auto* warnings : {&request.warnings, &features.warnings, &modules.warnings, &files.warnings})
        report.warnings.insert(report.warnings.end(), warnings->begin(), warnings->end());
    return report;
}

void report_archives(BuildReport& report, ArchiveReport archives) {
    const auto sum = [](std::size_t count, std::ptrdiff_t more) {
        return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(count) + more);
    };
    report.modules = sum(report.modules, archives.modules);
    report.firmware = sum(report.firmware, archives.firmware);
    std::erase_if(report.contents,
                  [&](const ReportedEntry& entry) { return archives.gone.contains(entry.path); });
    report.contents.insert(report.contents.begin(), archives.before.begin(), archives.before.end());
    report.contents.insert(report.contents.end(), archives.after.begin(), archives.after.end());
    report.entries = report.contents.size();
    report.warnings.insert(report.warnings.end(), archives.warnings.begin(), archives.warnings.end());
}

bool brings_network(const BuildReport& report) {
    return std::any_of(report.contents.begin(), report.contents.end(), [](const ReportedEntry& entry) {
        const auto kernel = entry.path.find("/kernel/");
        return kernel != std::string::npos && is_module_file(entry.path) &&
               is_card_driver(std::string_view(entry.path).substr(kernel + 1));
    });
}

Problem no_network_warning(const BuildRequest& request, const std::vector<std::string>& features) {
    const bool asks_for_network = std::ranges::find(features, "network") != features.end();
    std::string hint = "add -F +network, or -F +virtio for virtual machines";
    if (asks_for_network)
        hint = request.hardware.empty()
                   ? "the kernel's tree has no driver that feature network names"
                   : "no card in the lists of --hardware has a driver of feature network";
    return {.object = "the image",
            .text = "has no driver of a network card, and the kernel has none built in",
            .hint = std::move(hint)};
}

void report_written(BuildReport& report, const BuildRequest& request, const WrittenImage& written,
                    unsigned mode) {
    report.archive_bytes = written.archive_bytes;
    report.image_bytes = written.image_bytes;
    if (!written.streamed)
        report.mode = mode;
    else if (request.mode)
        report.warnings.push_back(
            {.object = "--mode",
             .text = fmt::format("has no effect: mkpxerd did not create {}", report.output.string())});
}

} // namespace mkpxerd::generator
