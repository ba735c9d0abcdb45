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
    };
    Severity severity = Severity::Warning;
    std::string option; // as written; empty: the line as a whole
    std::string text;
    std::string hint; // may be empty
};

// Problems of the line itself: quotes, length, unknown options, values of the wrong form, options that
// exclude each other. With an image (facts may be nullptr), also whether it contains everything for this
// line; its baked-in options count, and the line overrides them. In the order of the line.
std::vector<Finding> check_command_line(std::string_view line, const ImageFacts* facts);

} // namespace mkpxerd::image
