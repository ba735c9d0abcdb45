// SPDX-License-Identifier: MIT
// Options of other programs (dracut, initramfs-tools, mkinitcpio, booster, systemd, live-boot, casper,
// archiso, the kernel) that people carry over: one table for the init and `mkpxerd lint`, listed in
// docs/cmdline.md. An option without which the machine would boot something else than intended is refused;
// any other is reported.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "mkpxerd/contract/boot_options.hpp"

namespace mkpxerd {

struct ForeignOption {
    enum class Kind {
        Verification, // promises a verified boot
        Root,         // says where the root comes from, or what happens to its changes
        Network,      // changes how the network is set up
        Hint,         // the boot is the same without it
    };
    std::string_view name; // lower case, '-' for '_'; a '*' at the end stands for the rest
    Kind kind;
    std::string_view instead; // what to write, or to do
};

std::span<const ForeignOption> foreign_options();
// Whether the table has it, whatever its value is.
bool is_foreign_option(std::string_view name);

struct ForeignFinding {
    bool refused = false;
    std::string_view text;
    std::string_view hint;
};
// nullopt: the word is not one of these options, or switches one off ("verify=no"). line: all words, since
// boot=live is fine beside fetch=.
std::optional<ForeignFinding> judge_foreign_option(const CommandLineWord& word,
                                                   std::span<const CommandLineWord> line);

} // namespace mkpxerd
