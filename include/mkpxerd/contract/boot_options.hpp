// SPDX-License-Identifier: MIT
// The options of the kernel command line as one table: name, form, meaning, and the field of BootOptions that
// the value goes to. The init and `mkpxerd lint` read command lines by it; the manuals are compared with it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mkpxerd/contract/command_words.hpp"
#include "mkpxerd/contract/number_bound.hpp"

namespace mkpxerd {

struct BootOptions; // contract/cmdline.hpp
struct BootSetting;

// Reads a value that is more than text. Returns why it is refused; empty: it is fine.
using OptionReader = std::string (*)(const BootSetting& setting, BootOptions& options);

// Where a value goes. The type of the field says how the value is read.
using OptionField = std::variant<std::monostate,                          // nowhere: the init does not use it
                                 std::string BootOptions::*,              // as written
                                 bool BootOptions::*,                     // on or off
                                 unsigned BootOptions::*,                 // a number
                                 std::uint64_t BootOptions::*,            // a number
                                 std::vector<std::string> BootOptions::*, // pieces between commas
                                 OptionReader>;

struct BootOption {
    // The form of the text after '='. Flag: no text is needed; `name=yes` and `noname` are accepted too.
    enum class Form {
        Flag,
        FlagOrList, // a flag, or pieces between commas
        Text,
        List,   // pieces between commas
        Number, // decimal, within a bound
        Ip,     // nfsroot.rst: client:server:gateway:mask:host:device:autoconf:dns0:dns1:ntp0, or a word
        HardwareAddress, // 01-aa-bb-cc-dd-ee-ff
        Device,          // sda1, /dev/sda1, UUID=, LABEL=
        Location,        // URL, or path, or device[:fstype]:path
        Url,
        FsType,
        MountOptions,
    };
    enum class Support {
        Supported, // the netboot init acts on it
        Known,     // known from mkinitfs, not supported: the init reports it and continues
        Others,    // read by the kernel or by the system that is booted
    };
    std::string_view name;
    Form form = Form::Text;
    Support support = Support::Others;
    std::string_view meaning = {}; // one sentence
    OptionField field = {};
    NumberBound bound = {};            // of a Number
    bool adds_up = false;              // every value of one source counts, not only the last one
    std::string_view same_as = {};     // another spelling of that flag
    std::string_view opposite_of = {}; // of this flag and that one, the last counts
};

// Whether the option can stand without a value, and be switched off.
constexpr bool can_be_switched(const BootOption& option) {
    return option.form == BootOption::Form::Flag || option.form == BootOption::Form::FlagOrList;
}
// All of them, in the order of the manual.
std::span<const BootOption> boot_options();
// Names are compared as written; `noquiet` finds the flag `quiet`. nullptr: not in the table.
const BootOption* find_boot_option(std::string_view name);
// The supported option that a misspelt name most likely meant; never an option of the kernel.
std::optional<std::string> nearest_boot_option(std::string_view name);

} // namespace mkpxerd
