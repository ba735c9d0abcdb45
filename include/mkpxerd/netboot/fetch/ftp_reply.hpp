// SPDX-License-Identifier: MIT
// Bytes of an FTP server's control connection -> replies (RFC 959 4.2). Pure; servers may be hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct FtpReply {
    unsigned code = 0; // 100 to 599
    std::string text;  // of the last line, printable
    bool operator==(const FtpReply&) const = default;
};

class FtpReplyReader {
  public:
    // Errors, without an object: MPX-FTP-04 not a reply, or too long.
    Result<void> feed(std::string_view bytes);
    // The next whole reply, nullopt when more bytes are needed. Errors: as feed().
    Result<std::optional<FtpReply>> next();

  private:
    std::string pending_;
    std::string open_; // the code of a reply of several lines, until its last line
};

// The port of "229 Entering Extended Passive Mode (|||6446|)" (RFC 2428 3).
std::optional<std::uint16_t> parse_epsv(std::string_view text);
// The port of "227 Entering Passive Mode (10,0,0,1,25,46)". The address is ignored: behind NAT it is wrong,
// and a hostile server may name a third party.
std::optional<std::uint16_t> parse_pasv(std::string_view text);

// The path of a URL, for SIZE, MDTM and RETR (RFC 1738 3.2.2): relative to the login directory, or absolute
// after
// "%2F"; ";type=i" is dropped. nullopt: it contains control characters, or lacks a file name.
std::optional<std::string> ftp_path(std::string_view target);

} // namespace mkpxerd::netboot
