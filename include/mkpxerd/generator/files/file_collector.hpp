// SPDX-License-Identifier: MIT
// FeatureSet + BASEDIR -> FileSet: expands patterns to files; keeps links and adds their targets.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class FileCollector {
  public:
    explicit FileCollector(const Sysroot& basedir, bool lenient = false)
        : basedir_(basedir), lenient_(lenient) {}

    // Errors: a pattern that matches nothing, a link that leads nowhere, an unreadable file or directory, a
    // device or socket; each named by feature file and line.
    Result<FileSet> collect(const std::vector<Pattern>& patterns) const;

  private:
    const Sysroot& basedir_;
    bool lenient_;
};

} // namespace mkpxerd::generator
