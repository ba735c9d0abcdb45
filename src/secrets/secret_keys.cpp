// SPDX-License-Identifier: MIT
// Parses each form just far enough to distinguish a private key from a public one. Checks lengths against the
// size of the file, to rule out firmware that begins with the same byte.
#include "secret_keys.hpp"

#include <algorithm>
#include <optional>

namespace mkpxerd {
namespace {

// ---- DER: X.690

constexpr unsigned tag_integer = 0x02;
constexpr unsigned tag_octets = 0x04;
constexpr unsigned tag_object = 0x06;
constexpr unsigned tag_sequence = 0x30;

// Reads big-endian numbers of a fixed width, or little-endian ones; nothing beyond the end.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes, bool little = false) : bytes_(bytes), little_(little) {}
    std::optional<std::uint64_t> number(std::size_t width) {
        if (left() < width) return std::nullopt;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes_[at_ + (little_ ? width - 1 - i : i)]);
        at_ += width;
        return value;
    }
    bool skip(std::uint64_t count) {
        if (left() < count) return false;
        at_ += count;
        return true;
    }
    // A text with its length in front.
    bool skip_counted(std::size_t width) {
        const auto size = number(width);
        return size && skip(*size);
    }
    std::size_t left() const { return bytes_.size() - at_; }
    std::size_t at() const { return at_; }
    std::string_view rest() const { return bytes_.substr(at_); }

  private:
    std::string_view bytes_;
    bool little_;
    std::size_t at_ = 0;
};

struct Element {
    unsigned tag = 0;
    std::uint64_t length = 0;
    std::string_view content; // the part that was read
    std::string_view after;
};

// Definite lengths of at most 4 bytes, enough for any key.
std::optional<Element> take_element(std::string_view bytes) {
    ByteReader reader(bytes);
    const auto tag = reader.number(1);
    auto length = reader.number(1);
    if (!tag || !length) return std::nullopt;
    if (*length >= 0x80) {
        const std::uint64_t width = *length & 0x7f;
        if (width < 1 || width > 4) return std::nullopt;
        length = reader.number(width);
        if (!length) return std::nullopt;
    }
    const std::string_view rest = reader.rest();
    const std::size_t here = std::min<std::uint64_t>(*length, rest.size());
    return Element{static_cast<unsigned>(*tag), *length, rest.substr(0, here), rest.substr(here)};
}

bool is_small_integer(const Element& element, std::string_view allowed) {
    return element.tag == tag_integer && element.length == 1 && element.content.size() == 1 &&
           allowed.find(element.content[0]) != std::string_view::npos;
}

// "1.2.840.113549.1.5" (PKCS#5) and "1.2.840.113549.1.12.1" (PKCS#12), the encryptions of keys.
bool is_encryption_of_keys(const Element& algorithm) {
    const auto object = take_element(algorithm.content);
    return algorithm.tag == tag_sequence && object && object->tag == tag_object &&
           (object->content.starts_with("\x2a\x86\x48\x86\xf7\x0d\x01\x05") ||
            object->content.starts_with("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"));
}

const char* find_der_key(std::string_view content, std::uint64_t size) {
    using namespace std::string_view_literals;
    const auto whole = take_element(content);
    if (!whole || whole->tag != tag_sequence) return nullptr;
    const std::uint64_t end = content.size() - whole->content.size() - whole->after.size() + whole->length;
    if (end > size || size - end > 2) return nullptr; // a line break may follow
    const auto first = take_element(whole->content);
    if (!first) return nullptr;
    const auto second = take_element(first->after);
    if (!second) return nullptr;
    // EncryptedPrivateKeyInfo, RFC 5958 section 3.
    if (is_encryption_of_keys(*first) && second->tag == tag_octets) return private_key;
    // PFX, RFC 7292 section 4: one with only certificates has no key bag.
    if (is_small_integer(*first, "\x03"sv) && second->tag == tag_sequence) {
        static constexpr std::string_view bag = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
        for (auto at = content.find(bag); at != std::string_view::npos; at = content.find(bag, at + 1))
            if (const auto kind = content.substr(at + bag.size(), 1); kind == "\x01" || kind == "\x02")
                return private_key;
        return nullptr;
    }
    if (!is_small_integer(*first, "\x00\x01"sv)) return nullptr;
    // PrivateKeyInfo, RFC 5958 section 2: version, algorithm, key.
    if (second->tag == tag_sequence) {
        const auto object = take_element(second->content);
        const auto key = take_element(second->after);
        return object && object->tag == tag_object && key && key->tag == tag_octets ? private_key : nullptr;
    }
    // RSAPrivateKey, RFC 8017 appendix A.1.2, and the same form of DSA: version and numbers.
    const auto third = take_element(second->after);
    if (second->tag == tag_integer && second->length >= 32)
        return third && third->tag == tag_integer ? private_key : nullptr;
    // ECPrivateKey, RFC 5915 section 3: version 1 and the number, then perhaps [0] curve and [1] point.
    return second->tag == tag_octets && second->length >= 16 && second->length <= 72 &&
                   first->content == "\x01" &&
                   (second->after.empty() || (third && (third->tag == 0xa0 || third->tag == 0xa1)))
               ? private_key
               : nullptr;
}

// ---- others

// sun.security.provider.JavaKeyStore: magic, version, count; entries of keys (1), certificates (2), and in
// JCEKS secret keys (3).
const char* find_java_key(std::string_view content) {
    ByteReader reader(content);
    const auto magic = reader.number(4);
    if (magic != 0xfeedfeed && magic != 0xcececece) return nullptr;
    const auto version = reader.number(4);
    const auto count = reader.number(4);
    if (!version || *version < 1 || *version > 2 || !count) return nullptr;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto kind = reader.number(4);
        if (kind == 1 || kind == 3) return private_key;
        // alias, date, type, certificate
        if (kind != 2 || !reader.skip_counted(2) || !reader.skip(8) ||
            (*version == 2 && !reader.skip_counted(2)) || !reader.skip_counted(4))
            return nullptr;
    }
    return nullptr;
}

// MIT Kerberos, "keytab file format": version 5.2 is big-endian, 5.1 in the machine's byte order; each entry
// follows its size, and holes have negative sizes. An entry begins with its principal: realm and parts of the
// name.
const char* find_keytab(std::string_view content, std::uint64_t size) {
    constexpr std::int64_t largest_entry = 65535;
    constexpr std::uint64_t max_parts = 16;
    if (!content.starts_with("\x05\x02") && !content.starts_with("\x05\x01")) return nullptr;
    ByteReader reader(content.substr(2), content[1] == '\x01');
    while (const auto field = reader.number(4)) {
        const std::int64_t length = static_cast<std::int32_t>(*field);
        if (length < 0) {
            if (!reader.skip(static_cast<std::uint64_t>(-length))) return nullptr;
            continue;
        }
        const auto parts = reader.number(2);
        if (length == 0 || length > largest_entry || static_cast<std::uint64_t>(length) > size || !parts ||
            *parts < 1 || *parts > max_parts)
            return nullptr;
        // The realm first, which version 5.1 counts as well.
        for (std::uint64_t left = *parts + (content[1] == '\x02' ? 1 : 0); left > 0; --left) {
            const auto letters = reader.number(2);
            if (!letters || *letters > reader.left()) return nullptr;
            const std::string_view name = reader.rest().substr(0, *letters);
            if (std::any_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; }))
                return nullptr;
            reader.skip(*letters);
        }
        return "contains keys of Kerberos";
    }
    return nullptr;
}

// Dropbear stores its keys like public keys in SSH (RFC 4253 section 6.6), followed by the private numbers:
// no other program uses this form for files.
bool is_dropbear_key(std::string_view content) {
    ByteReader reader(content);
    const auto length = reader.number(4);
    if (!length || *length > 32) return false;
    for (const std::string_view name : {"ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256",
                                        "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"})
        if (*length == name.size() && reader.rest().starts_with(name)) return true;
    return false;
}

// RFC 9580: a secret-key packet (tag 5), then its user id, signature or subkey.
const char* find_openpgp_key(std::string_view content, std::uint64_t size) {
    ByteReader reader(content);
    const auto tag_of = [](std::uint64_t byte) -> std::uint64_t {
        if ((byte & 0x80) == 0) return 0;
        return (byte & 0x40) != 0 ? byte & 0x3f : byte >> 2 & 0x0f;
    };
    const auto head = reader.number(1);
    if (!head || tag_of(*head) != 5) return nullptr;
    std::optional<std::uint64_t> length;
    if ((*head & 0x40) == 0) {
        if ((*head & 3) == 3) return nullptr;
        length = reader.number(std::size_t{1} << (*head & 3));
    } else {
        length = reader.number(1);
        if (length && *length >= 192 && *length < 224) {
            const auto second = reader.number(1);
            length = second ? std::optional((*length - 192) * 256 + *second + 192) : std::nullopt;
        } else if (length && *length == 255) {
            length = reader.number(4);
        } else if (length && *length >= 224) {
            return nullptr;
        }
    }
    if (!length || *length < 16 || *length > size) return nullptr;
    const std::size_t body = reader.at();
    const auto version = reader.number(1);
    if (!version || *version < 3 || *version > 6) return nullptr;
    if (body + *length == size) return private_key;
    if (body + *length >= content.size()) return nullptr;
    const std::uint64_t next = tag_of(static_cast<unsigned char>(content[body + *length]));
    return next == 2 || next == 7 || next == 13 ? private_key : nullptr;
}

} // namespace

const char* find_binary_key(std::string_view content, std::uint64_t size) {
    if (const char* what = find_der_key(content, size)) return what;
    if (const char* what = find_java_key(content)) return what;
    if (const char* what = find_keytab(content, size)) return what;
    if (content.starts_with(std::string_view("\x05\x04\x00\x0c\x00\x01\x00\x08", 8)))
        return "contains tickets of Kerberos";
    if (content.starts_with("SSH PRIVATE KEY FILE FORMAT 1.1\n")) return private_key; // SSH 1
    if (is_dropbear_key(content)) return private_key;
    return find_openpgp_key(content, size);
}

} // namespace mkpxerd
