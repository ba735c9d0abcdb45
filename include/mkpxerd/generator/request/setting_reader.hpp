// SPDX-License-Identifier: MIT
// Settings -> texts, flags, lists and files. Collects the problems of all readers.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {

class SettingReader {
  public:
    // basedir: the tree whose configuration and profiles may be among the settings.
    SettingReader(const Settings& settings, const std::filesystem::path& basedir)
        : settings_(settings), tree_(basedir) {}

    const Setting* find(const std::string& key) const; // nullptr: not set
    std::string text(const std::string& key, const std::string& otherwise = {}) const;
    Origin origin(const std::string& key) const;
    // Nothing, as in mkinitfs.conf, is no; a word that is neither yes nor no is a problem.
    bool flag(const std::string& key);
    // The texts of a list, unchanged; a single text is split into words.
    std::vector<std::string> items(const std::string& key) const;
    // The file that a setting names. Checks only files of a tree; others are checked when they are read.
    // nullopt: a problem was added.
    std::optional<TreePath> file(const Setting& setting, const std::string& named);
    std::vector<TreePath> files(const std::string& key);

    // A tree may not use this setting.
    void refuse_of_tree(const std::string& key, const char* what, const char* option);

    const Sysroot& tree() const { return tree_; }
    Problems& problems() { return problems_; }

  private:
    const Settings& settings_;
    const Sysroot tree_;
    Problems problems_;
};

} // namespace mkpxerd::generator
