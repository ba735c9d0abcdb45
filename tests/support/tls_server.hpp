// SPDX-License-Identifier: MIT
// Certificates made in memory, and a TLS server over memory, for tests of the client.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string>
#include <string_view>

namespace mkpxerd::test {

template <class T, void (*free)(T*)>
struct OpensslFree {
    void operator()(T* object) const { free(object); }
};
template <class T, void (*free)(T*)>
using Openssl = std::unique_ptr<T, OpensslFree<T, free>>;

inline constexpr std::int64_t certificate_begin = 1577836800; // 2020-01-01
inline constexpr std::int64_t certificate_end = 1893456000;   // 2030-01-01

// A certificate with its key: of an authority, or signed by one.
class Certificate {
  public:
    // An authority.
    explicit Certificate(std::string_view name) : Certificate(name, "", nullptr) {}
    // A server. hosts: "DNS:boot.example,IP:10.0.0.1".
    Certificate(std::string_view name, const std::string& hosts, const Certificate& issuer)
        : Certificate(name, hosts, &issuer) {}

    std::string pem() const {
        const Openssl<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
        REQUIRE(PEM_write_bio_X509(out.get(), certificate_.get()) == 1);
        char* text = nullptr;
        const long length = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(length)};
    }
    X509* certificate() const { return certificate_.get(); }
    EVP_PKEY* key() const { return key_.get(); }

  private:
    Certificate(std::string_view name, const std::string& hosts, const Certificate* issuer)
        : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
        X509* const x509 = certificate_.get();
        REQUIRE((key_ && x509 != nullptr));
        X509_set_version(x509, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), issuer == nullptr ? 1 : 2);
        ASN1_TIME_set(X509_getm_notBefore(x509), certificate_begin);
        ASN1_TIME_set(X509_getm_notAfter(x509), certificate_end);
        X509_set_pubkey(x509, key_.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0);
        const Certificate& signer = issuer == nullptr ? *this : *issuer;
        X509_set_issuer_name(x509, X509_get_subject_name(signer.certificate()));
        extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
        if (!hosts.empty()) extend(NID_subject_alt_name, hosts);
        REQUIRE(X509_sign(x509, signer.key(), EVP_sha256()) > 0);
    }
    void extend(int nid, const std::string& value) {
        const Openssl<X509_EXTENSION, X509_EXTENSION_free> extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
        REQUIRE(extension);
        X509_add_ext(certificate_.get(), extension.get(), -1);
    }
    Openssl<EVP_PKEY, EVP_PKEY_free> key_;
    Openssl<X509, X509_free> certificate_;
};

// Bytes go in and out as strings; nothing waits. The certificate outlives it.
class TlsServer {
  public:
    explicit TlsServer(const Certificate& certificate) : context_(SSL_CTX_new(TLS_server_method())) {
        REQUIRE(SSL_CTX_use_certificate(context_.get(), certificate.certificate()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), certificate.key()) == 1);
        ssl_.reset(SSL_new(context_.get()));
        from_client_ = BIO_new(BIO_s_mem());
        to_client_ = BIO_new(BIO_s_mem());
        BIO_set_mem_eof_return(from_client_, -1); // more may come
        SSL_set_bio(ssl_.get(), from_client_, to_client_);
        SSL_set_accept_state(ssl_.get());
    }
    // Takes the client's bytes; what they decrypt to is added to received().
    void feed(std::string_view bytes) {
        BIO_write(from_client_, bytes.data(), static_cast<int>(bytes.size()));
        char buffer[4096];
        std::size_t length = 0;
        while (SSL_read_ex(ssl_.get(), buffer, sizeof buffer, &length) == 1) // which does the handshake, too
            received_.append(buffer, length);
        ERR_clear_error();
    }
    bool is_connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }
    const std::string& received() const { return received_; }
    // The name of the host that the client asked for (SNI); empty: none.
    std::string asked_for() const {
        const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
        return name != nullptr ? name : "";
    }
    void write(std::string_view text) {
        std::size_t length = 0;
        REQUIRE(SSL_write_ex(ssl_.get(), text.data(), text.size(), &length) == 1);
    }
    void close_notify() { SSL_shutdown(ssl_.get()); }
    // What is to be sent to the client.
    std::string take_output() {
        std::string out(BIO_ctrl_pending(to_client_), '\0');
        if (!out.empty()) BIO_read(to_client_, out.data(), static_cast<int>(out.size()));
        return out;
    }

  private:
    Openssl<SSL_CTX, SSL_CTX_free> context_;
    Openssl<SSL, SSL_free> ssl_;
    BIO* from_client_ = nullptr; // both are owned by ssl_
    BIO* to_client_ = nullptr;
    std::string received_;
};

} // namespace mkpxerd::test
