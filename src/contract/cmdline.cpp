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

using Setting = BootOptions::Setting;

void warn(BootOptions& options, std::string object, std::string text, std::string hint = {}) {
    options.warnings.push_back(
        {.object = std::move(object), .text = std::move(text), .hint = std::move(hint)});
}

void keep(BootOptions& options, const BootOption& option, Setting setting) {
    std::erase_if(options.settings, [&](const Setting& earlier) {
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
    Setting setting{std::string(known->name), word.value.value_or(""), origin};
    if (known->form == BootOption::Form::Flag) {
        if (word.name != known->name)
            setting.value = "no";
        else if (!word.value)
            setting.value = "yes";
        if (!known->same_as.empty()) setting.name = known->same_as;
    }
    keep(options, *known, std::move(setting));
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

// Puts values into the fields that the table binds them to; empty: the value is fine.
struct FieldReader {
    const Setting& setting;
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
    std::string operator()(unsigned BootOptions::*field) const { return read_number(options.*field); }
    std::string operator()(std::uint64_t BootOptions::*field) const { return read_number(options.*field); }

    template <class T>
    std::string read_number(T& field) const {
        const auto value = parse_number(setting.value);
        if (!value || *value > 0xffffffffU) return "is not a number";
        field = static_cast<T>(*value);
        return {};
    }
};

// In the order of the table.
void read_settings(BootOptions& options, Problems& problems) {
    for (const BootOption& option : boot_options())
        for (const Setting& setting : options.settings) {
            if (setting.name != option.name) continue;
            const std::string refused = std::visit(FieldReader{setting, option, options}, option.field);
            if (!refused.empty())
                problems.add({.object = fmt::format("{}={}", setting.name, setting.value),
                              .text = fmt::format("{} ({})", refused, setting.origin),
                              .hint = "see docs/cmdline.md",
                              .code = Failure::BadOption});
        }
}

void warn_of_unsupported(BootOptions& options) {
    std::vector<std::string_view> names;
    for (const Setting& setting : options.settings)
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
    warn_of_unsupported(options);
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
