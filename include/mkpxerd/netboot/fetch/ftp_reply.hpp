// SPDX-License-Identifier: MIT
// What an FTP server says on its control connection (RFC 959 4.2), as bytes -> values. Pure; servers may be
// hostile.
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
    // Errors: MPX-FTP-04 what is no reply, or too long for one.
    Result<void> feed(std::string_view bytes);
    // The next whole reply, nullopt when more bytes are needed. Errors: as feed().
    Result<std::optional<FtpReply>> next();

  private:
    std::string pending_;
    std::string open_; // the code of a reply of several lines that has begun
};

// The port of "229 Entering Extended Passive Mode (|||6446|)" (RFC 2428 3).
std::optional<std::uint16_t> parse_epsv(std::string_view text);
// The port of "227 Entering Passive Mode (10,0,0,1,25,46)". The address is not looked at: behind a translator
// it is wrong, and from a hostile server it leads to third parties.
std::optional<std::uint16_t> parse_pasv(std::string_view text);

// The path that a URL means, for SIZE, MDTM and RETR (RFC 1738 3.2.2): relative to where the login leads,
// "%2F" in front makes it absolute, ";type=i" is dropped. nullopt: it holds control characters, or no file
// name.
std::optional<std::string> ftp_path(std::string_view target);

} // namespace mkpxerd::netboot
