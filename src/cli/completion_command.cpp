// SPDX-License-Identifier: MIT
// CLI11's description of the program -> Command values -> the script of one shell.
#include "mkpxerd/cli/completion_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

#include "mkpxerd/cli/text_output.hpp"

namespace mkpxerd::cli {
namespace {

enum class Value { None, Files, Directories, Words, Features, Profiles, Free };

struct Option {
    std::vector<std::string> names; // "-o", "--output"
    std::string help;
    Value value = Value::None;
    std::string words; // of Value::Words
};
struct Command {
    std::string name; // empty: the build
    std::string help;
    std::vector<Option> options;
    Value positional = Value::None;
    std::string words;
    bool takes_build_options = false;
};

// Values that are one of a few words, by the long name of the option.
struct Choice {
    std::string_view option;
    Value value;
    std::string_view words;
};
constexpr std::array choices = {
    Choice{"compression", Value::Words, "gzip xz zstd lz4 none"},
    Choice{"features", Value::Features, ""},
    Choice{"firmware", Value::Words, "all net none"},
    Choice{"loader", Value::Words, "ipxe pxelinux lpxelinux grub"},
    Choice{"modules", Value::Words, "keep plain"},
    Choice{
        "name", Value::Words,
        "boot.ipxe gpxe-script pxelinux lpxelinux grub.cfg dhcpd.conf kea-dhcp4.conf dnsmasq.conf tftpd-hpa "
        "nginx.conf exports"},
    Choice{"nic", Value::Words, "virtio-net-pci e1000 e1000e rtl8139"},
    Choice{"pin", Value::Words, "apkovl= modloop= root="},
    Choice{"profile", Value::Profiles, ""},
    Choice{"shell", Value::Words, "bash zsh fish"},
};
// Names of features and profiles, in each of the three languages; bash expands what it is to complete, so
// only plain ones.
constexpr const char* list_of_names =
    R"(mkpxerd -L 2>/dev/null | sed -n "s/^{} \([[:alnum:]._+@:,=%-]*\) .*/\1/p")";

void set_value(const CLI::Option& from, const std::string& name, Value& value, std::string& words) {
    for (const Choice& choice : choices) {
        if (choice.option != name) continue;
        value = choice.value;
        words = choice.words;
        return;
    }
    const std::string type = from.get_type_name();
    value = type.find("FILE") != std::string::npos ? Value::Files
            : type.find("DIR") != std::string::npos || type.find("DIRECTORY") != std::string::npos
                ? Value::Directories
                : Value::Free;
}

Command describe(const CLI::App& app) {
    Command command;
    command.name = app.get_parent() == nullptr ? "" : app.get_name();
    command.help = app.get_description();
    command.takes_build_options = app.get_parent() != nullptr && app.get_fallthrough();
    for (const CLI::Option* from : app.get_options()) {
        if (!from->nonpositional()) {
            if (command.positional != Value::Files)
                set_value(*from, from->get_name(true), command.positional, command.words);
            continue;
        }
        Option option;
        option.help = from->get_description();
        for (const std::string& name : from->get_snames())
            option.names.push_back('-' + name);
        for (const std::string& name : from->get_lnames())
            option.names.push_back("--" + name);
        const auto& longs = from->get_lnames();
        if (from->get_items_expected_max() > 0)
            set_value(*from, longs.empty() ? "" : longs.front(), option.value, option.words);
        command.options.push_back(std::move(option));
    }
    return command;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}
std::string names_command(Value value) {
    return fmt::format(fmt::runtime(list_of_names), value == Value::Features ? "feature" : "profile");
}

// ---- bash

std::string bash_value(Value value, const std::string& words) {
    switch (value) {
    case Value::Files:
        return R"(compgen -f -- "$cur")";
    case Value::Directories:
        return R"(compgen -d -- "$cur")";
    case Value::Words:
        return fmt::format(R"(compgen -W "{}" -- "$cur")", words);
    case Value::Features:
    case Value::Profiles:
        return fmt::format("compgen -W \"$({})\" -- \"$cur\"", names_command(value));
    case Value::None:
    case Value::Free:
        break;
    }
    return ":";
}

std::string bash_reply(Value value, const std::string& words) {
    return fmt::format("mapfile -t COMPREPLY < <({})", bash_value(value, words));
}

std::string bash_script(const std::vector<Command>& commands) {
    std::vector<std::string> names;
    std::string values;    // what follows an option
    std::string options;   // of each command
    std::string arguments; // what else follows a command
    for (const Command& command : commands) {
        if (!command.name.empty()) names.push_back(command.name);
        std::vector<std::string> own;
        for (const Option& option : command.options) {
            own.insert(own.end(), option.names.begin(), option.names.end());
            if (option.value == Value::None) continue;
            std::vector<std::string> cases;
            for (const Command& taker : commands)
                if (&taker == &command || (command.name.empty() && taker.takes_build_options))
                    for (const std::string& name : option.names)
                        cases.push_back(fmt::format("'{} {}'", taker.name, name));
            values += fmt::format("    {}) {}; return ;;\n", fmt::join(cases, " | "),
                                  bash_reply(option.value, option.words));
        }
        if (command.takes_build_options)
            for (const Option& option : commands.front().options)
                own.insert(own.end(), option.names.begin(), option.names.end());
        options += fmt::format("    '{}') options=\"{}\" ;;\n", command.name, fmt::join(own, " "));
        if (!command.name.empty())
            arguments +=
                fmt::format("    {}) {} ;;\n", command.name, bash_reply(command.positional, command.words));
    }
    return fmt::format(R"(# Completion of mkpxerd for bash, made by: mkpxerd completion bash
_mkpxerd() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} commands="{0}" command='' options='' word
    COMPREPLY=()
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD - 1}}"; do
        [[ " $commands " != *" $word "* ]] || {{ command=$word; break; }}
    done
    case "$command $prev" in
{1}    esac
    case $command in
{2}    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    fi
    case $command in
    '') mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
{3}    esac
}}
complete -o filenames -F _mkpxerd mkpxerd
)",
                       fmt::join(names, " "), values, options, arguments);
}

// ---- zsh

std::string zsh_action(Value value, const std::string& words) {
    switch (value) {
    case Value::Files:
        return "_files";
    case Value::Directories:
        return "_files -/";
    case Value::Words:
        return fmt::format("({})", words);
    case Value::Features:
    case Value::Profiles:
        return fmt::format("{{compadd -- ${{(f)\"$({})\"}}}}", names_command(value));
    case Value::None:
    case Value::Free:
        break;
    }
    return " ";
}

std::string zsh_quoted(const std::string& text) {
    return '\'' + replaced(text, "'", R"('\'')") + '\'';
}
std::string zsh_help(std::string text) {
    for (const std::string_view special : {"\\", "[", "]", ":"})
        text = replaced(text, special, "\\" + std::string(special));
    return text;
}

std::string zsh_options(const Command& command) {
    std::string specs;
    for (const Option& option : command.options)
        for (const std::string& name : option.names) {
            std::string spec = fmt::format("*{}[{}]", name, zsh_help(option.help));
            if (option.value != Value::None) spec += ":value:" + zsh_action(option.value, option.words);
            specs += fmt::format("        {}\n", zsh_quoted(spec));
        }
    return specs;
}

std::string zsh_script(const std::vector<Command>& commands) {
    std::string names;
    std::string cases;
    for (const Command& command : commands) {
        if (command.name.empty()) continue;
        names += fmt::format("        {}\n", zsh_quoted(command.name + ':' + zsh_help(command.help)));
        cases += fmt::format("    {}) specs=({}\n{}        {}\n    ) ;;\n", command.name,
                             command.takes_build_options ? "$specs" : "", zsh_options(command),
                             zsh_quoted("*:argument:" + zsh_action(command.positional, command.words)));
    }
    return fmt::format(R"(#compdef mkpxerd
# Completion of mkpxerd for zsh, made by: mkpxerd completion zsh
_mkpxerd() {{
    local -a specs commands
    local command word
    commands=(
{0}    )
    specs=(
{1}    )
    for word in ${{words[2,CURRENT-1]}}; do
        (( ${{commands[(I)$word:*]}} )) && command=$word && break
    done
    case $command in
    '') specs+=('1:command:{{_describe command commands}}') ;;
{2}    esac
    _arguments -s $specs
}}
_mkpxerd "$@"
)",
                       names, zsh_options(commands.front()), cases);
}

// ---- fish

std::string fish_value(Value value, const std::string& words) {
    switch (value) {
    case Value::Files:
        return " -r -F";
    case Value::Directories:
        return " -x -a '(__fish_complete_directories)'";
    case Value::Words:
        return fmt::format(" -x -a '{}'", words);
    case Value::Features:
    case Value::Profiles:
        return fmt::format(" -x -a '({})'", names_command(value));
    case Value::Free:
        return " -x";
    case Value::None:
        break;
    }
    return "";
}

std::string fish_quoted(const std::string& text) {
    return '\'' + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + '\'';
}

std::string fish_script(const std::vector<Command>& commands) {
    std::string own_commands; // whose command line the options of the build have no place in
    for (const Command& command : commands)
        if (!command.name.empty() && !command.takes_build_options) own_commands += ' ' + command.name;
    std::string script =
        "# Completion of mkpxerd for fish, made by: mkpxerd completion fish\ncomplete -c mkpxerd -f\n";
    for (const Command& command : commands) {
        const std::string when = command.name.empty() ? "not __fish_seen_subcommand_from" + own_commands
                                                      : "__fish_seen_subcommand_from " + command.name;
        if (!command.name.empty())
            script += fmt::format("complete -c mkpxerd -n __fish_use_subcommand -a {} -d {}\n", command.name,
                                  fish_quoted(command.help));
        if (command.positional != Value::None && command.positional != Value::Free && !command.name.empty())
            script += fmt::format(
                "complete -c mkpxerd -n '{}'{}\n", when,
                command.positional == Value::Files ? " -F" : fish_value(command.positional, command.words));
        for (const Option& option : command.options) {
            script += fmt::format("complete -c mkpxerd -n '{}'", when);
            for (const std::string& name : option.names)
                script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            script +=
                fmt::format("{} -d {}\n", fish_value(option.value, option.words), fish_quoted(option.help));
        }
    }
    return script;
}

} // namespace

int run_completion(const CLI::App& app, const std::string& shell, const CommandContext& context) {
    std::vector<Command> commands = {describe(app)};
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(describe(*command));
    if (shell == "bash")
        context.out << bash_script(commands);
    else if (shell == "zsh")
        context.out << zsh_script(commands);
    else if (shell == "fish")
        context.out << fish_script(commands);
    else
        return report(Error(shell, "is no shell that completion is known for", "one of bash, zsh, fish"),
                      context);
    return exit_done;
}

} // namespace mkpxerd::cli
