// SPDX-License-Identifier: MIT
// Shared by the parts of the command line check: the line as the init reads it, and the findings so far.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::image {

struct CheckedLine {
    std::string_view written; // without the baked-in options
    CommandLine words;        // of the written line
    BootOptions options;      // with those that are baked into the image
    BootPlan plan;            // as far as it can be made

    bool has(std::string_view option) const {
        return std::ranges::find(options.settings, option, &BootSetting::name) != options.settings.end();
    }
    // Everything that the boot fetches or mounts, by option.
    std::vector<std::pair<std::string_view, Source>> sources() const;
};

class Findings {
  public:
    // Of all that follow.
    void begin(Finding::Kind kind) { kind_ = kind; }
    void error(std::string_view option, std::string text, std::string hint = {}) {
        add(Finding::Severity::Error, option, std::move(text), std::move(hint));
    }
    void warn(std::string_view option, std::string text, std::string hint = {}) {
        add(Finding::Severity::Warning, option, std::move(text), std::move(hint));
    }
    void note(std::string_view option, std::string text, std::string hint = {}) {
        add(Finding::Severity::Note, option, std::move(text), std::move(hint));
    }
    void add(Finding::Severity severity, std::string_view option, std::string text, std::string hint) {
        list_.push_back({.severity = severity,
                         .kind = kind_,
                         .option = std::string(option),
                         .text = std::move(text),
                         .hint = std::move(hint)});
    }
    std::vector<Finding> take() { return std::move(list_); }

  private:
    std::vector<Finding> list_;
    Finding::Kind kind_ = Finding::Kind::Line;
};

// Forms that the init would accept, but that are probably not intended.
void advise(const CheckedLine& line, Findings& findings);
// Values that pass the parsers, and that the init or the kernel refuses later.
void check_values(const CheckedLine& line, Findings& findings);
// Words that nothing reads. Without an image (facts may be nullptr), any module may be there.
void check_unknown_words(const CheckedLine& line, const ImageFacts* facts, Findings& findings);
// Can the image make the disk of a root or a medium appear?
void check_disk(std::string_view option, const DeviceSpec& device, const ImageFacts& facts,
                Findings& findings);
// Can the image read a root on a disk? type: of the file system; may be empty.
void check_root_type(std::string_view type, const ImageFacts& facts, Findings& findings);
// Does the image contain everything that the line needs?
void check_coverage(const CheckedLine& line, const ImageFacts& facts, Findings& findings);

} // namespace mkpxerd::image
