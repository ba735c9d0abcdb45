// SPDX-License-Identifier: MIT
// What `mkpxerd --repro FILE.tar` writes: all that a maintainer needs to do a build again, without secrets,
// whether the build succeeded or failed. Equal builds give equal bytes.
#pragma once

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"

namespace mkpxerd::cli {

// A build and its end.
struct BuildStory {
    const generator::CommandOptions& command;
    generator::SettingsRecord settings;
    std::optional<generator::BuildRequest> request; // none: the settings made none
};

// Errors: the image has the same name, by the command line alone, or by all settings.
Result<void> check_apart(const std::filesystem::path& repro, const generator::CommandOptions& command);
Result<void> check_apart(const std::filesystem::path& repro, const generator::BuildRequest& request);

class ReproFile {
  public:
    // To be called before the build, which may take long. Errors: see AtomicFile; standard output, where
    // messages go.
    static Result<ReproFile> create(const std::filesystem::path& target);
    // Only the owner may read the file. Returns what was left out.
    Result<std::vector<Problem>> write(const BuildStory& story, const Result<generator::BuildReport>& end);

  private:
    explicit ReproFile(AtomicFile file) : file_(std::move(file)) {}
    AtomicFile file_;
};

} // namespace mkpxerd::cli
