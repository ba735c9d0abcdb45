// SPDX-License-Identifier: MIT
// A FileSet that grows by the needs of its files, and the findings on the way.
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
    // Ends the set. Errors: all problems so far.
    Result<FileSet> finish();

    const std::map<std::string, File>& files() const { return files_; }
    bool contains(const std::string& path) const { return files_.contains(path); }
    // Adds a regular file and every link on the way to it. True: the file is new.
    bool add(const Sysroot::Resolved& place, const Reason& why);

    // The path of the file on this machine, for messages.
    std::string shown(std::string_view path) const { return basedir_.host(path).string(); }
    // True the first time that this file lacks this object.
    bool is_first_report(const std::string& path, const std::string& lack) {
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
