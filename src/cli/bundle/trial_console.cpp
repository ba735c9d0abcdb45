// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/bundle/trial_console.hpp"

namespace mkpxerd::cli {
namespace {

constexpr std::string_view own_mark = "mkpxerd: ";
constexpr std::size_t max_hidden = 40; // lines: a screen, and the loader's words before it
constexpr std::size_t max_own = 10000; // a machine may print for ever

} // namespace

// "[    4.523] mkpxerd: ..." and "mkpxerd: ...", but not the kernel's report of its command line.
bool TrialConsole::is_own(std::string_view line) {
    const auto at = line.find(own_mark);
    return at == 0 || (at != std::string_view::npos && line.substr(0, at).ends_with("] "));
}

void TrialConsole::take(std::string_view line) {
    const bool is_expected = !expected_.empty() && line.find(expected_) != std::string_view::npos;
    if (is_own(line) && own_.size() < max_own) own_.emplace_back(line);
    if (shows_all_ || is_own(line) || is_expected) {
        show_(line);
        return;
    }
    hidden_.emplace_back(line);
    if (hidden_.size() > max_hidden) hidden_.pop_front();
}

void TrialConsole::show_rest(std::string_view title) {
    if (!hidden_.empty()) show_(title);
    for (const std::string& line : hidden_)
        show_(line);
    hidden_.clear();
}

} // namespace mkpxerd::cli
