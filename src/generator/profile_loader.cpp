// SPDX-License-Identifier: MIT
// All sources become Settings, are laid over each other, and are given a meaning in one place.
#include "mkpxerd/generator/profile_loader.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/settings.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

constexpr const char* default_profile = "network"; // neither profile nor configuration: what mkpxerd is for
constexpr unsigned most_extends = 8;

std::vector<fs::path> profile_folders(const CommandOptions& command) {
    return {command.basedir / "etc/mkpxerd/profiles", command.data_dir / "profiles"};
}

Result<fs::path> find_profile(const CommandOptions& command, const std::string& name, const Origin& origin) {
    if (name.find('/') != std::string::npos || name.ends_with(".yaml")) return fs::path(name);
    for (const fs::path& folder : profile_folders(command)) {
        MKPXERD_TRY_ASSIGN(const bool there, is_there(folder / (name + ".yaml")));
        if (there) return folder / (name + ".yaml");
    }
    std::vector<std::string> names;
    for (const auto& [known, file] : known_profiles(command))
        names.push_back(known);
    const auto near = nearest(name, names);
    return fail(origin.text(), fmt::format("unknown profile '{}'", name),
                near ? fmt::format("did you mean '{}'?", *near) : "mkpxerd -L lists all profiles");
}

// The profile and those that it extends, laid over each other.
Result<Settings> load_profile(const CommandOptions& command, std::string name, Origin origin) {
    Settings settings;
    for (unsigned depth = 0; !name.empty(); ++depth) {
        if (depth >= most_extends)
            return fail(origin.text(),
                        fmt::format("'{}' extends itself, or more than {} others", name, most_extends));
        MKPXERD_TRY_ASSIGN(const fs::path file, find_profile(command, name, origin));
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
        MKPXERD_TRY_ASSIGN(Profile profile, parse_profile(text, file.string()));
        settings.merge(profile.settings); // what is there already is stronger
        name = profile.extends;
        origin = profile.extends_origin;
    }
    return settings;
}

Settings command_line_settings(const CommandOptions& command) {
    Settings settings;
    for (const auto& [key, value] : command.settings) {
        Setting& setting = settings[key];
        setting.value = value;
        setting.origin = {"--" + key, 0};
        setting.items.push_back(value);
    }
    return settings;
}

Result<Settings> load_settings(const CommandOptions& command) {
    Settings settings = command_line_settings(command);
    // A profile asked for by name stands in for the system's configuration; -c brings one in all the same.
    const fs::path usual = command.basedir / "etc/mkinitfs/mkinitfs.conf";
    std::string profile = command.profile;
    bool configured_by_file = command.config.has_value();
    if (!configured_by_file && profile.empty()) {
        // One that is there and cannot be read must not make room for the default profile.
        MKPXERD_TRY_ASSIGN(configured_by_file, is_there(usual));
    }
    if (configured_by_file) {
        const fs::path file = command.config.value_or(usual);
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
        MKPXERD_TRY_ASSIGN(Settings configured, parse_mkinitfs_conf(text, file.string()));
        settings.merge(configured);
    }
    if (profile.empty() && !settings.contains("features")) profile = default_profile;
    if (!profile.empty()) {
        MKPXERD_TRY_ASSIGN(Settings profiled, load_profile(command, profile, {"--profile", 0}));
        settings.merge(profiled);
    }
    return settings;
}

// A SHA-256 itself, or that of a file.
Result<std::string> sha256_of(const std::string& word) {
    const bool hexadecimal = word.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (word.size() == 64 && hexadecimal) return to_lower(word);
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(word));
    wrap::Sha256 hash;
    hash.update(file.bytes());
    return wrap::to_hex(hash.finish());
}

// Gives each setting its meaning.
class Interpreter {
  public:
    Interpreter(const CommandOptions& command, const Settings& settings)
        : command_(command), settings_(settings) {}

    Result<BuildRequest> run() {
        request_.basedir = text("basedir", command_.basedir.string());
        request_.kernel_root = text("kernel-root", request_.basedir.string());
        trees();
        request_.kernel_version =
            command_.kernel_version.empty() ? text("kernel", "") : command_.kernel_version;
        request_.with_kernel = !flag("no-kernel");
        written();
        request_.profile = command_.profile;
        request_.init_program = text("init", command_.init_program.string());
        if (request_.init_program == command_.init_program)
            request_.plain_init_program = command_.init_program.parent_path() / "init-plain";
        request_.cmdline = text("cmdline", "");
        request_.lenient = flag("lenient");
        request_.strict_firmware = flag("strict-firmware");
        request_.microcode = flag("ucode");
        request_.kmod_index = flag("kmod-index");
        request_.hardware = paths("hardware");
        request_.prepend = paths("prepend");
        request_.append = paths("append");
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
        request_.output = text("output", "");
        request_.allow_secrets = flag("allow-secrets");
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
    std::vector<TreePath> paths(const std::string& key) const {
        const auto texts = items(key);
        return {texts.begin(), texts.end()};
    }

    // The one of -b was looked at before its configuration was read.
    void trees() {
        const auto check = [&](const std::string& key, const fs::path& tree) {
            if (find(key) != nullptr && !is_folder(tree))
                problems_.add(origin(key).text(), tree.string() + " is not a folder");
        };
        check("basedir", request_.basedir);
        check("kernel-root", request_.kernel_root);
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
            problems_.add(origin("firmware").text(), fmt::format("'{}' is none of net, all, none", policy));
    }

    void modules() {
        const std::string policy = text("modules", "");
        if (policy == "keep")
            request_.modules = ModulePolicy::Keep;
        else if (policy == "plain")
            request_.modules = ModulePolicy::Plain;
        else if (!policy.empty())
            problems_.add(origin("modules").text(), fmt::format("'{}' is none of keep, plain", policy));
    }

    void mode() {
        const std::string value = text("mode", "");
        if (value.empty()) return;
        unsigned bits = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits, 8);
        if (error != std::errc{} || end != value.data() + value.size() || bits > 0777)
            problems_.add(origin("mode").text(), fmt::format("'{}' is not a file mode", value),
                          "for example 0644");
        else
            request_.mode = bits;
    }

    // Bytes, or with a unit: 20M, 512K, 1G (powers of 1024, as dd and truncate have them).
    void max_size() {
        const std::string value = text("max-size", "");
        if (value.empty()) return;
        std::string_view digits = value;
        unsigned shift = 0;
        for (const auto& [unit, bits] : {std::pair{'K', 10U}, std::pair{'M', 20U}, std::pair{'G', 30U}})
            if (digits.ends_with(unit)) shift = bits;
        if (shift != 0) digits.remove_suffix(1);
        const auto number = parse_number(digits);
        if (!number || *number == 0 || *number > (std::uint64_t{1} << 40 >> shift))
            problems_.add(origin("max-size").text(), fmt::format("'{}' is not a size", value),
                          "for example 20M");
        else
            request_.max_size = *number << shift;
    }

    // NAME=FILE or NAME=SHA256: what init must find when it fetches the object.
    void pins() {
        for (const std::string& word : items("pin")) {
            const auto equals = word.find('=');
            const std::string name = word.substr(0, equals);
            if (equals == std::string::npos || equals + 1 == word.size() ||
                (name != "apkovl" && name != "modloop" && name != "root")) {
                problems_.add(origin("pin").text(),
                              fmt::format("'{}' is not OBJECT=FILE or OBJECT=SHA256", word),
                              "objects are apkovl, modloop, root");
                continue;
            }
            const auto hash = sha256_of(word.substr(equals + 1));
            if (hash)
                request_.pins[name] = *hash;
            else
                problems_.add(hash.error());
        }
    }

    void features() {
        const std::string names = text("features", "");
        for (const auto name : split_words(names))
            request_.features.push_back({std::string(name), origin("features")});
        if (request_.features.empty())
            problems_.add(origin("features").text(), "no features", "an image needs at least 'base'");
        for (auto dir = command_.feature_dirs.rbegin(); dir != command_.feature_dirs.rend(); ++dir) {
            if (!is_folder(*dir))
                problems_.add("--feature-dir", fmt::format("{} is not a folder", dir->string()));
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
        for (const TreePath& authority : paths("ca")) {
            const auto text = read_file(authority);
            if (!text)
                problems_.add(text.error());
            else if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
                problems_.add(authority.string(), "holds no certificate in PEM form");
            else
                request_.authorities += text->ends_with('\n') ? *text : *text + '\n';
        }
        if (const Setting* fstab = find("fstab")) extra("fstab", fstab->value, "etc/fstab");
        if (const Setting* signature = find("modloop-signature"))
            extra("modloop-signature", signature->value,
                  "var/cache/misc/" + fs::path(signature->value).filename().string());
        if (!flag("hostkeys")) return;
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
            problems_.add(origin("compression").text(), fmt::format("unknown compression '{}'", name),
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
            problems_.add(origin(key).text(), fmt::format("'{}' is not a compression level", level));
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

std::vector<std::pair<std::string, fs::path>> known_profiles(const CommandOptions& command) {
    std::vector<std::pair<std::string, fs::path>> profiles;
    for (const fs::path& folder : profile_folders(command)) {
        std::error_code error;
        for (fs::directory_iterator item(folder, error), end; !error && item != end; item.increment(error))
            if (item->path().extension() == ".yaml")
                profiles.emplace_back(item->path().stem().string(), item->path());
    }
    std::stable_sort(profiles.begin(), profiles.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return profiles;
}

Result<BuildRequest> ProfileLoader::load(const CommandOptions& command) const {
    if (!is_folder(command.basedir)) return fail("--basedir", command.basedir.string() + " is not a folder");
    MKPXERD_TRY_ASSIGN(const Settings settings, load_settings(command));
    return Interpreter(command, settings).run();
}

Result<BuildRequest> ProfileLoader::load_output(const CommandOptions& command) const {
    const Settings settings = command_line_settings(command);
    return Interpreter(command, settings).run_output();
}

} // namespace mkpxerd::generator
