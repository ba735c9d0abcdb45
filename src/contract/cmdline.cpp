// SPDX-License-Identifier: MIT
// First all settings by name, later ones replacing earlier ones, then each into the field that the table
// names.
#include "mkpxerd/contract/cmdline.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/foreign_options.hpp"
#include "option_readers.hpp"

namespace mkpxerd {
namespace {

void warn(BootOptions& options, std::string object, std::string text, std::string hint = {}) {
    options.warnings.push_back(
        {.object = std::move(object), .text = std::move(text), .hint = std::move(hint)});
}

void keep(BootOptions& options, const BootOption& option, BootSetting setting) {
    std::erase_if(options.settings, [&](const BootSetting& earlier) {
        const bool is_both = option.adds_up && earlier.origin == setting.origin;
        const bool is_opposite =
            earlier.name == option.opposite_of || find_boot_option(earlier.name)->opposite_of == option.name;
        return is_opposite || (earlier.name == setting.name && !is_both);
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
    if (known->support == BootOption::Support::Others) return;
    BootSetting setting{.name = std::string(known->name), .value = word.value.value_or(""), .origin = origin};
    if (can_be_switched(*known)) {
        if (word.name != known->name)
            setting.value = "no";
        else if (!word.value)
            setting.value = "yes";
        if (!known->same_as.empty()) setting.name = known->same_as;
    }
    keep(options, *known, std::move(setting));
}

// Options of other programs: none is ignored silently.
bool take_foreign(BootOptions& options, const CommandLineWord& word, const CommandLine& line,
                  const std::string& origin, Problems& problems) {
    const auto finding = judge_foreign_option(word, line.words);
    if (!finding) return is_foreign_option(word.name); // it is fine here, and no misspelt option of ours
    if (finding->refused)
        problems.add({.object = word.name,
                      .text = fmt::format("{} ({})", finding->text, origin),
                      .hint = std::string(finding->hint),
                      .code = Failure::ForeignOption});
    else
        warn(options, word.name, std::string(finding->text), std::string(finding->hint));
    return true;
}

void take_source(BootOptions& options, const CmdlineSource& source, Problems& problems) {
    const CommandLine line = split_command_line(source.text);
    if (line.open_quote)
        warn(options, source.origin, "a quote is not closed", "the line was cut off, or the quote mistyped");
    // A longer text does not come from the kernel.
    if (source.text.size() == command_line_size - 1)
        warn(options, source.origin,
             fmt::format("{} characters long: many kernels cut it off", source.text.size()),
             "options can also be put into /etc/mkpxerd.d/*.conf of an appended archive");
    for (const CommandLineWord& word : line.words)
        if (!word.name.empty() && !take_foreign(options, word, line, source.origin, problems))
            take_word(options, word, source.origin);
    if (!line.init_args.empty()) options.init_arguments = line.init_args;
}

// Puts values into the fields that the table binds them to; empty: the value is fine.
struct FieldReader {
    const BootSetting& setting;
    const BootOption& option;
    BootOptions& options;

    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(OptionReader read) const { return read(setting, options); }
    std::string operator()(std::string BootOptions::*field) const {
        if (!setting.value.empty()) options.*field = setting.value;
        return {};
    }
    std::string operator()(bool BootOptions::*field) const {
        options.*field = !is_off(setting.value);
        return {};
    }
    std::string operator()(std::vector<std::string> BootOptions::*field) const {
        if (option.adds_up)
            (options.*field).push_back(setting.value);
        else
            options.*field = comma_list(setting.value);
        return {};
    }
    // Within the bound of the option, which begins at 0 or above.
    std::string operator()(unsigned BootOptions::*field) const {
        options.*field = static_cast<unsigned>(parse_number(setting.value).value_or(options.*field));
        return {};
    }
    std::string operator()(std::uint64_t BootOptions::*field) const {
        options.*field = parse_number(setting.value).value_or(options.*field);
        return {};
    }
};

std::string read_setting(const BootSetting& setting, const BootOption& option, BootOptions& options) {
    const bool is_number = option.form == BootOption::Form::Number;
    std::string refused = is_number ? option.bound.refusal(setting.value) : "";
    // A panic= takes the shell away, whatever its number is.
    if (!refused.empty() && !std::holds_alternative<OptionReader>(option.field)) return refused;
    std::string found =
        std::visit(FieldReader{.setting = setting, .option = option, .options = options}, option.field);
    return refused.empty() ? found : refused;
}

// In the order of the table.
void read_settings(BootOptions& options, Problems& problems) {
    for (const BootOption& option : boot_options())
        for (const BootSetting& setting : options.settings) {
            if (setting.name != option.name) continue;
            const std::string refused = read_setting(setting, option, options);
            if (!refused.empty())
                problems.add({.object = fmt::format("{}={}", setting.name, setting.value),
                              .text = fmt::format("{} ({})", refused, setting.origin),
                              .hint = "see docs/cmdline.md",
                              .code = Failure::BadOption});
        }
}

void warn_about_unsupported(BootOptions& options) {
    std::vector<std::string_view> names;
    for (const BootSetting& setting : options.settings)
        if (find_boot_option(setting.name)->support == BootOption::Support::Known && setting.value != "no")
            names.emplace_back(setting.name);
    if (!names.empty())
        warn(options, fmt::format("{}", fmt::join(names, ", ")),
             "known from mkinitfs, not supported by this init yet");
}

} // namespace

BootOptions read_boot_options(std::span<const CmdlineSource> sources, Problems& problems) {
    BootOptions options;
    for (const CmdlineSource& source : sources)
        take_source(options, source, problems);
    warn_about_unsupported(options);
    read_settings(options, problems);
    return options;
}

Result<BootOptions> parse_boot_options(std::span<const CmdlineSource> sources) {
    Problems problems;
    BootOptions options = read_boot_options(sources, problems);
    MKPXERD_TRY(problems.finish());
    return options;
}

OnFail parse_on_fail_options(std::span<const CmdlineSource> sources) {
    Problems ignored; // parse_boot_options reports them
    return read_boot_options(sources, ignored).on_fail;
}

} // namespace mkpxerd
