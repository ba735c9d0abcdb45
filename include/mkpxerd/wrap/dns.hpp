// SPDX-License-Identifier: MIT
// One question to one DNS server, by c-ares: UDP with retransmission, TCP when the answer is cut off. No
// thread, no waiting, no libnss: the owner watches the descriptors and calls process().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

struct DnsQuestion {
    std::string name;      // absolute: no search list is applied
    std::string server;    // address
    std::string interface; // the only one to be used; empty: as routed
    std::chrono::milliseconds first_timeout{500};
    int tries = 4; // each waits twice as long as the one before
};

enum class DnsOutcome { Found, NoSuchName, NoAddress, Refused, NoAnswer };

struct DnsAnswer {
    DnsOutcome outcome = DnsOutcome::NoAnswer;
    std::vector<std::uint32_t> addresses; // IPv4, host byte order
    std::string text;                     // c-ares' description of the error
};

class DnsQuery {
  public:
    struct Watch {
        int fd;
        bool read;
        bool write;
    };

    // Errors: c-ares cannot start, or the server is not an address.
    static Result<DnsQuery> start(const DnsQuestion& question);
    DnsQuery(DnsQuery&&) noexcept;
    DnsQuery& operator=(DnsQuery&&) noexcept;
    ~DnsQuery();

    // Set when the question is settled.
    const std::optional<DnsAnswer>& answer() const;
    // The events to wait for, and the longest wait, before calling process(). Descriptors belong to the
    // query, which may close them in process().
    std::vector<Watch> watches() const;
    std::chrono::milliseconds wait_at_most() const;
    void process();

  private:
    struct State;
    explicit DnsQuery(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mkpxerd
