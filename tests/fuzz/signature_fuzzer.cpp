// SPDX-License-Identifier: MIT
// Signatures beside objects, and keys: only the one signature of the one object counts, however it is
// written, and only a file that holds the key makes it count. The first byte tells what the input is: even, a
// signature; odd, a key.
#include "harness.hpp"

#include <cstring>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/verification.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

// By `openssl genpkey -algorithm ed25519` and `openssl pkeyutl -sign -rawin`, of signed_text(object).
constexpr std::string_view key_text = "nhsppKidBBGkjKOSzEUpk4rSo6J86VTejS0lpqQfUvw=";
constexpr std::string_view signature_text =
    "IoGTLK2T9ag/0S5W1FvUd8X6evu6G/4T3V57unOSTmGFzCPjdJ9bDyW4TwUyYzp7RedZaMZGFFDqkIXMbpaXBQ==";

const netboot::SignedObject& object() {
    static const netboot::SignedObject object{
        "apkovl", "/a.apkovl.tar.gz", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"};
    return object;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k > bytes.size() ? '=' : letters[bits >> (18 - 6 * k) & 63U];
    }
    return text;
}

std::string_view text_of_signature(const wrap::Ed25519Signature& signature) {
    return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

std::string without_blanks(std::string_view text) {
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
                 [](char c) { return std::string_view(" \t\r\n").find(c) == std::string_view::npos; });
    return plain;
}

// The keys of a directory that holds this file alone.
Result<wrap::Ed25519Keys> load(std::string_view file) {
    static const ScratchDirectory directory;
    write(directory.path() / "x.pub", file);
    return wrap::Ed25519Keys::load(directory.path());
}

void read_signature(std::string_view text) {
    static const ScratchDirectory directory;
    static const wrap::Ed25519Keys keys = load(key_text).value();
    static const wrap::Ed25519Signature right = wrap::parse_signature(signature_text).value();
    static const std::filesystem::path bytes = [] {
        write(directory.path() / "object", "x");
        return directory.path() / "object";
    }();
    const auto signature = wrap::parse_signature(text);
    if (signature) {
        require(text.size() >= signature->size());
        const std::string written = base64(text_of_signature(*signature));
        require(wrap::parse_signature(written) == signature);
        require(wrap::parse_signature("\n" + written.substr(0, 40) + "\r\n " + written.substr(40)) ==
                signature);
        if (text.size() == signature->size()) require(text == text_of_signature(*signature));
    }
    const auto signer = netboot::check_signature(object(), keys, text, "a.apkovl", "a.apkovl.sig", bytes);
    require(signer.has_value() == (signature && *signature == right));
    if (!signer) require(signer.error().first().code == Failure::BadSignature);
}

void read_key(std::string_view text) {
    static const wrap::Ed25519Signature right = wrap::parse_signature(signature_text).value();
    const auto keys = load(text);
    require(wrap::check_ed25519_key("x.pub", text).has_value() == keys.has_value());
    if (!keys) {
        require(keys.error().first().code == Failure::BadKey);
        return;
    }
    require(keys->names() == std::vector<std::string>{"x.pub"});
    require(text.find("PRIVATE KEY") == std::string_view::npos);
    const std::string message = netboot::signed_text(object());
    const bool is_ours = keys->signer(std::as_bytes(std::span(message)), right).has_value();
    // The last letter has two bits more than the key.
    const bool holds_ours =
        without_blanks(text).find(key_text.substr(0, key_text.size() - 2)) != std::string::npos;
    require(!is_ours || holds_ours);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = text_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        read_signature(text);
    else
        read_key(text);
    return 0;
}
