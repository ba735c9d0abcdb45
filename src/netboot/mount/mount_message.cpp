// SPDX-License-Identifier: MIT
// XDR (RFC 4506): numbers have 32 bits in network byte order; a text is its length, its bytes, and padding to
// a multiple of four.
//   call     id  0     2        program  version  procedure  credentials 1 20 ...  verifier 0 0  arguments
//   AUTH_SYS stamp 0   name ""  user 0   group 0  no more groups
//   reply    id  1     0        verifier: kind, text         status 0         results
//   EXPORT   1 path, then 1 group ... 0, for each export; 0
//   MNT      status, and if it is 0: file handle, number of flavors, flavors
#include "mkpxerd/netboot/mount/mount_message.hpp"

#include <algorithm>

namespace mkpxerd::netboot {
namespace {

constexpr std::uint32_t call_id = 1;      // each connection carries one call, so any number does
constexpr std::uint32_t max_flavors = 16; // there are seven

void append(std::string& out, std::uint32_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        out += static_cast<char>(number >> shift);
}

// Reading beyond the end gives 0 and sets `bad`.
struct XdrReader {
    std::string_view rest;
    bool bad = false;

    std::string_view bytes(std::size_t size) {
        bad = bad || size > rest.size();
        if (bad) return {};
        const auto taken = rest.substr(0, size);
        rest.remove_prefix(size);
        return taken;
    }
    std::uint32_t number() {
        std::uint32_t value = 0;
        for (const char byte : bytes(4))
            value = value << 8 | static_cast<unsigned char>(byte);
        return value;
    }
    std::string_view text() {
        const std::size_t size = number();
        const auto taken = bytes(size);
        (void)bytes((4 - size % 4) % 4);
        return taken;
    }
};

} // namespace

std::string encode_rpc_call(std::uint32_t program, std::uint32_t version, std::uint32_t procedure,
                            std::span<const std::uint32_t> arguments) {
    std::string call;
    for (const std::uint32_t number :
         {call_id, 0U, 2U, program, version, procedure, rpc_auth_sys, 20U, 0U, 0U, 0U, 0U, 0U, 0U, 0U})
        append(call, number);
    for (const std::uint32_t number : arguments)
        append(call, number);
    std::string record;
    append(record, rpc_last_fragment | static_cast<std::uint32_t>(call.size()));
    return record + call;
}

std::vector<std::uint32_t> xdr_text(std::string_view text) {
    std::vector<std::uint32_t> numbers = {static_cast<std::uint32_t>(text.size())};
    std::string bytes(text);
    bytes.resize((bytes.size() + 3) / 4 * 4);
    for (XdrReader reader{bytes}; !reader.rest.empty();)
        numbers.push_back(reader.number());
    return numbers;
}

std::uint32_t read_rpc_number(std::string_view bytes) {
    return XdrReader{bytes}.number();
}

std::optional<std::string_view> parse_rpc_reply(std::string_view reply) {
    XdrReader reader{reply};
    const bool ours = reader.number() == call_id && reader.number() == 1 && reader.number() == 0;
    (void)reader.number(); // kind of verifier
    (void)reader.text();
    const bool success = reader.number() == 0;
    return ours && success && !reader.bad ? std::optional(reader.rest) : std::nullopt;
}

std::optional<std::vector<std::string>> parse_exports(std::string_view results) {
    std::vector<std::string> paths;
    XdrReader reader{results};
    while (reader.number() != 0 && !reader.bad) {
        paths.emplace_back(reader.text());
        while (reader.number() != 0 && !reader.bad)
            (void)reader.text();
    }
    return reader.bad ? std::nullopt : std::optional(std::move(paths));
}

std::optional<MountAnswer> parse_mount_answer(std::string_view results) {
    XdrReader reader{results};
    MountAnswer answer;
    answer.status = reader.number();
    if (answer.status == 0) {
        (void)reader.text(); // the file handle
        for (std::uint32_t left = std::min(reader.number(), max_flavors); left > 0 && !reader.bad; --left)
            answer.flavors.push_back(reader.number());
    }
    return reader.bad ? std::nullopt : std::optional(std::move(answer));
}

bool is_exported(std::string_view path, const std::vector<std::string>& exports) {
    return std::any_of(exports.begin(), exports.end(), [&](std::string_view root) {
        while (root.ends_with('/'))
            root.remove_suffix(1);
        return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
    });
}

} // namespace mkpxerd::netboot
