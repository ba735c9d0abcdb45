// SPDX-License-Identifier: MIT
// All sources become Settings, are laid over each other, and are given a meaning in one place.
#include "mkpxerd/generator/request/profile_loader.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <sys/stat.h>

#include "mkpxerd/base/byte_size.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/generator/request/settings.hpp"
#include "mkpxerd/generator/request/tree_files.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

constexpr unsigned usual_mode = 0644;
constexpr std::size_t most_features = 1000;                         // there are some sixty
constexpr std::size_t most_files_of_tree = 100;                     // in one list
constexpr std::size_t most_authority_bytes = std::size_t{16} << 20; // all of Mozilla's have 200 KiB

Result<std::string> sha256_of(const TreePath& path) {
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(path));
    wrap::Sha256 hash;
    hash.update(file.bytes());
    return wrap::to_hex(hash.finish());
}

// Gives each setting its meaning.
class Interpreter {
  public:
    Interpreter(const CommandOptions& command, const Settings& settings)
        : command_(command), settings_(settings), tree_(command.basedir) {}

    Result<BuildRequest> run() {
        request_.basedir = tree("basedir", command_.basedir);
        request_.kernel_root = tree("kernel-root", request_.basedir);
        request_.kernel_version =
            command_.kernel_version.empty() ? text("kernel", "") : command_.kernel_version;
        request_.with_kernel = !flag("no-kernel");
        written();
        request_.profile = command_.profile;
        init();
        request_.cmdline = text("cmdline", "");
        request_.lenient = flag("lenient");
        request_.strict_firmware = flag("strict-firmware");
        request_.microcode = flag("ucode");
        request_.kmod_index = flag("kmod-index");
        request_.hardware = files("hardware");
        request_.prepend = files("prepend");
        request_.append = files("append");
        firmware();
        modules();
        pins();
        features();
        custom_files();
        extra_files();
        if (std::any_of(request_.cmdline.begin(), request_.cmdline.end(), [](char c) {
                return c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
            }))
            problems_.add(origin("cmdline").text(),
                          "the options must stand in one line, without control characters");
        return take();
    }
    Result<BuildRequest> run_output() {
        written();
        return take();
    }

  private:
    Result<BuildRequest> take() {
        MKPXERD_TRY(problems_.finish());
        return std::move(request_);
    }
    // The file, whatever goes in.
    void written() {
        output();
        request_.allow_secrets = flag("allow-secrets");
        if (request_.allow_secrets)
            refuse_of_tree("allow-secrets", "secrets for others to read", "--allow-secrets");
        mode();
        max_size();
        compression();
        epoch();
    }
    const Setting* find(const std::string& key) const {
        const auto found = settings_.find(key);
        return found == settings_.end() ? nullptr : &found->second;
    }
    std::string text(const std::string& key, const std::string& otherwise) const {
        const Setting* setting = find(key);
        return setting != nullptr ? setting->value : otherwise;
    }
    Origin origin(const std::string& key) const {
        const Setting* setting = find(key);
        return setting != nullptr ? setting->origin : Origin{};
    }
    // mkinitfs takes any text as yes; a profile reads better with words.
    bool flag(const std::string& key) const {
        const std::string value = text(key, "");
        return !value.empty() && value != "no" && value != "false" && value != "0";
    }

    // The texts of a list as they are; one text is split at blanks.
    std::vector<std::string> items(const std::string& key) const {
        const Setting* setting = find(key);
        if (setting == nullptr) return {};
        if (!setting->items.empty()) return setting->items;
        const auto words = split_words(setting->value);
        return {words.begin(), words.end()};
    }
    // Where a file lies that a setting names. Whether there is one is seen when it is read, but for those of
    // a tree. nullopt: a problem was noted.
    std::optional<TreePath> file(const Setting& setting, const std::string& named) {
        if (!setting.of_tree) return TreePath(named);
        auto found = file_of_tree(tree_, named, setting.origin);
        if (found) return std::move(*found);
        problems_.add(found.error());
        return std::nullopt;
    }
    // A tree could name one large file as often as its settings have room for.
    std::vector<TreePath> files(const std::string& key) {
        std::vector<TreePath> found;
        const Setting* setting = find(key);
        const auto all = items(key);
        if (setting != nullptr && setting->of_tree && all.size() > most_files_of_tree) {
            problems_.add(setting->origin.text(),
                          fmt::format("{} files, more than {}", all.size(), most_files_of_tree));
            return found;
        }
        for (const std::string& named : all) {
            auto place = file(*setting, named);
            if (!place) continue;
            if (setting->of_tree && std::find(found.begin(), found.end(), *place) != found.end())
                problems_.add(setting->origin.text(), fmt::format("'{}' is named twice", excerpt(named)));
            else
                found.push_back(std::move(*place));
        }
        return found;
    }

    // What a tree may not ask for, as it is not its own to give.
    void refuse_of_tree(const std::string& key, const char* what, const char* option) {
        if (find(key)->of_tree)
            problems_.add(origin(key).text(), fmt::format("a tree cannot ask for {}", what),
                          fmt::format("say {} on the command line, if that is meant", option));
    }

    // The one of -b was looked at before its configuration was read.
    fs::path tree(const std::string& key, const fs::path& otherwise) {
        const Setting* setting = find(key);
        if (setting == nullptr) return otherwise;
        if (setting->of_tree) {
            if (!clean_path(setting->value).empty())
                refuse_of_tree(key, "another tree than itself",
                               key == "basedir" ? "--basedir" : "--kernel-root");
            return command_.basedir;
        }
        if (!is_directory(setting->value))
            problems_.add(setting->origin.text(), setting->value + " is not a directory");
        return setting->value;
    }

    void init() {
        request_.init_program = command_.init_program;
        if (const Setting* setting = find("init"))
            request_.init_program = file(*setting, setting->value).value_or(TreePath());
        if (request_.init_program == TreePath(command_.init_program))
            request_.plain_init_program = command_.init_program.parent_path() / "init-plain";
    }

    void output() {
        const Setting* setting = find("output");
        if (setting == nullptr) return;
        if (setting->of_tree)
            request_.output_of_tree = TreeOutput{tree_.root(), setting->value, setting->origin};
        else
            request_.output = setting->value;
    }

    void firmware() {
        const std::string policy = text("firmware", "all");
        if (policy == "all")
            request_.firmware = FirmwarePolicy::All;
        else if (policy == "net")
            request_.firmware = FirmwarePolicy::Network;
        else if (policy == "none")
            request_.firmware = FirmwarePolicy::None;
        else
            problems_.add(origin("firmware").text(),
                          fmt::format("'{}' is none of net, all, none", excerpt(policy)));
    }

    void modules() {
        const std::string policy = text("modules", "");
        if (policy == "keep")
            request_.modules = ModulePolicy::Keep;
        else if (policy == "plain")
            request_.modules = ModulePolicy::Plain;
        else if (!policy.empty())
            problems_.add(origin("modules").text(),
                          fmt::format("'{}' is none of keep, plain", excerpt(policy)));
    }

    void mode() {
        const std::string value = text("mode", "");
        if (value.empty()) return;
        unsigned bits = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits, 8);
        if (error != std::errc{} || end != value.data() + value.size() || bits > 0777)
            problems_.add(origin("mode").text(), fmt::format("'{}' is not a file mode", excerpt(value)),
                          "for example 0644");
        else
            request_.mode = bits;
        if (request_.mode && (bits & ~usual_mode) != 0)
            refuse_of_tree("mode", "more than mode 0644", "--mode");
    }

    void max_size() {
        const std::string value = text("max-size", "");
        if (value.empty()) return;
        const auto size = parse_size(value);
        if (!size || *size == 0)
            problems_.add(origin("max-size").text(), fmt::format("'{}' is not a size", excerpt(value)),
                          "for example 20M");
        else
            request_.max_size = *size;
    }

    // NAME=FILE or NAME=SHA256: what init must find when it fetches the object; root=any: it cannot be
    // verified. Of several the last counts.
    void pins() {
        const Setting* setting = find("pin");
        std::map<std::string, std::string> wanted;
        for (const std::string& word : items("pin")) {
            const auto equals = word.find('=');
            const std::string name = word.substr(0, equals);
            if (equals == std::string::npos || equals + 1 == word.size() ||
                (name != "apkovl" && name != "modloop" && name != "root"))
                problems_.add(origin("pin").text(),
                              fmt::format("'{}' is not OBJECT=FILE or OBJECT=SHA256", excerpt(word)),
                              "objects are apkovl, modloop, root");
            else
                wanted[name] = word.substr(equals + 1);
        }
        for (const auto& [name, word] : wanted) {
            if (name == "root" && word == pin_any) {
                if (setting->of_tree)
                    problems_.add(origin("pin").text(), "root=any would have a tree say what is not verified",
                                  "give --pin root=any on the command line");
                else
                    request_.pins[name] = pin_any;
            } else if (is_sha256(word)) {
                request_.pins[name] = to_lower(word);
            } else if (const auto place = file(*setting, word)) {
                const auto hash = sha256_of(*place);
                if (hash)
                    request_.pins[name] = *hash;
                else
                    problems_.add(hash.error());
            }
        }
    }

    void features() {
        const std::string names = text("features", "");
        for (const auto name : split_words(names))
            request_.features.push_back({std::string(name), origin("features")});
        if (request_.features.size() > most_features) {
            problems_.add(origin("features").text(),
                          fmt::format("{} features, more than {}", request_.features.size(), most_features));
            request_.features.clear();
            return;
        }
        if (request_.features.empty())
            problems_.add(origin("features").text(), "no features", "an image needs at least 'base'");
        for (auto dir = command_.feature_dirs.rbegin(); dir != command_.feature_dirs.rend(); ++dir) {
            if (!is_directory(*dir))
                problems_.add("--feature-dir", fmt::format("{} is not a directory", dir->string()));
            request_.feature_dirs.push_back(*dir);
        }
        request_.feature_dirs.push_back({request_.basedir, "etc/mkinitfs/features.d"});
        request_.feature_dirs.push_back({request_.basedir, "etc/mkpxerd/features.d"});
        request_.feature_dirs.push_back(command_.data_dir / "features.d");
        request_.undeclared_firmware = command_.data_dir / "firmware.d/undeclared.list";
    }

    void custom_files() {
        const std::string files = text("files", "");
        for (const auto file : split_words(files))
            request_.custom_files.push_back({clean_path(file), false, {}, origin("files")});
    }

    // The mode comes along, so that what others may not read stays known as such; the owner can always read.
    void extra(const std::string& key, const TreePath& source, std::string path) {
        struct stat st {};
        const UniqueFd file = source.try_open(O_PATH);
        if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode))
            return problems_.add(origin(key).text(), source.string() + " is not a file");
        const unsigned mode = (st.st_mode & 0777U) | 0600U;
        request_.extra_files.push_back({source, std::move(path), mode, origin(key)});
    }

    void extra_files() {
        for (const TreePath& authority : files("ca")) {
            const auto text = read_file(authority, most_authority_bytes);
            if (!text)
                problems_.add(text.error());
            else if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
                problems_.add(authority.string(), "holds no certificate in PEM form");
            else
                request_.authorities += text->ends_with('\n') ? *text : *text + '\n';
        }
        if (const Setting* fstab = find("fstab"))
            if (const auto place = file(*fstab, fstab->value)) extra("fstab", *place, "etc/fstab");
        if (const Setting* signature = find("modloop-signature"))
            if (const auto place = file(*signature, signature->value))
                extra("modloop-signature", *place,
                      "var/cache/misc/" + fs::path(signature->value).filename().string());
        if (!flag("hostkeys")) return;
        refuse_of_tree("hostkeys", "the keys of this machine", "-K");
        // Of two keys with one name the system's counts.
        const Sysroot host("/");
        const Sysroot system(request_.basedir);
        for (const std::string& key : host.glob("etc/apk/keys/*", problems_)) {
            const auto own = system.resolve(key);
            extra("hostkeys", own ? system.file(own->path) : host.file(key), key);
        }
    }

    void compression() {
        const std::string name = text("compression", "gzip");
        const auto format = wrap::parse_format(name);
        if (!format) {
            problems_.add(origin("compression").text(),
                          fmt::format("unknown compression '{}'", excerpt(name)),
                          "one of gzip, xz, zstd, lz4, none");
            return;
        }
        request_.compression.format = *format;
        const std::string own = "level-" + name;
        const std::string key = find("level") != nullptr ? "level" : own;
        // mkinitfs writes levels as options of the program: complevel_gzip=-9.
        const std::string value = text(key, "");
        std::string_view level = trim(value);
        if (level.starts_with('-')) level.remove_prefix(1);
        if (level.empty()) return;
        const auto number = parse_number(level);
        const auto [lowest, highest, standard] = wrap::level_range(*format);
        if (!number || *number > 100)
            problems_.add(origin(key).text(), fmt::format("'{}' is not a compression level", excerpt(level)));
        else if (*format == wrap::Format::None)
            problems_.add(origin(key).text(), "there are no levels without compression");
        else if (const int chosen = static_cast<int>(*number); chosen < lowest || chosen > highest)
            problems_.add(origin(key).text(),
                          fmt::format("{} has levels {} to {}, not {}", name, lowest, highest, chosen));
        else
            request_.compression.level = chosen;
    }

    void epoch() {
        if (command_.source_date_epoch.empty()) return;
        const auto seconds = parse_number(command_.source_date_epoch);
        if (!seconds || *seconds > std::numeric_limits<std::uint32_t>::max())
            problems_.add("SOURCE_DATE_EPOCH",
                          fmt::format("'{}' is not a time that cpio can hold", command_.source_date_epoch),
                          "seconds since 1970, at most 4294967295");
        else
            request_.epoch = static_cast<std::int64_t>(*seconds);
    }

    const CommandOptions& command_;
    const Settings& settings_;
    const Sysroot tree_; // whose configuration and profiles may be among the settings
    BuildRequest request_;
    Problems problems_;
};

} // namespace

const std::vector<std::string>& setting_keys() {
    static const std::vector<std::string> keys = {
        "allow-secrets",   "append",     "basedir",  "ca",         "cmdline",
        "compression",     "features",   "files",    "firmware",   "fstab",
        "hardware",        "hostkeys",   "init",     "kernel",     "kernel-root",
        "kmod-index",      "lenient",    "level",    "level-gzip", "level-lz4",
        "level-xz",        "level-zstd", "max-size", "mode",       "modloop-signature",
        "modules",         "no-kernel",  "output",   "pin",        "prepend",
        "strict-firmware", "ucode",
    };
    return keys;
}

Result<BuildRequest> ProfileLoader::load(const CommandOptions& command) const {
    if (!is_directory(command.basedir))
        return fail("--basedir", command.basedir.string() + " is not a directory");
    MKPXERD_TRY_ASSIGN(const Settings settings, load_settings(command));
    return Interpreter(command, settings).run();
}

Result<BuildRequest> ProfileLoader::load_output(const CommandOptions& command) const {
    const Settings settings = command_line_settings(command);
    return Interpreter(command, settings).run_output();
}

} // namespace mkpxerd::generator
