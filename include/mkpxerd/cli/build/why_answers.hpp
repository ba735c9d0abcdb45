// SPDX-License-Identifier: MIT
// What `why` says about each name: a line for people, or an object of a JSON list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

class WhyAnswers {
  public:
    struct Size {
        std::uint64_t bytes = 0;                           // in the image
        std::optional<std::uint64_t> plain = std::nullopt; // of a compressed module or firmware, decompressed
    };
    explicit WhyAnswers(const CommandContext& context);
    void add(const std::string& asked, const std::string& path, const Size& size, const std::string& why);
    // Not in the image, and where it is instead.
    void add_absent(const Problem& answer);
    // Found nowhere. candidates: names that may be meant; otherwise: the hint if none is.
    void add_unknown(const std::string& asked, const std::string& text, std::vector<std::string> candidates,
                     const std::string& otherwise = {});
    // Returns the exit code: 1 if a name is not in the image.
    int finish();

  private:
    JsonWriter& begin(const std::string& asked, const std::string& path, const Size& size,
                      const std::string& why);

    const CommandContext& context_;
    JsonWriter list_;
    int status_ = exit_done;
};

} // namespace mkpxerd::cli
