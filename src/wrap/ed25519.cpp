// SPDX-License-Identifier: MIT
// Keys and signatures in the forms of files.
#include "mkpxerd/wrap/ed25519.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "bio.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/key_files.hpp"

namespace mkpxerd::wrap {
namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

constexpr std::size_t key_size = 32;

// nullopt: not base64. Padding is required; whitespace is ignored.
std::optional<std::string> decode_base64(std::string_view text) {
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
                 [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
    if (plain.empty() || plain.size() % 4 != 0) return std::nullopt;
    const auto padding = static_cast<std::size_t>(plain.ends_with("==") ? 2 : plain.ends_with('=') ? 1 : 0);
    std::string out(plain.size() / 4 * 3, '\0');
    const int length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
    if (length < 0) return std::nullopt;
    out.resize(static_cast<std::size_t>(length) - padding);
    return out;
}

// nullptr: not such a key.
Key read_key(std::string_view content) {
    const Bio in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    // An encrypted key must not ask for its password.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    Key key(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr) : nullptr);
    ERR_clear_error();
    if (key) return EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519 ? std::move(key) : Key();
    const std::optional<std::string> raw = decode_base64(content);
    if (!raw || raw->size() != key_size) return {};
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                           reinterpret_cast<const unsigned char*>(raw->data()), raw->size()));
}

Result<Key> parse_key(const std::string& object, std::string_view content) {
    constexpr std::string_view begin = "-----BEGIN ";
    if (content.find("PRIVATE KEY") != std::string_view::npos)
        return no_key(object, "contains a private key, which only the signer may have");
    if (content.find(begin) != content.rfind(begin)) return no_key(object, "contains more than one key");
    Key key = read_key(content);
    if (!key) return no_key(object, "contains no Ed25519 public key");
    return key;
}

} // namespace

std::optional<Ed25519Signature> parse_signature(std::string_view content) {
    Ed25519Signature signature{};
    const std::optional<std::string> decoded =
        content.size() == signature.size() ? std::string(content) : decode_base64(content);
    if (!decoded || decoded->size() != signature.size()) return std::nullopt;
    std::memcpy(signature.data(), decoded->data(), signature.size());
    return signature;
}

struct Ed25519Keys::State {
    std::vector<std::pair<std::string, Key>> keys;
};

Ed25519Keys::Ed25519Keys(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519Keys::Ed25519Keys(Ed25519Keys&&) noexcept = default;
Ed25519Keys& Ed25519Keys::operator=(Ed25519Keys&&) noexcept = default;
Ed25519Keys::~Ed25519Keys() = default;

Result<void> check_ed25519_key(const std::string& object, std::string_view content) {
    MKPXERD_TRY(parse_key(object, content));
    return {};
}

Result<Ed25519Keys> Ed25519Keys::load(const std::filesystem::path& directory) {
    auto state = std::make_unique<State>();
    MKPXERD_TRY_ASSIGN(const auto files, list_key_files(directory));
    for (const std::filesystem::path& file : files) {
        const Result<std::string> content = read_regular(file, largest_key_file);
        if (!content) return no_key(file.string(), content.error().first().text);
        MKPXERD_TRY_ASSIGN(Key key, parse_key(file.string(), *content));
        state->keys.emplace_back(file.filename().string(), std::move(key));
    }
    return Ed25519Keys(std::move(state));
}

bool Ed25519Keys::empty() const {
    return state_->keys.empty();
}

std::vector<std::string> Ed25519Keys::names() const {
    std::vector<std::string> names;
    for (const auto& [name, key] : state_->keys)
        names.push_back(name);
    return names;
}

std::optional<std::string> Ed25519Keys::signer(std::span<const std::byte> message,
                                               const Ed25519Signature& signature) const {
    for (const auto& [name, key] : state_->keys) {
        const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
        const bool fits =
            context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                             signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                             message.size()) == 1;
        ERR_clear_error();
        if (fits) return name;
    }
    return std::nullopt;
}

} // namespace mkpxerd::wrap
