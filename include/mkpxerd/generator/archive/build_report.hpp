// SPDX-License-Identifier: MIT
// The input and output of a build -> BuildReport.
#pragma once

#include "mkpxerd/generator/archive/image_writer.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// The parts that are known before writing.
BuildReport report_plan(const BuildRequest& request, const FeatureSet& features, const ModuleSet& modules,
                        const FileSet& files, const ImageTree& tree);
// Adds what the archives around the image bring.
void report_archives(BuildReport& report, ArchiveReport archives);
// Does an entry drive a network card, by its place in the kernel?
bool brings_network(const BuildReport& report);
Problem no_network_warning(const BuildRequest& request, const std::vector<std::string>& features);
// Adds the parts about the written file. mode: its permission bits.
void report_written(BuildReport& report, const BuildRequest& request, const WrittenImage& written,
                    unsigned mode);

} // namespace mkpxerd::generator
