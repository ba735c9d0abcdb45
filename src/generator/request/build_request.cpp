// SPDX-License-Identifier: MIT
// Merges all sources into Settings, stronger over weaker, and interprets each setting.
#include "mkpxerd/generator/request/build_request.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/generator/request/output_settings.hpp"
#include "mkpxerd/generator/request/setting_reader.hpp"
#include "mkpxerd/generator/request/tree_files.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_features = 1000;                         // there are about sixty
constexpr std::size_t max_authority_bytes = std::size_t{16} << 20; // Mozilla's bundle has 200 KiB

Result<std::string> sha256_of(const TreePath& path) {
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(path));
    wrap::Sha256 hash;
    hash.update(file.bytes());
    return wrap::to_hex(hash.finish());
}

// Settings and command line -> the request, a function for each kind of setting.
class RequestReader {
  public:
    RequestReader(const CommandOptions& command, const Settings& settings)
        : command_(command), settings_(settings, command.basedir) {}

    Result<BuildRequest> read() {
        request_.basedir = tree("basedir", command_.basedir);
        request_.kernel_root = tree("kernel-root", request_.basedir);
        request_.kernel_version =
            command_.kernel_version.empty() ? settings_.text("kernel") : command_.kernel_version;
        request_.with_kernel = !settings_.flag("no-kernel");
        read_output_settings(settings_, command_.source_date_epoch, request_);
        read_init();
        request_.lenient = settings_.flag("lenient");
        request_.strict_firmware = settings_.flag("strict-firmware");
        request_.microcode = settings_.flag("ucode");
        request_.kmod_index = settings_.flag("kmod-index");
        request_.hardware = settings_.files("hardware");
        request_.prepend = settings_.files("prepend");
        request_.append = settings_.files("append");
        read_policy("firmware", firmware_words, request_.firmware);
        if (!settings_.text("modules").empty()) read_policy("modules", module_words, request_.modules);
        read_pins();
        read_features();
        read_custom_files();
        read_authorities();
        read_keys();
        read_extra_files();
        read_cmdline();
        return take();
    }
    Result<BuildRequest> read_output() {
        read_output_settings(settings_, command_.source_date_epoch, request_);
        return take();
    }

  private:
    Result<BuildRequest> take() {
        MKPXERD_TRY(settings_.problems().finish());
        return std::move(request_);
    }
    void problem(const std::string& key, std::string text, std::string hint = {}) {
        settings_.problems().add(settings_.origin(key).text(), std::move(text), std::move(hint));
    }

    // BASEDIR was checked before its configuration was read.
    fs::path tree(const std::string& key, const fs::path& otherwise) {
        const Setting* setting = settings_.find(key);
        if (setting == nullptr) return otherwise;
        if (setting->of_tree) {
            if (!clean_path(setting->value).empty())
                settings_.refuse_of_tree(key, "another tree",
                                         key == "basedir" ? "--basedir" : "--kernel-root");
            return command_.basedir;
        }
        if (!is_directory(setting->value)) problem(key, setting->value + " is not a directory");
        return setting->value;
    }

    void read_init() {
        request_.init_program = command_.init_program;
        if (const Setting* setting = settings_.find("init")) {
            request_.init_program = settings_.file(*setting, setting->value).value_or(TreePath());
            if (!may_be_program(request_.init_program))
                problem("init", request_.init_program.string() + " is not a program",
                        "/init is an ELF program, or a script that begins with #!");
        }
        if (request_.init_program == TreePath(command_.init_program))
            request_.plain_init_program = command_.init_program.parent_path() / "init-plain";
    }

    // words: in the order of the enumerators. Not set: the default of the request.
    template <class Policy>
    void read_policy(const std::string& key, std::string_view words, Policy& policy) {
        const std::string value = settings_.text(key);
        if (settings_.find(key) == nullptr) return;
        const auto known = split_words(words);
        const auto found = std::find(known.begin(), known.end(), value);
        if (found != known.end())
            policy = static_cast<Policy>(found - known.begin());
        else
            problem(key, fmt::format("'{}' is not one of {}", excerpt(value), fmt::join(known, ", ")));
    }

    // NAME=FILE or NAME=SHA256: the content that the init accepts for the object; root=any: not verified. The
    // last one for an object counts.
    void read_pins() {
        const Setting* setting = settings_.find("pin");
        const auto objects = split_words(pin_objects);
        std::map<std::string, std::string> wanted;
        for (const std::string& word : settings_.items("pin")) {
            const auto equals = word.find('=');
            const std::string name = word.substr(0, equals);
            if (equals == std::string::npos || equals + 1 == word.size() ||
                std::ranges::find(objects, name) == objects.end())
                problem("pin", fmt::format("'{}' is not OBJECT=FILE or OBJECT=SHA256", excerpt(word)),
                        fmt::format("objects are {}", fmt::join(objects, ", ")));
            else
                wanted[name] = word.substr(equals + 1);
        }
        for (const auto& [name, word] : wanted) {
            if (name == "root" && word == pin_any) {
                if (setting->of_tree)
                    problem("pin", "root=any would let a tree switch off verification",
                            "give --pin root=any on the command line");
                else
                    request_.pins[name] = pin_any;
            } else if (is_sha256(word)) {
                request_.pins[name] = to_lower(word);
            } else if (const auto place = settings_.file(*setting, word)) {
                const auto hash = sha256_of(*place);
                if (hash)
                    request_.pins[name] = *hash;
                else
                    settings_.problems().add(hash.error());
            }
        }
    }

    void add_features(const std::string& key) {
        const Setting* setting = settings_.find(key);
        const std::string names = settings_.text(key);
        std::size_t at = 0;
        for (const auto name : split_words(names)) {
            const bool is_own = setting->origins.empty() || at >= setting->origins.size();
            const Origin& origin = is_own ? setting->origin : setting->origins[at++];
            if (name.starts_with('+'))
                settings_.problems().add(origin.text(),
                                         fmt::format("'{}' adds, but the other names replace", excerpt(name)),
                                         "write + before all names of -F, or add-features: in a profile");
            request_.features.push_back({.name = std::string(name), .origin = origin});
        }
    }

    void read_features() {
        add_features("features");
        add_features("add-features");
        if (request_.features.size() > max_features) {
            problem("features",
                    fmt::format("{} features, more than {}", request_.features.size(), max_features));
            request_.features.clear();
            return;
        }
        if (request_.features.empty()) problem("features", "no features", "an image needs at least 'base'");
        for (auto dir = command_.feature_dirs.rbegin(); dir != command_.feature_dirs.rend(); ++dir) {
            if (!is_directory(*dir))
                settings_.problems().add("--feature-dir",
                                         fmt::format("{} is not a directory", dir->string()));
            request_.feature_dirs.push_back(*dir);
        }
        request_.feature_dirs.push_back({request_.basedir, "etc/mkinitfs/features.d"});
        request_.feature_dirs.push_back({request_.basedir, "etc/mkpxerd/features.d"});
        request_.feature_dirs.push_back(command_.data_dir / "features.d");
        request_.undeclared_firmware = command_.data_dir / "firmware.d/undeclared.list";
    }

    void read_custom_files() {
        const std::string files = settings_.text("files");
        for (const auto file : split_words(files))
            request_.custom_files.push_back({.glob = clean_path(file), .origin = settings_.origin("files")});
    }

    void read_authorities() {
        for (const TreePath& authority : settings_.files("ca")) {
            const auto text = read_file(authority, max_authority_bytes);
            if (!text)
                settings_.problems().add(text.error());
            else if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
                settings_.problems().add(authority.string(), "contains no certificate in PEM form");
            else
                request_.authorities += text->ends_with('\n') ? *text : *text + '\n';
        }
    }

    // Keeps the mode, so that a private file stays recognisable; the owner can always read it.
    void add_extra(const std::string& key, const TreePath& source, std::string path) {
        struct stat st {};
        const UniqueFd file = source.try_open(O_PATH);
        if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode))
            return problem(key, source.string() + " is not a file");
        request_.extra_files.push_back({.source = source,
                                        .path = std::move(path),
                                        .mode = (st.st_mode & 0777U) | 0600U,
                                        .origin = settings_.origin(key)});
    }

    // The content is checked with all other keys of the image.
    void read_keys() {
        std::set<std::string> names;
        for (const TreePath& key : settings_.files("key")) {
            const std::string name = fs::path(key.string()).filename().string();
            if (names.insert(name).second)
                add_extra("key", key, fmt::format("{}/{}", key_directory, name));
            else
                problem("key", fmt::format("two keys have the name '{}'", excerpt(name)),
                        "rename one of them");
        }
    }

    void add_fstab(const TreePath& source) {
        if (!may_be_text(source))
            return problem("fstab", source.string() + " is not a text",
                           "-f adds a file as /etc/fstab, -o writes an image");
        add_extra("fstab", source, "etc/fstab");
    }

    void read_extra_files() {
        if (const Setting* fstab = settings_.find("fstab"))
            if (const auto place = settings_.file(*fstab, fstab->value)) add_fstab(*place);
        if (const Setting* signature = settings_.find("modloop-signature"))
            if (const auto place = settings_.file(*signature, signature->value))
                add_extra("modloop-signature", *place,
                          "var/cache/misc/" + fs::path(signature->value).filename().string());
        if (!settings_.flag("hostkeys")) return;
        settings_.refuse_of_tree("hostkeys", "the keys of this machine", "-K");
        // Of two keys with the same name, the system's counts.
        const Sysroot host("/");
        const Sysroot system(request_.basedir);
        for (const std::string& key : host.glob("etc/apk/keys/*", settings_.problems())) {
            const auto own = system.resolve(key);
            add_extra("hostkeys", own ? system.file(own->path) : host.file(key), key);
        }
    }

    void read_cmdline() {
        request_.cmdline = settings_.text("cmdline");
        request_.cmdline_origin = settings_.origin("cmdline");
        if (std::any_of(request_.cmdline.begin(), request_.cmdline.end(), [](char c) {
                return c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
            }))
            problem("cmdline", "the options must be a single line without control characters");
    }

    const CommandOptions& command_;
    SettingReader settings_;
    BuildRequest request_;
};

} // namespace

Result<BuildRequest> load_request(const CommandOptions& command, SettingsRecord* record) {
    if (!is_directory(command.basedir))
        return fail("--basedir", command.basedir.string() + " is not a directory");
    SettingsRecord own;
    SettingsRecord& read = record != nullptr ? *record : own;
    MKPXERD_TRY_ASSIGN(const Settings settings, load_settings(command, &read));
    MKPXERD_TRY_ASSIGN(BuildRequest request, RequestReader(command, settings).read());
    request.profile = read.profile;
    request.warnings = read.warnings;
    return request;
}

Result<BuildRequest> load_output_request(const CommandOptions& command) {
    const Settings settings = command_line_settings(command);
    return RequestReader(command, settings).read_output();
}

} // namespace mkpxerd::generator
