// SPDX-License-Identifier: MIT
// Trusts no server.
#include "mkpxerd/netboot/fetch/verification.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {

Result<std::optional<std::string>> pinned_sha256(const Url& url) {
    constexpr std::string_view prefix = "sha256=";
    if (url.fragment.empty()) return std::optional<std::string>{};
    const std::string digits = to_lower(url.fragment.substr(std::min(prefix.size(), url.fragment.size())));
    if (!url.fragment.starts_with(prefix) || digits.size() != 64 ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos)
        return fail(url.redacted(), fmt::format("'#{}' is not a SHA-256", url.fragment),
                    "append #sha256= and 64 hexadecimal digits", Failure::BadUrl);
    return std::optional(digits);
}

Result<void> check_sha256(const std::string& object_at, const std::string& expected,
                          const std::string& actual) {
    if (expected == actual) return {};
    return fail(object_at, fmt::format("has the SHA-256 {}, not {}", actual, expected),
                "the object has changed, or the hash belongs to another version", Failure::WrongHash);
}

Url signature_url(const Url& url) {
    Url out = url;
    out.fragment.clear();
    const std::size_t query = url.scheme == "ftp" ? std::string::npos : out.target.find('?');
    out.target.insert(std::min(query, out.target.size()), ".sig");
    return out;
}

std::string signed_name(const Url& url) {
    return url.target;
}

std::string signed_text(const SignedObject& object) {
    return fmt::format("mkpxerd signature 1\nobject: {}\nname: {}\nsha256: {}\n", object.role, object.name,
                       object.sha256);
}

Result<std::string> check_signature(const SignedObject& object, const wrap::Ed25519Keys& keys,
                                    std::string_view signature, const std::string& object_at,
                                    const std::string& signature_at, const std::filesystem::path& bytes) {
    const std::optional<wrap::Ed25519Signature> parsed = wrap::parse_signature(signature);
    if (!parsed)
        return fail(signature_at, "is not an Ed25519 signature", "it must have 64 bytes, raw or in base64",
                    Failure::BadSignature);
    const std::string text = signed_text(object);
    if (auto signer = keys.signer(std::as_bytes(std::span(text)), *parsed)) return std::move(*signer);
    // A query may contain secrets.
    const std::size_t query = object.name.find('?');
    const std::string name = object.name.substr(0, query) + (query == std::string::npos ? "" : "?...");
    MKPXERD_TRY_ASSIGN(const MappedFile content, MappedFile::open(bytes));
    if (const auto signer = keys.signer(content.bytes(), *parsed))
        return fail(
            object_at,
            fmt::format("its signature by {} covers only the bytes, as in mkpxerd 0.1, and not which object "
                        "they are",
                        *signer),
            fmt::format("sign it again as {} {}: docs/signatures.md has the commands", object.role, name),
            Failure::BadSignature);
    std::string names;
    for (const std::string& key : keys.names())
        names += (names.empty() ? "" : ", ") + key;
    return fail(object_at,
                fmt::format("its signature matches no key in the image ({}), or is not for {} {}", names,
                            object.role, name),
                "the object was changed, signed with another key, or signed as another object "
                "(docs/signatures.md)",
                Failure::BadSignature);
}

} // namespace mkpxerd::netboot
