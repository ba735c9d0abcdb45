// SPDX-License-Identifier: MIT
// One attempt to fetch an object by HTTP. It follows redirects, and resumes at the end of the file if the
// server can.
#pragma once

#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Error codes: MPX-HTTP-01 not found, -02 refused by a 4xx, -03 a 5xx, -04 not HTTP, -05 redirects that lead
// nowhere, -06 another range than requested, -07 the proxy wants a password, -08 the proxy does not connect;
// MPX-FETCH-04 connection refused, -05 no route or answer, -06 stalled, -07 cut off, -03 cannot be
// written; MPX-TLS-..., MPX-DNS-... The object of an error is the URL without its secrets.
boost::asio::awaitable<AttemptEnd> http_attempt(const TransferContext& context, const Url& url,
                                                Transfer& transfer);

// The value for If-Range (RFC 9110 13.1.5): a strong ETag, or else the date. Empty: the server sent neither.
std::string validator_of(const HttpHead& head);

} // namespace mkpxerd::netboot
