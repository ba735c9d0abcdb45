// SPDX-License-Identifier: MIT
// First all settings by name, later ones replacing earlier ones, then each into its field.
#include "mkpxerd/contract/cmdline.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/foreign_options.hpp"
#include "mkpxerd/contract/place_forms.hpp"

namespace mkpxerd {
namespace {

using Setting = BootOptions::Setting;

// Everything that says "off" in mkinitfs' way.
constexpr std::string_view no = "no";

bool adds_up(std::string_view name) {
    return name == "ip" || name == "console";
}

void warn(BootOptions& options, std::string object, std::string text, std::string hint = {}) {
    options.warnings.push_back({std::move(object), std::move(text), std::move(hint), {}});
}

void keep(BootOptions& options, Setting setting) {
    std::erase_if(options.settings, [&](const Setting& earlier) {
        return earlier.name == setting.name && !(adds_up(setting.name) && earlier.origin == setting.origin);
    });
    options.settings.push_back(std::move(setting));
}

void take_word(BootOptions& options, const CommandLineWord& word, const std::string& origin) {
    const BootOption* known = find_boot_option(word.name);
    if (known == nullptr) {
        const bool of_a_module =
            word.name.find('.') != std::string::npos && !word.name.starts_with("mkpxerd.");
        const auto meant = of_a_module ? std::nullopt : nearest_boot_option(word.name);
        if (meant) warn(options, word.name, "unknown option", fmt::format("did you mean {}?", *meant));
        return;
    }
    if (known->support == BootOption::Support::Kernel) return;
    Setting setting{std::string(known->name), word.value.value_or(""), origin};
    if (known->form == BootOption::Form::Flag) {
        if (word.name != known->name)
            setting.value = no;
        else if (!word.value)
            setting.value = "yes";
        if (setting.name == "s" || setting.name == "1") setting.name = "single";
    }
    // The last of the two counts.
    if (setting.name == "ro" || setting.name == "rw")
        std::erase_if(options.settings, [](const Setting& s) { return s.name == "ro" || s.name == "rw"; });
    keep(options, std::move(setting));
}

// Options of other programs: nothing that they ask for is passed over in silence.
bool take_foreign(BootOptions& options, const CommandLineWord& word, const CommandLine& line,
                  const std::string& origin, Problems& problems) {
    const auto finding = judge_foreign_option(word, line.words);
    if (!finding) return false;
    if (finding->refused)
        problems.add(Problem{word.name, fmt::format("{} ({})", finding->text, origin),
                             std::string(finding->hint), Failure::ForeignOption});
    else
        warn(options, word.name, std::string(finding->text), std::string(finding->hint));
    return true;
}

void take_source(BootOptions& options, const CmdlineSource& source, Problems& problems) {
    const CommandLine line = split_command_line(source.text);
    if (line.open_quote)
        warn(options, source.origin, "a quote is not closed", "the line was cut off, or the quote mistyped");
    if (source.text.size() >= command_line_size - 1)
        warn(options, source.origin,
             fmt::format("{} characters long: many kernels cut it off", source.text.size()),
             "options can also stand in /etc/mkpxerd.d/*.conf of an appended archive");
    for (const CommandLineWord& word : line.words)
        if (!word.name.empty() && !take_foreign(options, word, line, source.origin, problems))
            take_word(options, word, source.origin);
    if (!line.init_args.empty()) options.init_arguments = line.init_args;
}

std::vector<std::string> comma_list(std::string_view value) {
    std::vector<std::string> items;
    for (const auto item : split(value, ','))
        if (!item.empty()) items.emplace_back(item);
    return items;
}

std::vector<std::string> words(std::string_view value) {
    const auto pieces = split_words(value);
    return {pieces.begin(), pieces.end()};
}

// "a,b:x=1:y=2"
std::vector<ModuleRequest> parse_modules(std::string_view value) {
    std::vector<ModuleRequest> requests;
    for (const std::string& item : comma_list(value)) {
        const auto pieces = split(item, ':');
        requests.push_back({std::string(pieces.front()),
                            fmt::format("{}", fmt::join(pieces.begin() + 1, pieces.end(), " "))});
    }
    return requests;
}

std::optional<int> parse_int(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "shell", "reboot", "reboot:10", "poweroff", "retry"
std::optional<OnFail> parse_on_fail(std::string_view value) {
    OnFail on_fail;
    if (value == "shell") {
        on_fail.kind = OnFail::Kind::Shell;
    } else if (value == "poweroff") {
        on_fail.kind = OnFail::Kind::PowerOff;
    } else if (value == "retry") {
        on_fail.kind = OnFail::Kind::Retry;
    } else if (value.starts_with("reboot:")) {
        const auto seconds = parse_int(value.substr(7));
        if (!seconds || *seconds < 0) return std::nullopt;
        on_fail.seconds = *seconds;
    } else if (value != "reboot") {
        return std::nullopt;
    }
    return on_fail;
}

// The settings by name, read once each; what is wrong with a value is gathered.
class SettingReader {
  public:
    explicit SettingReader(const std::vector<Setting>& settings) : settings_(settings) {}

    const Setting* find(std::string_view name) const {
        const auto found = std::find_if(settings_.begin(), settings_.end(),
                                        [&](const Setting& s) { return s.name == name; });
        return found == settings_.end() ? nullptr : &*found;
    }
    std::string text(std::string_view name, const std::string& otherwise = {}) const {
        const Setting* setting = find(name);
        return setting == nullptr || setting->value.empty() ? otherwise : setting->value;
    }
    std::vector<std::string> all(std::string_view name) const {
        std::vector<std::string> values;
        for (const Setting& setting : settings_)
            if (setting.name == name) values.push_back(setting.value);
        return values;
    }
    bool flag(std::string_view name) const {
        const std::string value = text(name, std::string(no));
        return value != no && value != "0" && value != "off";
    }
    template <class T>
    void number(std::string_view name, T& field) {
        const Setting* setting = find(name);
        if (setting == nullptr) return;
        const auto value = parse_number(setting->value);
        if (value && *value <= 0xffffffffU)
            field = static_cast<T>(*value);
        else
            refuse(*setting, "is not a number");
    }
    void refuse(const Setting& setting, std::string_view why) {
        problems_.add(Problem{fmt::format("{}={}", setting.name, setting.value),
                              fmt::format("{} ({})", why, setting.origin), "see docs/cmdline.md",
                              Failure::BadOption});
    }
    Result<void> finish() const { return problems_.finish(); }

  private:
    const std::vector<Setting>& settings_;
    Problems problems_;
};

void read_failure_options(BootOptions& options, SettingReader& settings) {
    // panic= says how long, as it does to the kernel: 0 waits for ever, below 0 does not wait.
    if (const Setting* panic = settings.find("panic")) {
        const auto seconds = parse_int(panic->value);
        if (!seconds) settings.refuse(*panic, "is not a number");
        options.on_fail.seconds = seconds.value_or(0) == 0 ? -1 : std::max(*seconds, 0);
        options.on_fail.shell = false;
    }
    if (const Setting* on_fail = settings.find("mkpxerd.onfail")) {
        const auto parsed = parse_on_fail(on_fail->value);
        if (!parsed) {
            settings.refuse(*on_fail, "is none of shell, reboot[:seconds], poweroff, retry");
        } else {
            options.on_fail.kind = parsed->kind;
            if (on_fail->value.starts_with("reboot:")) options.on_fail.seconds = parsed->seconds;
        }
    }
    if (const Setting* optional = settings.find("mkpxerd.optional"))
        for (const std::string& object : comma_list(optional->value)) {
            if (object != "apkovl" && object != "modloop" && object != "packages")
                settings.refuse(*optional, fmt::format("'{}' is none of apkovl, modloop, packages", object));
            options.optional_objects.insert(object);
        }
    options.log_host = settings.text("mkpxerd.log");
    options.report_url = settings.text("mkpxerd.report");
    options.quiet = settings.flag("quiet");
    options.debug = settings.flag("debug_init");
}

void read_sources(BootOptions& options, SettingReader& settings) {
    options.ip = settings.all("ip");
    options.bootif = settings.text("BOOTIF");
    options.proxy = settings.text("mkpxerd.proxy");
    options.root = settings.text("root");
    options.nfsroot = settings.text("nfsroot");
    if (const Setting* fetch = settings.find("fetch"); fetch != nullptr && !fetch->value.empty()) {
        if (!options.root.empty()) settings.refuse(*fetch, "and root= say two things");
        options.root = fetch->value;
    }
    options.rootfstype = settings.text("rootfstype");
    options.rootflags = settings.text("rootflags");
    if (const Setting* size = settings.find("root_size"))
        options.rootflags += fmt::format("{}size={}", options.rootflags.empty() ? "" : ",", size->value);
    options.read_write = settings.flag("rw");
    options.usrflags = settings.text("usrflags");
    options.overlay = settings.flag("overlaytmpfs");
    options.overlay_flags = settings.text("overlaytmpfsflags");
    options.apkovl = settings.text("apkovl");
    options.ovl_dev = settings.text("ovl_dev");
    options.alpine_dev = settings.text("alpine_dev");
    options.repositories = comma_list(settings.text("alpine_repo"));
    for (std::string& repository : options.repositories)
        repository = plain_scheme(repository); // apk knows lower case alone
    if (options.repositories == std::vector<std::string>{"auto"}) options.repositories.clear();
    options.modloop = settings.text("modloop");
    options.packages = comma_list(settings.text("pkgs"));
    options.ssh_key = settings.text("ssh_key");
    options.keep_apk_new = settings.flag("keep_apk_new");
    options.usr_merged = settings.flag("bootstrap_usr_merged");
    options.tiny_cloud = settings.find("ds") != nullptr || settings.flag("tinycloud");
}

void read_machine_options(BootOptions& options, SettingReader& settings) {
    options.modules = parse_modules(settings.text("modules"));
    options.blacklist = comma_list(settings.text("blacklist"));
    settings.number("uevent_buf_size", options.uevent_buffer);
    settings.number("usbdelay", options.device_delay);
    settings.number("mkpxerd.timeout", options.timeout);
    options.resume = settings.text("resume");
    options.resume_offset = settings.text("resume_offset");
    options.init = settings.text("init", options.init);
    if (const Setting* init = settings.find("init"); init != nullptr && !options.init.starts_with('/'))
        settings.refuse(*init, "is not an absolute path");
    options.init_args = words(settings.text("init_args"));
    options.autodetect_serial = settings.text("autodetect_serial") != no;
    options.single = settings.flag("single");
    for (const std::string& console : settings.all("console"))
        options.consoles.emplace_back(console.substr(0, console.find(',')));
}

} // namespace

Result<BootOptions> parse_boot_options(std::span<const CmdlineSource> sources) {
    BootOptions options;
    Problems problems;
    for (const CmdlineSource& source : sources)
        take_source(options, source, problems);
    std::vector<std::string> not_served;
    for (const Setting& setting : options.settings)
        if (find_boot_option(setting.name)->support == BootOption::Support::Named && setting.value != no)
            not_served.push_back(setting.name);
    if (!not_served.empty())
        warn(options, fmt::format("{}", fmt::join(not_served, ", ")),
             "known from mkinitfs, not served by this init yet");

    for (const Setting& setting : options.settings)
        if (setting.name == "autodetect_serial" && setting.value.starts_with("setconsole"))
            warn(options, "autodetect_serial=setconsole", "is not served: give console=");

    SettingReader settings(options.settings);
    read_failure_options(options, settings);
    read_sources(options, settings);
    read_machine_options(options, settings);
    if (const Result<void> read = settings.finish(); !read) problems.add(read.error());
    MKPXERD_TRY(problems.finish());
    return options;
}

OnFail parse_on_fail_options(std::span<const CmdlineSource> sources) {
    BootOptions options;
    Problems ignored; // the other reader tells
    for (const CmdlineSource& source : sources)
        take_source(options, source, ignored);
    SettingReader settings(options.settings);
    read_failure_options(options, settings);
    return options.on_fail;
}

} // namespace mkpxerd
