// SPDX-License-Identifier: MIT
// BuildRequest -> FeatureSet: finds the lists of every feature and reads their patterns.
#pragma once

#include <map>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class FeatureResolver {
  public:
    // directories: searched first to last, separately for NAME.modules and NAME.files.
    explicit FeatureResolver(std::vector<TreePath> directories, bool lenient = false)
        : directories_(std::move(directories)), lenient_(lenient) {}

    // Errors: a feature that no directory has (with the most similar name), an unreadable list.
    Result<FeatureSet> resolve(const std::vector<FeatureName>& features) const;

    // The names of all features, each with the first directory that has it; sorted.
    std::map<std::string, std::filesystem::path> known() const;
    // The first sentence of the comment at the top of NAME.modules, or else of NAME.files; empty: neither has
    // one.
    std::string description(const std::string& name) const;
    // Every list that counts: of one name, that of the first directory; by name.
    std::vector<TreePath> lists() const;
    // Module patterns of all features, by feature; those of the set are not read again. An unreadable list
    // counts as empty, because the image does not need it.
    std::vector<Pattern> known_modules(const FeatureSet& set) const;
    // The same for files.
    std::vector<Pattern> known_files() const;

  private:
    std::vector<TreePath> directories_;
    bool lenient_;
};

// The first sentence of the comment at the top of a list, without its full stop. Pure.
std::string list_description(std::string_view text);

// One list, line by line. Pure: empty lines and '#' comments are skipped, a leading '/' is dropped, '?' marks
// an optional pattern.
std::vector<Pattern> parse_feature_list(std::string_view text, const std::string& feature,
                                        const std::string& file);

} // namespace mkpxerd::generator
