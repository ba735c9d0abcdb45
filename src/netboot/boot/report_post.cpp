// SPDX-License-Identifier: MIT
// Sends one request and reads the status of its response.
#include "mkpxerd/netboot/boot/report_post.hpp"

#include <array>
#include <fmt/format.h>

#include "mkpxerd/netboot/fetch/http_request.hpp"
#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {

Task<void> post_report(boost::asio::io_context& io, const NetworkState& network, const Url& place,
                       std::string body, Deadline deadline) {
    if (place.scheme != "http") co_return fail(place.redacted(), "reports can only be posted by http");
    MKPXERD_CO_TRY_ASSIGN(const auto stream,
                          co_await connect_tcp(io, dns_config(network), place.host, place.port, deadline));
    const Interrupt at_deadline(io, deadline, {}, [&stream] { stream->abort(); });
    MKPXERD_CO_TRY(co_await stream->write_all(post_request(place, body)));
    unsigned status = 0;
    HttpResponse response(
        [&status](const HttpHead& head) {
            status = head.status;
            return Result<void>();
        },
        [](std::span<const char>) { return Result<void>(); });
    std::array<char, 4096> buffer{};
    while (status == 0) {
        MKPXERD_CO_TRY_ASSIGN(const std::size_t got, co_await stream->read_some(buffer));
        const Result<void> fed = got == 0 ? response.feed_end() : response.feed({buffer.data(), got});
        if (!fed) co_return fail(place.redacted(), fed.error().first().text);
        if (got == 0) break;
    }
    if (status / 100 != 2)
        co_return fail(place.redacted(), fmt::format("refused the report with status {}", status));
    co_return Result<void>();
}

} // namespace mkpxerd::netboot
