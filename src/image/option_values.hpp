// SPDX-License-Identifier: MIT
// What the two halves of the command line check share: the options in force, and the findings so far.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/place_forms.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::image {

// Every option with the value that counts.
class OptionValues {
  public:
    void set(const CommandLineWord& word) { values_[word.name] = word.value.value_or(""); } // later wins
    bool has(const std::string& name) const { return values_.contains(name); }
    std::string value(const std::string& name) const;
    bool is_diskless() const {
        return value("root").empty() && value("fetch").empty() && value("nfsroot").empty();
    }
    bool wants_modloop() const {
        return has("modloop") && !value("modloop").empty() && value("modloop") != "none";
    }
    bool is_network_off() const { return value("ip") == "off" || value("ip") == "none"; }
    // What an option names, in the form that the init reads it in: root, alpine_dev, ovl_dev, apkovl,
    // modloop. Empty: nothing. Errors: it is none that the init takes.
    Result<std::string> read_place(const std::string& name) const;
    // The same; what is no such form is given as it was written.
    std::string place(const std::string& name) const { return read_place(name).value_or(value(name)); }
    // Every text that names a place something is fetched from, with its option, in the order of the boot.
    std::vector<std::pair<std::string, std::string>> places() const;
    // The option that needs the network; "" when none does.
    std::string network_user() const;

  private:
    std::map<std::string, std::string> values_;
};

class Findings {
  public:
    void error(std::string_view option, std::string text, std::string hint = {}) {
        add(Finding::Severity::Error, option, std::move(text), std::move(hint));
    }
    void warn(std::string_view option, std::string text, std::string hint = {}) {
        add(Finding::Severity::Warning, option, std::move(text), std::move(hint));
    }
    void add(Finding::Severity severity, std::string_view option, std::string text, std::string hint) {
        list_.push_back({severity, std::string(option), std::move(text), std::move(hint)});
    }
    std::vector<Finding> take() { return std::move(list_); }

  private:
    std::vector<Finding> list_;
};

inline bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
    return std::ranges::find(list, text) != list.end();
}

// Does the image hold what these options need?
void check_coverage(const OptionValues& options, const ImageFacts& facts, Findings& findings);

} // namespace mkpxerd::image
