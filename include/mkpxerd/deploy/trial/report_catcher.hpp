// SPDX-License-Identifier: MIT
// What comes out of a machine's second serial port -> the last whole report of its init. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mkpxerd::deploy {

class ReportCatcher {
  public:
    void feed(std::string_view bytes);
    // nullopt: none has come as a whole.
    const std::optional<std::string>& last() const { return last_; }

  private:
    std::string pending_; // of a report that is not whole
    std::optional<std::string> last_;
};

} // namespace mkpxerd::deploy
