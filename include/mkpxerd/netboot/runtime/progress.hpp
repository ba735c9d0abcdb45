// SPDX-License-Identifier: MIT
// The progress of a download: a line every ten percent or five seconds, none for a download that ends at
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class Progress {
  public:
    Progress(Log& log, std::string name, Clock::time_point now = Clock::now());
    // bytes so far, of total when it is known.
    void update(std::uint64_t bytes, std::optional<std::uint64_t> total, Clock::time_point now);

  private:
    Log& log_;
    std::string name_;
    Clock::time_point started_;
    Clock::time_point said_at_;
    std::uint64_t first_bytes_ = 0; // when the current attempt began to count
    unsigned said_percent_ = 0;
    bool counting_ = false;
};

// "modloop: 40 %, 12.3 MB of 30.8 MB, 2.1 MB/s, 9 s left"; never longer than 79 columns.
std::string progress_line(const std::string& name, std::uint64_t bytes, std::optional<std::uint64_t> total,
                          double bytes_per_second);

} // namespace mkpxerd::netboot
