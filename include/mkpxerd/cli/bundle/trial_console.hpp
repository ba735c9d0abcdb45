// SPDX-License-Identifier: MIT
// The console of a trial's machine, as people want to read it: the init's lines as they come, and everything
// else only if the boot fails.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::cli {

class TrialConsole {
  public:
    // expected: a text whose line is shown, too. shows_all: every line as it comes.
    TrialConsole(std::string expected, bool shows_all, std::function<void(std::string_view)> show)
        : expected_(std::move(expected)), shows_all_(shows_all), show_(std::move(show)) {}

    // A line of the init, not one that only mentions it.
    static bool is_own(std::string_view line);
    void take(std::string_view line);
    // The last lines that were not shown, below a title, for a boot that failed.
    void show_rest(std::string_view title);
    // The init's lines so far.
    const std::vector<std::string>& own_lines() const { return own_; }

  private:
    std::string expected_;
    bool shows_all_;
    std::function<void(std::string_view)> show_;
    std::vector<std::string> own_;
    std::deque<std::string> hidden_;
};

} // namespace mkpxerd::cli
