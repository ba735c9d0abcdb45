// SPDX-License-Identifier: MIT
// URL -> a stream to its server: straight or through a proxy, with TLS where the scheme says so.
#pragma once

#include <memory>
#include <string>

#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"

namespace mkpxerd::netboot {

// patience: what TLS and the proxy may take. Errors: those of connect_tcp and start_tls; MPX-HTTP-07 the
// proxy wants a (better) password, -08 it does not connect.
Task<std::unique_ptr<Stream>> open_connection(const TransferContext& context, const Url& url,
                                              bool small_segments, std::chrono::seconds patience);

// "Basic ..." for a Authorization or Proxy-Authorization header (RFC 7617); empty when the URL has no
// userinfo.
std::string basic_credentials(const Url& url);

} // namespace mkpxerd::netboot
