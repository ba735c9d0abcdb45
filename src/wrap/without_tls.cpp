// SPDX-License-Identifier: MIT
// Replaces tls.cpp and ed25519.cpp in an /init without OpenSSL: refuses everything that would need them.
// There is never a session or a key, so their functions are never called.
#include <cstdlib>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/wrap/ed25519.hpp"
#include "mkpxerd/wrap/tls.hpp"

namespace mkpxerd::wrap {

struct TlsTrust::State {};
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;

Result<TlsTrust> TlsTrust::load(std::span<const std::filesystem::path>) {
    return fail("https", "the image was built without certificate authorities, so its /init has no TLS",
                "build with feature https, or --ca FILE", Failure::NoAuthorities);
}

struct TlsSession::State {};
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

// NOLINTNEXTLINE(performance-unnecessary-value-param): tls.cpp moves it
Result<TlsSession> TlsSession::client(const TlsTrust&, TlsPeer) {
    std::abort();
}
void TlsSession::receive(std::span<const char>) {
    std::abort();
}
std::string TlsSession::take_output() {
    std::abort();
}
Result<bool> TlsSession::handshake() {
    std::abort();
}
Result<std::optional<std::size_t>> TlsSession::read(std::span<char>) {
    std::abort();
}
Result<void> TlsSession::write(std::string_view) {
    std::abort();
}

std::optional<Ed25519Signature> parse_signature(std::string_view) {
    return std::nullopt;
}

struct Ed25519Keys::State {};
Ed25519Keys::Ed25519Keys(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519Keys::Ed25519Keys(Ed25519Keys&&) noexcept = default;
Ed25519Keys& Ed25519Keys::operator=(Ed25519Keys&&) noexcept = default;
Ed25519Keys::~Ed25519Keys() = default;

// A key in the image means that everything must be signed, even if the key came from another archive.
Result<Ed25519Keys> Ed25519Keys::load(const std::filesystem::path& directory) {
    MKPXERD_TRY_ASSIGN(const auto files, list_key_files(directory));
    if (!files.empty())
        return fail(files.front().string(),
                    "cannot be used: the image was built without keys, so its /init cannot verify signatures",
                    "build the image with this key in it", Failure::BadKey);
    return Ed25519Keys(std::make_unique<State>());
}

bool Ed25519Keys::empty() const {
    return true;
}

std::vector<std::string> Ed25519Keys::names() const {
    return {};
}

std::optional<std::string> Ed25519Keys::signer(std::span<const std::byte>, const Ed25519Signature&) const {
    return std::nullopt;
}

} // namespace mkpxerd::wrap
