// SPDX-License-Identifier: MIT
// What a build took in and wrote -> BuildReport.
#pragma once

#include "mkpxerd/generator/archive/image_writer.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// What is known before writing.
BuildReport report_plan(const BuildRequest& request, const FeatureSet& features, const ModuleSet& modules,
                        const FileSet& files, const ImageTree& tree);
// Adds what was written. mode: permission bits of the file.
void report_written(BuildReport& report, const BuildRequest& request, const WrittenImage& written,
                    unsigned mode);

} // namespace mkpxerd::generator
