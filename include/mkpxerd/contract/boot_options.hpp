// SPDX-License-Identifier: MIT
// The options of the kernel command line as data: the netboot init reads them, `mkpxerd lint` checks them,
// and the manual lists them, all from this one table. Beside it the kernel's own way of cutting a command
// line into words.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

struct BootOption {
    // What the text after '=' has to look like. Flag: none is needed; `name=yes` and `noname` are understood
    // too.
    enum class Form {
        Flag,
        Text,
        List,   // pieces between commas
        Number, // decimal
        Ip,     // nfsroot.rst: client:server:gateway:mask:host:device:autoconf:dns0:dns1:ntp0, or a word
        HardwareAddress, // 01-aa-bb-cc-dd-ee-ff
        Device,          // sda1, /dev/sda1, UUID=, LABEL=
        Location,        // URL, or path, or device[:fstype]:path
        Url,
        FsType,
        MountOptions,
    };
    enum class Support {
        Served, // the netboot init acts on it
        Named,  // known, not served: the init says so in one line and goes on
        Kernel, // read by the kernel or by the system that is booted
    };
    std::string_view name;
    Form form;
    Support support;
    std::string_view meaning; // one sentence
};

// All of them, in the order of the manual.
std::span<const BootOption> boot_options();
// nullptr: not in the table. Names are compared as written; `noquiet` finds the flag `quiet`.
const BootOption* find_boot_option(std::string_view name);
// The served option that a misspelt name most likely meant. Never offers an option of the kernel.
std::optional<std::string> nearest_boot_option(std::string_view name);

// What `{…}` may hold in a URL; the names without braces.
std::span<const std::string_view> url_placeholders();

// COMMAND_LINE_SIZE of x86 and arm64 (arch/*/include/uapi/asm/setup.h), closing zero included, in bytes.
inline constexpr std::size_t command_line_size = 2048;

struct CommandLineWord {
    std::string name;                 // before '=', or the whole word
    std::optional<std::string> value; // none: the word has no '='
    std::size_t position = 0;         // bytes from the start of the text
    bool operator==(const CommandLineWord&) const = default;
};

struct CommandLine {
    std::vector<CommandLineWord> words;    // up to "--"
    std::vector<std::string> init_args;    // behind "--": the kernel hands them to init
    std::optional<std::size_t> open_quote; // where a quote begins that never ends
};

// As next_arg() of lib/cmdline.c: blanks separate, double quotes keep blanks together, a pair of quotes
// around the word or around the value is taken off, any other quote stays in the text.
CommandLine split_command_line(std::string_view text);

} // namespace mkpxerd
