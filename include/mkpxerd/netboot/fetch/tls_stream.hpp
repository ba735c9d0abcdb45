// SPDX-License-Identifier: MIT
// TLS over another stream.
#pragma once

#include <memory>

#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/wrap/tls.hpp"

namespace mkpxerd::netboot {

// Does the handshake. trust must outlive the stream. Errors: those of wrap::TlsSession::handshake and of the
// inner stream.
Task<std::unique_ptr<Stream>> start_tls(std::unique_ptr<Stream> inner, const wrap::TlsTrust& trust,
                                        wrap::TlsPeer peer);

} // namespace mkpxerd::netboot
