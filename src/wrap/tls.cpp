// SPDX-License-Identifier: MIT
// Two memory BIOs replace the socket. The verification callback keeps the first problem of the peer's
// certificates, because OpenSSL's own error is only one word.
#include "mkpxerd/wrap/tls.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

#include <array>
#include <ctime>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "bio.hpp"

namespace mkpxerd::wrap {
namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
    void operator()(SSL* session) const { SSL_free(session); }
};

std::string last_openssl_error() {
    const unsigned long error = ERR_get_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(error);
    return reason != nullptr ? reason : "unknown reason";
}

std::string time_text(std::int64_t seconds) {
    const auto value = static_cast<std::time_t>(seconds);
    std::tm parts{};
    std::array<char, 32> text{};
    ::gmtime_r(&value, &parts);
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return text.data();
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
    return time_text(static_cast<std::int64_t>(::timegm(&parts)));
}

// "CN=..., O=..." of a name, without what could confuse a terminal.
std::string name_text(const X509_NAME* name) {
    const Bio out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_UTF8_CONVERT) < 0)
        return "?";
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "?";
}

// Adds every certificate of a PEM file; nullopt: it cannot be opened.
std::optional<std::size_t> add_certificates(X509_STORE* store, const std::filesystem::path& file) {
    const Bio in(BIO_new_file(file.c_str(), "r"));
    if (!in) return std::nullopt;
    std::size_t count = 0;
    while (X509* certificate = PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr)) {
        if (X509_STORE_add_cert(store, certificate) == 1) ++count;
        X509_free(certificate);
    }
    ERR_clear_error(); // the end of the file is an error to the PEM reader
    return count;
}

constexpr const char* ca_hint = "build the image with --ca FILE, the certificate of your authority";

} // namespace

struct TlsTrust::State {
    std::unique_ptr<SSL_CTX, FreeContext> context;
    std::size_t certificates = 0;
};

TlsTrust::TlsTrust(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;
std::size_t TlsTrust::certificates() const {
    return state_->certificates;
}

struct TlsSession::State {
    std::unique_ptr<SSL, FreeSession> ssl;
    BIO* from_peer = nullptr; // both are owned by ssl
    BIO* to_peer = nullptr;
    TlsPeer peer;
    std::optional<Error> refusal;

    static int verify(int ok, X509_STORE_CTX* store);
    Error describe(int error, X509* certificate) const;
    Error failure(std::string_view what);
};

Result<TlsTrust> TlsTrust::load(std::span<const std::filesystem::path> files) {
    // An openssl.cnf in the image is meant for other programs.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    auto state = std::make_unique<State>();
    state->context.reset(SSL_CTX_new(TLS_client_method()));
    if (!state->context) return fail("TLS", last_openssl_error(), {}, Failure::NoAuthorities);
    SSL_CTX_set_min_proto_version(state->context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(state->context.get(), SSL_VERIFY_PEER, TlsSession::State::verify);
    // A session transfers one object; tickets and caches would only cost memory.
    SSL_CTX_set_session_cache_mode(state->context.get(), SSL_SESS_CACHE_OFF);
    std::string searched;
    for (const std::filesystem::path& file : files) {
        searched += (searched.empty() ? "" : ", ") + file.string();
        std::error_code error;
        if (!std::filesystem::exists(file, error)) continue;
        const std::optional<std::size_t> count =
            add_certificates(SSL_CTX_get_cert_store(state->context.get()), file);
        if (!count) return fail(file.string(), "cannot be read", {}, Failure::NoAuthorities);
        state->certificates += *count;
    }
    if (state->certificates == 0)
        return fail("TLS", "no certificate authority is in the image (searched " + searched + ")",
                    "add the feature https, or build with --ca FILE", Failure::NoAuthorities);
    return TlsTrust(std::move(state));
}

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

Result<TlsSession> TlsSession::client(const TlsTrust& trust, TlsPeer peer) {
    auto state = std::make_unique<State>();
    state->peer = std::move(peer);
    state->ssl.reset(SSL_new(trust.state_->context.get()));
    SSL* ssl = state->ssl.get();
    state->from_peer = BIO_new(BIO_s_mem());
    state->to_peer = BIO_new(BIO_s_mem());
    if (ssl == nullptr || state->from_peer == nullptr || state->to_peer == nullptr)
        return fail(state->peer.host, "cannot start TLS: " + last_openssl_error(), {}, Failure::TlsFailed);
    SSL_set_bio(ssl, state->from_peer, state->to_peer);
    SSL_set_connect_state(ssl);
    SSL_set_app_data(ssl, state.get());

    X509_VERIFY_PARAM* verification = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_time(verification, static_cast<std::time_t>(state->peer.now));
    // An authority in the image is trusted directly, even if another one signed it.
    X509_VERIFY_PARAM_set_flags(verification, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const std::string& host = state->peer.host;
    const bool address = X509_VERIFY_PARAM_set1_ip_asc(verification, host.c_str()) == 1;
    ERR_clear_error();
    // A server name is never an address (RFC 6066 3). The macro for this control has a cast of the old style.
    std::string name = host;
    if (!address &&
        (X509_VERIFY_PARAM_set1_host(verification, host.data(), host.size()) != 1 ||
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1))
        return fail(host, "cannot start TLS: " + last_openssl_error(), {}, Failure::TlsFailed);
    return TlsSession(std::move(state));
}

int TlsSession::State::verify(int ok, X509_STORE_CTX* store) {
    if (ok == 1) return 1;
    const auto* ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = static_cast<State*>(SSL_get_app_data(ssl));
    if (!self->refusal)
        self->refusal =
            self->describe(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store));
    return 0;
}

Error TlsSession::State::describe(int error, X509* certificate) const {
    const std::string subject = certificate != nullptr ? name_text(X509_get_subject_name(certificate)) : "?";
    const std::string issuer = certificate != nullptr ? name_text(X509_get_issuer_name(certificate)) : "?";
    const std::string clock = "the clock says " + time_text(peer.now) + " (" + peer.clock + ")";
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return {peer.host,
                "the certificate of " + subject + " has expired: it was valid until " +
                    time_text(X509_get0_notAfter(certificate)) + ", " + clock,
                "renew the certificate, or set the machine's clock if it is wrong",
                Failure::CertificateExpired};
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return {
            peer.host,
            clock + ", but the certificate of " + subject + " is valid only from " +
                time_text(X509_get0_notBefore(certificate)),
            "give a time server: DHCP option 42, or the last field of ip=", Failure::CertificateNotYetValid};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
        return {peer.host,
                "the certificate of " + subject + " is from an issuer that is not in the image: " + issuer,
                ca_hint, Failure::UnknownIssuer};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return {peer.host, "the certificate is for another host: " + subject,
                "the URL must use a name or address that is among the certificate's alternative names",
                Failure::WrongHostCertificate};
    default:
        return {peer.host,
                "the certificate of " + subject + " is refused: " + X509_verify_cert_error_string(error),
                {},
                Failure::TlsFailed};
    }
}

Error TlsSession::State::failure(std::string_view what) {
    if (refusal) return *refusal;
    return {peer.host, std::string(what) + ": " + last_openssl_error(), {}, Failure::TlsFailed};
}

void TlsSession::receive(std::span<const char> bytes) {
    if (!bytes.empty()) BIO_write(state_->from_peer, bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsSession::take_output() {
    std::string out(BIO_ctrl_pending(state_->to_peer), '\0');
    if (!out.empty()) BIO_read(state_->to_peer, out.data(), static_cast<int>(out.size()));
    return out;
}

Result<bool> TlsSession::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(state_->ssl.get());
    if (result == 1) return true;
    if (SSL_get_error(state_->ssl.get(), result) == SSL_ERROR_WANT_READ) return false;
    return fail(state_->failure("the TLS handshake failed"));
}

Result<std::optional<std::size_t>> TlsSession::read(std::span<char> buffer) {
    ERR_clear_error();
    std::size_t length = 0;
    const int result = SSL_read_ex(state_->ssl.get(), buffer.data(), buffer.size(), &length);
    if (result == 1) return std::optional(length);
    switch (SSL_get_error(state_->ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return std::optional<std::size_t>{};
    case SSL_ERROR_ZERO_RETURN:
        return std::optional<std::size_t>{0};
    default:
        return fail(state_->failure("the TLS session broke"));
    }
}

Result<void> TlsSession::write(std::string_view bytes) {
    ERR_clear_error();
    std::size_t written = 0;
    // A memory BIO accepts everything at once.
    if (SSL_write_ex(state_->ssl.get(), bytes.data(), bytes.size(), &written) == 1) return {};
    return fail(state_->failure("the TLS session broke"));
}

} // namespace mkpxerd::wrap
