// SPDX-License-Identifier: MIT
// A FileSet that grows by what its files need, and what was found wrong meanwhile.
#pragma once

#include <map>
#include <set>
#include <string>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/features/stage_findings.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ClosingSet {
  public:
    ClosingSet(FileSet files, const Sysroot& basedir, bool lenient);
    // Ends the set. Errors: all problems.
    Result<FileSet> finish();

    const std::map<std::string, File>& files() const { return files_; }
    bool contains(const std::string& path) const { return files_.contains(path); }
    // A regular file and every link on the way to it. True: the file was not there before.
    bool add(const Sysroot::Resolved& place, const Reason& why);

    // As the user knows the file: its path on this machine.
    std::string shown(std::string_view path) const { return basedir_.host(path).string(); }
    // True the first time: file, what it lacks.
    bool is_news(const std::string& path, const std::string& lack) {
        return reported_.emplace(path, lack).second;
    }
    // Findings name the feature line that asked for the file.
    void problem(const File& asked_by, std::string text);
    void hole(const File& asked_by, std::string text, std::string hint = {});
    void warn(const File& asked_by, std::string text);

  private:
    bool add_entry(const std::string& path, File::Kind kind, const Reason& why);

    const Sysroot& basedir_;
    std::map<std::string, File> files_;
    StageFindings findings_;
    std::vector<Problem> warnings_;
    std::set<std::pair<std::string, std::string>> reported_;
};

} // namespace mkpxerd::generator
