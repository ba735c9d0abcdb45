// SPDX-License-Identifier: MIT
// Image -> facts for a boot: modules, files, baked-in options. `lint` uses it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/image/archive_conflicts.hpp"
#include "mkpxerd/image/content_source.hpp"
#include "mkpxerd/image/effective_view.hpp"

namespace mkpxerd::image {

class ImageFacts {
  public:
    // Errors: those of reading the image; a boot.conf that cannot be parsed.
    static Result<ImageFacts> read(const std::filesystem::path& file);
    // Facts of an image that is not written yet: its name in findings, what the kernel will make of it and
    // of the archives around it, and the contents of the entries in that view.
    static Result<ImageFacts> planned(std::string name, const EffectiveView& view,
                                      const ArchiveConflicts& conflicts, const ContentSource& source,
                                      BootConfig config);

    enum class Presence {
        Present,
        Absent,
        Unknown, // not in the image, and the image does not say which modules are built into the kernel
    };
    // A module by name, loadable or built in.
    Presence module(std::string_view name) const;
    // At least one driver of a network card.
    Presence network_driver() const;
    // At least one driver whose disks have names of this family: sd, nvme, vd, mmcblk, xvd; "": any disk
    // driver.
    Presence disk_driver(std::string_view family) const;
    // The drivers of that family, if each of them drives only disks of virtual machines; else empty.
    std::vector<std::string> virtual_disk_drivers(std::string_view family) const;
    // A non-empty file, a directory, or a link to one of them.
    bool has_file(const std::string& path) const { return paths_.contains(path); }
    bool has_apk() const;
    // A bundle of certificate authorities at one of the places that the init searches.
    bool has_certificates() const;

    const std::string& name() const { return name_; }
    const BootConfig& config() const { return config_; }
    // Options that the image itself brings, in the order in which the init reads them.
    std::vector<CmdlineSource> settings() const;
    bool is_ours() const { return is_ours_; }                          // has a boot.conf
    const std::vector<Problem>& problems() const { return problems_; } // entries that the kernel loses
    // Modules that our init cannot load, since modules.dep does not name them: the first, and how many more.
    std::optional<Problem> unlisted_modules() const;
    // Archives that make names of others lead nowhere.
    const std::vector<Problem>& conflicts() const { return conflicts_; }

  private:
    Result<void> read_view(const EffectiveView& view, const ContentSource& source);
    void add_conflicts(const ArchiveConflicts& conflicts);
    void read_module(std::string_view place);
    void read_builtin(std::string_view place);

    std::string name_;
    std::set<std::string> paths_; // links followed in directories and at the end
    std::set<std::string, std::less<>> modules_;
    std::set<std::string, std::less<>> builtin_;
    bool knows_builtin_ = false;
    bool has_network_driver_ = false;
    bool has_builtin_network_driver_ = false;
    std::set<std::pair<std::string, std::string>> disk_drivers_; // family and name, loadable or built in
    BootConfig config_;
    std::vector<CmdlineSource> setting_files_;
    bool is_ours_ = false;
    std::vector<std::string> unlisted_modules_;
    std::vector<Problem> problems_;
    std::vector<Problem> conflicts_;
};

} // namespace mkpxerd::image
