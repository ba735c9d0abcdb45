// SPDX-License-Identifier: MIT
// URL -> a stream to its server: directly or through a proxy, with TLS for https.
#pragma once

#include <memory>

#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"

namespace mkpxerd::netboot {

// Proxy and TLS together must answer within the patience of the transfer. Errors: those of connect_tcp and
// start_tls; MPX-FETCH-06 one of them did not; MPX-HTTP-07 the proxy wants a (better) password, -08 it does
// not connect.
Task<std::unique_ptr<Stream>> open_connection(const TransferContext& context, const Url& url,
                                              const Transfer& transfer);

} // namespace mkpxerd::netboot
