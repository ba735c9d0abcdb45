// SPDX-License-Identifier: MIT
// Carries encrypted bytes between the session and the underlying stream.
#include "mkpxerd/netboot/fetch/tls_stream.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t record_size = 16 * 1024 + 512; // of TLS, with its overhead

class TlsStream : public Stream {
  public:
    TlsStream(std::unique_ptr<Stream> inner, wrap::TlsSession session, std::string host)
        : inner_(std::move(inner)), session_(std::move(session)), host_(std::move(host)) {}

    Task<void> shake_hands() {
        for (;;) {
            const Result<bool> done = session_.handshake();
            const Result<void> sent = co_await flush(); // also an alert, which tells the server the reason
            if (!done) co_return fail(done.error());
            if (!sent) co_return fail(sent.error());
            if (*done) co_return Result<void>{};
            MKPXERD_CO_TRY(co_await receive());
        }
    }

    Task<std::size_t> read_some(std::span<char> buffer) override {
        for (;;) {
            MKPXERD_CO_TRY_ASSIGN(const std::optional<std::size_t> length, session_.read(buffer));
            MKPXERD_CO_TRY(co_await flush());
            if (length) co_return *length;
            MKPXERD_CO_TRY(co_await receive());
        }
    }

    Task<void> write_all(std::string_view bytes) override {
        MKPXERD_CO_TRY(session_.write(bytes));
        co_return co_await flush();
    }

    void abort() override { inner_->abort(); }
    std::string peer_address() const override { return inner_->peer_address(); }

  private:
    Task<void> flush() {
        const std::string output = session_.take_output();
        if (output.empty()) co_return Result<void>{};
        co_return co_await inner_->write_all(output);
    }

    Task<void> receive() {
        MKPXERD_CO_TRY_ASSIGN(const std::size_t length, co_await inner_->read_some(encrypted_));
        // An attacker can cause an end without close_notify.
        if (length == 0)
            co_return fail(host_, "the connection ended without TLS close_notify", {}, Failure::CutOff);
        session_.receive(std::span<const char>(encrypted_).first(length));
        co_return Result<void>{};
    }

    std::unique_ptr<Stream> inner_;
    wrap::TlsSession session_;
    std::string host_;
    std::vector<char> encrypted_ = std::vector<char>(record_size);
};

} // namespace

Task<std::unique_ptr<Stream>> start_tls(std::unique_ptr<Stream> inner, const wrap::TlsTrust& trust,
                                        wrap::TlsPeer peer) {
    std::string host = peer.host;
    MKPXERD_CO_TRY_ASSIGN(wrap::TlsSession session, wrap::TlsSession::client(trust, std::move(peer)));
    auto stream = std::make_unique<TlsStream>(std::move(inner), std::move(session), std::move(host));
    MKPXERD_CO_TRY(co_await stream->shake_hands());
    co_return std::unique_ptr<Stream>(std::move(stream));
}

} // namespace mkpxerd::netboot
