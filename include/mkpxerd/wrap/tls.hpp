// SPDX-License-Identifier: MIT
// TLS 1.2 and 1.3 as a client, by OpenSSL over memory: the owner moves the encrypted bytes, and no call
// waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// The trusted certificate authorities. Shared by all sessions, and outlives them.
class TlsTrust {
  public:
    // PEM files with one or many certificates; missing files are ignored. Errors: MPX-TLS-06 an unreadable
    // file, or no certificate in any of them.
    static Result<TlsTrust> load(std::span<const std::filesystem::path> files);
    TlsTrust(TlsTrust&&) noexcept;
    TlsTrust& operator=(TlsTrust&&) noexcept;
    ~TlsTrust();
    std::size_t certificates() const;

  private:
    friend class TlsSession;
    struct State;
    explicit TlsTrust(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// The expectations that a session checks its peer against.
struct TlsPeer {
    std::string host;     // name or address that the certificate must be for
    std::int64_t now = 0; // seconds since 1970; the certificate must be valid then
    std::string clock;    // the source of that time, for messages: "RTC", "NTP 10.0.0.1"
};

class TlsSession {
  public:
    static Result<TlsSession> client(const TlsTrust& trust, TlsPeer peer);
    TlsSession(TlsSession&&) noexcept;
    TlsSession& operator=(TlsSession&&) noexcept;
    ~TlsSession();

    // Encrypted bytes received from the peer, and those to send.
    void receive(std::span<const char> bytes);
    std::string take_output();

    // False: bytes from the peer are needed. Errors (object: the host): MPX-TLS-01 certificate expired, -02
    // not valid yet, -03 unknown issuer, -04 for another host, -05 another failure of the handshake.
    Result<bool> handshake();
    // Decrypted bytes; nullopt: bytes from the peer are needed; 0: the peer has closed the session properly.
    Result<std::optional<std::size_t>> read(std::span<char> buffer);
    Result<void> write(std::string_view bytes);

  private:
    friend class TlsTrust;
    struct State;
    explicit TlsSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mkpxerd::wrap
