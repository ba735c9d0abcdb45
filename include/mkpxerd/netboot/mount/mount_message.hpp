// SPDX-License-Identifier: MIT
// Calls of the portmapper (RFC 1833) and of MOUNT version 3 (RFC 1813 5.2) <-> bytes, by ONC RPC (RFC 5531).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::netboot {

// A bit of the mark before each fragment of a record over TCP (RFC 5531 11); the other bits are the size of
// the fragment in bytes.
inline constexpr std::uint32_t rpc_last_fragment = 0x80000000;

inline constexpr std::uint32_t rpc_auth_sys = 1; // RFC 5531 8.2
// A call with its record mark, made as root by AUTH_SYS. XDR numbers are its arguments.
std::string encode_rpc_call(std::uint32_t program, std::uint32_t version, std::uint32_t procedure,
                            std::span<const std::uint32_t> arguments);
// A text as arguments: its length, then its bytes, four per number.
std::vector<std::uint32_t> xdr_text(std::string_view text);
// The results in a reply without its record mark. nullopt: the call failed.
std::optional<std::string_view> parse_rpc_reply(std::string_view reply);
// The first number; 0 if the bytes are too short.
std::uint32_t read_rpc_number(std::string_view bytes);
// Paths in the results of MOUNT's EXPORT. nullopt: the results are damaged.
std::optional<std::vector<std::string>> parse_exports(std::string_view results);
// The results of MOUNT's MNT.
struct MountAnswer {
    std::uint32_t status = 0; // MNT3_OK, or as errno: EACCES, ENOENT
    // Flavors of authentication that the export accepts, in the server's order of preference.
    std::vector<std::uint32_t> flavors;
    bool operator==(const MountAnswer&) const = default;
};
std::optional<MountAnswer> parse_mount_answer(std::string_view results);
// Is the path an export, or beneath one?
bool is_exported(std::string_view path, const std::vector<std::string>& exports);

} // namespace mkpxerd::netboot
