// SPDX-License-Identifier: MIT
// Command line + image -> problems, found before the machine is switched on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/image/image_facts.hpp"

namespace mkpxerd::image {

struct Finding {
    enum class Severity {
        Error,   // the boot cannot succeed
        Warning, // it can, but probably not as intended
        Note,    // worth knowing
    };
    enum class Kind {
        Line,    // the line as a whole: its length, its end
        Init,    // what the init itself refuses or reports
        Advice,  // a form that is accepted, but probably not intended
        Unknown, // a word that neither the init, the kernel nor a usual system reads
        Image,   // what the image lacks for this line
    };
    Severity severity = Severity::Warning;
    Kind kind = Kind::Line;
    std::string option; // as written; empty: the line as a whole
    std::string text;
    std::string hint; // may be empty
};

// The text of a finding of kind Advice begins so if a later word replaces an earlier one.
inline constexpr std::string_view replaces_earlier = "is given more than once";

std::string_view to_text(Finding::Severity severity); // "error", "warning", "note"
std::string_view to_text(Finding::Kind kind);         // "line", "init", ...

// Problems of the line itself: quotes, length, unknown words, values of the wrong form, options that exclude
// each other. With an image (facts may be nullptr), also whether it contains everything for this
// line; its baked-in options count, and the line overrides them. In the order of the line.
std::vector<Finding> check_command_line(std::string_view line, const ImageFacts* facts);

// Options that an image brings; problems name their origin. Errors: what the init refuses, whatever the
// command line adds. The warnings: misspelt and unknown words.
Result<std::vector<Problem>> check_baked_options(const CmdlineSource& options);

} // namespace mkpxerd::image
