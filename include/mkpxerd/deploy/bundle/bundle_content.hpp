// SPDX-License-Identifier: MIT
// The content of a bundle, with names and modes, and the warnings about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/deploy/bundle/bundle_apkovl.hpp"
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"
#include "mkpxerd/deploy/bundle/modloop_maker.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

// The mode for the copy of a private file. Errors: the user asked for a mode that lets others read it.
using ModeRule = std::function<Result<unsigned>(const Problem& secret)>;

class BundleContent {
  public:
    // All three outlive this. site gets the hashes of the files that the init loads.
    BundleContent(BundleDirectory& directory, SiteOptions& site, const ModeRule& mode_rule)
        : directory_(directory), site_(site), mode_rule_(mode_rule) {}

    // is_named: by the user; otherwise it is the system's kernel, which is public, whatever its mode on this
    // machine.
    Result<void> add_kernel(const TreePath& kernel, bool is_named);
    Result<void> add_apkovl();
    Result<void> add_root();
    // Does nothing without site.with_modloop. Reuses an older bundle's modloop with the same content.
    Result<void> add_modloop(const ModloopContent& content, std::int64_t epoch);
    Result<void> add_loaders(const LoaderSet& loaders);
    // The configuration of loaders and servers; must come after the files whose hashes it contains.
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

// Secrets in a bundle that everybody can read. options: of the kernel command line.
std::vector<Problem> find_public_secrets(const SiteOptions& site, const ApkovlFacts& apkovl,
                                         const std::string& options);

// The options of an existing bundle, with the hashes of its files, so that snippets agree with those in it.
Result<SiteOptions> as_in_bundle(SiteOptions site);

// Loaders that the user put into this bundle, or changed there: they stay when it is made again.
std::set<std::string> added_loader_files(const std::filesystem::path& directory);

} // namespace mkpxerd::deploy
