// SPDX-License-Identifier: MIT
// A machine's console -> the result of its boot. Pure: bytes in, lines and a verdict out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::deploy {

struct Verdict {
    enum class Kind {
        Arrived,    // the expected text was seen
        HandedOver, // reported by /init, and no text was expected
        Failed,     // reported by /init
        Panicked,   // reported by the kernel
        NoLoader,   // firmware or loader found nothing to boot
    };
    Kind kind = Kind::Failed;
    std::string code; // of a failure: MPX-DHCP-03
    std::string text; // the message
    bool operator==(const Verdict&) const = default;
};

class ConsoleWatch {
  public:
    // expected: the text to wait for; empty: until /init hands over.
    explicit ConsoleWatch(std::string expected) : expected_(std::move(expected)) {}

    // Returns the lines that these bytes complete, without control characters.
    std::vector<std::string> feed(std::string_view bytes);
    // The text after the last complete line.
    const std::string& rest() const { return rest_; }
    // The first verdict, but a failure after a hand-over replaces it.
    const std::optional<Verdict>& verdict() const { return verdict_; }

  private:
    void take(std::string_view line);
    void judge(std::string_view line);
    void set(Verdict verdict);

    std::string expected_;
    std::string raw_; // of a line that is not complete
    std::string rest_;
    std::string begun_; // of a program's line into which the kernel wrote
    std::optional<Verdict> verdict_;
};

// Text without escape sequences (ECMA-48) and other control characters.
std::string without_controls(std::string_view text);

} // namespace mkpxerd::deploy
