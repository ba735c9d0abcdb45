// SPDX-License-Identifier: MIT
// The state of one download: what is kept between attempts, and how an attempt can end.
#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/netboot/fetch/download_file.hpp"
#include "mkpxerd/netboot/fetch/download_progress.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"

namespace mkpxerd::netboot {

class TlsPreparer;

struct Transfer {
    DownloadFile file;
    DownloadProgress progress;
    // The version that the bytes in the file belong to: a strong ETag or a Last-Modified. Empty: the transfer
    // cannot be resumed.
    std::string validator = {};
    std::optional<std::uint64_t> total = {};                         // bytes of the whole object, once known
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max(); // bytes that are accepted
    // A transfer may stall because full packets are lost: a smaller MTU on the path, and ICMP dropped.
    bool small_segments = false;
    std::chrono::seconds patience{10}; // how long an attempt waits without a byte

    // Appends the next bytes of the object. Errors: MPX-FETCH-12 too many; those of DownloadFile.
    Result<void> write(std::span<const char> bytes);
    // After an attempt that stalled.
    void wait_longer();
};

struct AttemptEnd {
    enum class Kind {
        Complete, // the file holds the object
        Again,    // another attempt may succeed
        NotFound, // the server has no such object: 404, 410
        Definite, // no later attempt can succeed
    };
    Kind kind = Kind::Complete;
    std::optional<Error> error = {};    // unless Complete
    std::chrono::seconds not_before{0}; // the server asks for this pause (Retry-After)

    static AttemptEnd again(Error error) { return {.kind = Kind::Again, .error = std::move(error)}; }
    static AttemptEnd again(Problem problem) { return again(Error(std::move(problem))); }
    static AttemptEnd not_found(Error error) { return {.kind = Kind::NotFound, .error = std::move(error)}; }
    static AttemptEnd not_found(Problem problem) { return not_found(Error(std::move(problem))); }
    static AttemptEnd definite(Error error) { return {.kind = Kind::Definite, .error = std::move(error)}; }
    static AttemptEnd definite(Problem problem) { return definite(Error(std::move(problem))); }
    // The end of an attempt that failed with this error, by its code. The URL becomes the error's object;
    // another object, such as a server's address, moves into the text. Errors of parsers have none.
    static AttemptEnd broken(const Error& error, const Url& url, const Transfer& transfer);
};

// How long an attempt waits for more bytes: for its patience, and for the first byte of the object until the
// deadline at most. After the deadline a transfer continues only while it makes real progress, so that a
// server that drips bytes cannot hold up a machine forever.
class StallTimer {
  public:
    StallTimer(Deadline deadline, std::chrono::seconds patience) : deadline_(deadline), patience_(patience) {}
    // When the attempt ends if no more bytes come. received: bytes of the object, in this attempt.
    Deadline next(std::uint64_t received, Clock::time_point now);
    // Why it ended: the patience, or the deadline before the first byte.
    Error failure(const Url& url, const Transfer& transfer, std::uint64_t received,
                  Clock::time_point now) const;

  private:
    Deadline deadline_;
    std::chrono::seconds patience_;
    Deadline end_{};
    std::uint64_t counted_ = 0; // bytes received at the last postponement
};

// MPX-FETCH-06. how: "for 10 s", "while TLS was set up".
Error stalled(std::string object, std::string_view how, const Transfer& transfer);

// What an attempt may use.
struct TransferContext {
    boost::asio::io_context& io;
    DnsConfig dns;
    Deadline deadline;
    TlsPreparer& tls;
    std::optional<Url> proxy; // for http and https
};

} // namespace mkpxerd::netboot
