// SPDX-License-Identifier: MIT
// One object on its way, what is known of it between attempts, and how an attempt can end.
#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/netboot/fetch/download_file.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/runtime/progress.hpp"

namespace mkpxerd::netboot {

class TlsPreparer;

struct Transfer {
    DownloadFile file;
    Progress progress;
    // What the bytes in the file belong to: a strong ETag or a Last-Modified. Empty: they cannot be
    // continued.
    std::string validator;
    std::optional<std::uint64_t> total;                             // bytes of the whole object, once known
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max(); // bytes that are taken
    // A transfer that stalled may be one whose full packets are lost (a smaller MTU on the way, and ICMP
    // dropped).
    bool small_segments = false;
    std::chrono::seconds patience{10}; // how long an attempt waits without a byte

    // The next bytes of the object. Errors: MPX-FETCH-12 too many, those of DownloadFile.
    Result<void> write(std::span<const char> bytes);
    // After an attempt that stalled.
    void wait_longer();
};

struct AttemptEnd {
    enum class Kind {
        Complete, // the file holds the object
        Again,    // may go better the next time
        NotFound, // the server is sure that there is none: 404, 410
        Definite, // no later attempt can go better
    };
    Kind kind = Kind::Complete;
    std::optional<Error> error;         // unless Complete
    std::chrono::seconds not_before{0}; // the server asks for this pause (Retry-After)

    static AttemptEnd again(Error error) { return {Kind::Again, std::move(error), {}}; }
    static AttemptEnd definite(Error error) { return {Kind::Definite, std::move(error), {}}; }
    // The end that an error on the way to this URL means, by its code; the URL becomes its object.
    static AttemptEnd broken(const Error& error, const Url& url, const Transfer& transfer);
};

// How long an attempt waits for more: as long as its patience, and until the first byte of the object comes
// no longer than the deadline. Beyond the deadline what moves has to move in earnest, so that a server that
// drips bytes cannot hold a machine for ever.
class StallTimer {
  public:
    StallTimer(Deadline deadline, std::chrono::seconds patience) : deadline_(deadline), patience_(patience) {}
    // When the attempt ends if nothing more comes. received: bytes of the object that this attempt has
    // brought.
    Deadline next(std::uint64_t received, Deadline now);

  private:
    Deadline deadline_;
    std::chrono::seconds patience_;
    Deadline end_{};
    std::uint64_t counted_ = 0; // bytes that were good for the last postponement
};

// The attempt's patience was at its end.
Error stalled(std::string object, const Transfer& transfer);
// The deadline came before a byte of the object did.
Error too_late(std::string object);

// What an attempt may use.
struct TransferContext {
    boost::asio::io_context& io;
    DnsConfig dns;
    Deadline deadline;
    TlsPreparer& tls;
    std::optional<Url> proxy; // for http and https
};

} // namespace mkpxerd::netboot
