// SPDX-License-Identifier: MIT
// Nothing here is asked to trust a server.
#include "mkpxerd/netboot/verification.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {

Result<std::optional<std::string>> pinned_sha256(const Url& url) {
    constexpr std::string_view prefix = "sha256=";
    if (url.fragment.empty()) return std::optional<std::string>{};
    const std::string digits = to_lower(url.fragment.substr(std::min(prefix.size(), url.fragment.size())));
    if (!url.fragment.starts_with(prefix) || digits.size() != 64 ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos)
        return fail(url.redacted(), fmt::format("'#{}' is no hash to check", url.fragment),
                    "write #sha256= and 64 hexadecimal digits", "MPX-FETCH-01");
    return std::optional(digits);
}

Result<void> check_sha256(const Url& url, const std::string& expected, const std::string& actual) {
    if (expected == actual) return {};
    return fail(url.redacted(), fmt::format("has the SHA-256 {}, not {}", actual, expected),
                "the object was replaced, or the hash belongs to another version", "MPX-FETCH-08");
}

Url signature_url(const Url& url) {
    Url out = url;
    out.fragment.clear();
    const std::size_t query = url.scheme == "ftp" ? std::string::npos : out.target.find('?');
    out.target.insert(std::min(query, out.target.size()), ".sig");
    return out;
}

Result<std::string> check_signature(const Url& url, const wrap::Ed25519Keys& keys,
                                    const std::filesystem::path& object,
                                    const std::filesystem::path& signature) {
    MKPXERD_TRY_ASSIGN(const std::string content, read_file(signature));
    const std::optional<wrap::Ed25519Signature> parsed = wrap::parse_signature(content);
    if (!parsed)
        return fail(signature_url(url).redacted(), "holds no Ed25519 signature",
                    "64 bytes, plain or in base64", "MPX-FETCH-09");
    MKPXERD_TRY_ASSIGN(const MappedFile bytes, MappedFile::open(object));
    if (std::optional<std::string> signer = keys.signer(bytes.bytes(), *parsed)) return std::move(*signer);
    std::string names;
    for (const std::string& name : keys.names())
        names += (names.empty() ? "" : ", ") + name;
    return fail(url.redacted(), fmt::format("its signature is of none of the keys in the image ({})", names),
                "the object was changed, or signed with another key", "MPX-FETCH-09");
}

} // namespace mkpxerd::netboot
