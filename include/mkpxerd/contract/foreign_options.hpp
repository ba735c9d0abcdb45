// SPDX-License-Identifier: MIT
// Options of other programs (dracut, systemd, live-boot, casper, archiso, the kernel) that people bring
// along, as one table: the init and `mkpxerd lint` judge by it, docs/cmdline.md lists it. What would make
// another boot than the one that was asked for is refused; anything else is named.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "mkpxerd/contract/boot_options.hpp"

namespace mkpxerd {

struct ForeignOption {
    enum class Kind {
        Verification, // promises that what is booted is verified
        Root,         // says where the root comes from, or what becomes of its changes
        Network,      // changes how the network is set up
        Hint,         // the boot is the same without it
    };
    std::string_view name; // lower case, '-' for '_'; a '*' at the end stands for the rest
    Kind kind;
    std::string_view instead; // what to write, or to do
};

std::span<const ForeignOption> foreign_options();

struct ForeignFinding {
    bool refused = false;
    std::string_view text;
    std::string_view hint;
};
// nullopt: the word is none of them, or takes back what it might ask for ("verify=no"). line: all words, as
// boot=live with fetch= is fine.
std::optional<ForeignFinding> judge_foreign_option(const CommandLineWord& word,
                                                   std::span<const CommandLineWord> line);

} // namespace mkpxerd
