// SPDX-License-Identifier: MIT
// One attempt to fetch an object by HTTP: redirects followed, continued from where the file ends when the
// server can.
#pragma once

#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Error codes: MPX-HTTP-01 not found, -02 refused by a 4xx, -03 a 5xx, -04 not HTTP, -05 redirects that lead
// nowhere, -06 a range that was not asked for, -07 the proxy wants a password, -08 the proxy does not
// connect; MPX-FETCH-04 connection refused, -05 no route or answer, -06 stalled, -07 cut off, -03 cannot be
// written; MPX-TLS-..., MPX-DNS-... The object of an error is the URL without its secrets.
boost::asio::awaitable<AttemptEnd> http_attempt(const TransferContext& context, const Url& url,
                                                Transfer& transfer);

// The request's text; offset 0 asks for the whole object.
std::string http_request(const Url& url, std::uint64_t offset, const std::string& validator,
                         const std::optional<Url>& proxy = std::nullopt);

// What If-Range may carry (RFC 9110 13.1.5): a strong ETag, else the date. Empty: neither.
std::string validator_of(const HttpHead& head);

} // namespace mkpxerd::netboot
