// SPDX-License-Identifier: MIT
// Command line + image -> what will go wrong, found before the machine is switched on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/image/image_facts.hpp"

namespace mkpxerd::image {

struct Finding {
    enum class Severity {
        Error,   // the boot cannot work
        Warning, // it can, but probably not as meant
    };
    Severity severity = Severity::Warning;
    std::string option; // as written; empty: the line as a whole
    std::string text;
    std::string hint; // may be empty
};

// What the line alone tells: quotes, length, unknown options, values of the wrong form, options that exclude
// each other. With an image (facts may be nullptr) also what it has to hold for this line; its baked options
// count, and the line overrides them. In the order of the line.
std::vector<Finding> check_command_line(std::string_view line, const ImageFacts* facts);

} // namespace mkpxerd::image
