// SPDX-License-Identifier: MIT
// One attempt to fetch an object by FTP: passive and binary. It resumes at the end of the file if the object
// has not changed.
#pragma once

#include "mkpxerd/netboot/fetch/transfer.hpp"

namespace mkpxerd::netboot {

// Error codes: MPX-FTP-01 not found, -02 login refused, -03 a command refused, -04 not FTP;
// MPX-FETCH-... and MPX-DNS-... as for HTTP.
boost::asio::awaitable<AttemptEnd> ftp_attempt(const TransferContext& context, const Url& url,
                                               Transfer& transfer);

} // namespace mkpxerd::netboot
