// SPDX-License-Identifier: MIT
// One attempt to fetch an object by FTP: passive, binary, continued from where the file ends when the object
// is still the same.
#pragma once

#include "mkpxerd/netboot/fetch/transfer.hpp"

namespace mkpxerd::netboot {

// Error codes: MPX-FTP-01 not found, -02 the login is refused, -03 the server refuses a step, -04 not FTP;
// MPX-FETCH-... and MPX-DNS-... as for HTTP.
boost::asio::awaitable<AttemptEnd> ftp_attempt(const TransferContext& context, const Url& url,
                                               Transfer& transfer);

} // namespace mkpxerd::netboot
