// SPDX-License-Identifier: MIT
// What goes into a bundle, under which name and mode, and what its user must know about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/deploy/bundle_apkovl.hpp"
#include "mkpxerd/deploy/bundle_directory.hpp"
#include "mkpxerd/deploy/loaders.hpp"
#include "mkpxerd/deploy/modloop_maker.hpp"
#include "mkpxerd/deploy/site.hpp"

namespace mkpxerd::deploy {

// The mode of the copy of a file that others may not read. Errors: the user asked for a mode that lets them.
using ModeRule = std::function<Result<unsigned>(const Problem& secret)>;

class BundleContent {
  public:
    // All three live longer. site gets the sums of the files that the init loads.
    BundleContent(BundleDirectory& directory, SiteOptions& site, const ModeRule& mode_rule)
        : directory_(directory), site_(site), mode_rule_(mode_rule) {}

    // is_named: by the user; otherwise it is the system's, and for everybody, whatever mode hardens the
    // machine that it came with.
    Result<void> add_kernel(const TreePath& kernel, bool is_named);
    Result<void> add_apkovl();
    // Nothing without site.with_modloop. An older bundle's modloop of the same content is taken over.
    Result<void> add_modloop(const ModloopContent& content, std::int64_t epoch);
    Result<void> add_loaders(const LoaderSet& loaders);
    // The configuration of loaders and servers, after all that it names sums of.
    Result<void> add_snippets(const SiteValues& values, const std::filesystem::path& data_dir);

    const std::vector<Problem>& notes() const { return notes_; }
    const std::vector<Problem>& warnings() const { return warnings_; }

  private:
    Result<void> copy_named(const std::string& name, const TreePath& source);

    BundleDirectory& directory_;
    SiteOptions& site_;
    const ModeRule& mode_rule_;
    std::vector<Problem> notes_;
    std::vector<Problem> warnings_;
};

// What everybody can read in a bundle, and gives something away. options: of the kernel command line.
std::vector<Problem> find_public_secrets(const SiteOptions& site, const Result<ApkovlFacts>& apkovl,
                                         const std::string& options);

// The options of a bundle that exists, with the sums of its files: snippets then say what those in it say.
Result<SiteOptions> as_in_bundle(SiteOptions site);

} // namespace mkpxerd::deploy
