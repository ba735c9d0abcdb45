// SPDX-License-Identifier: MIT
// For TLS a proxy opens a tunnel, and sees only the name of the host.
#include "mkpxerd/netboot/fetch/connection.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/http_request.hpp"
#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"
#include "mkpxerd/netboot/fetch/tls_stream.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

// The reader knows mkpxerd.proxy= and the URL, and not the address that the init connects to.
Error of_proxy(const Error& error, const Url& proxy) {
    Problem problem = error.first();
    problem.text =
        fmt::format("the proxy {} cannot be used: {}: {}", proxy.redacted(), problem.object, problem.text);
    problem.object.clear();
    problem.hint = "does mkpxerd.proxy= name the right host and port, and does the proxy run";
    return Error(std::move(problem));
}

Result<void> check_proxy_answer(const Url& proxy, const HttpHead& head) {
    if (head.status / 100 == 2) return {};
    const std::string status = fmt::format("{} {}", head.status, head.reason);
    if (head.status == 407)
        return fail(proxy.redacted(), fmt::format("the proxy wants a user name and password: {}", status),
                    "mkpxerd.proxy=http://user:password@host:port", Failure::ProxyLogin);
    return fail(proxy.redacted(), fmt::format("the proxy does not connect: {}", status), {},
                Failure::ProxyRefused);
}

// Nothing follows the head of the proxy's answer, because the client speaks first in TLS.
Task<void> open_tunnel(Stream& stream, const Url& proxy, const Url& url) {
    MKPXERD_CO_TRY(co_await stream.write_all(tunnel_request(url, proxy)));
    std::optional<HttpHead> answer;
    HttpResponse response(
        [&answer](const HttpHead& head) {
            answer = head;
            return Result<void>{};
        },
        [](std::span<const char>) { return Result<void>{}; });
    std::vector<char> buffer(4096);
    while (!answer) {
        MKPXERD_CO_TRY_ASSIGN(const std::size_t length, co_await stream.read_some(buffer));
        if (length == 0)
            co_return fail(proxy.redacted(), "the proxy closed the connection", {}, Failure::ProxyRefused);
        MKPXERD_CO_TRY(response.feed(std::span<const char>(buffer).first(length)));
    }
    co_return check_proxy_answer(proxy, *answer);
}

Task<std::unique_ptr<Stream>> secure(const TransferContext& context, const Url& url,
                                     std::unique_ptr<Stream> stream, const wrap::TlsTrust& trust) {
    if (context.proxy) MKPXERD_CO_TRY(co_await open_tunnel(*stream, *context.proxy, url));
    // The dot that makes a name absolute belongs to DNS only.
    std::string host = url.host;
    if (host.back() == '.') host.pop_back();
    wrap::TlsPeer peer = context.tls.peer(std::move(host));
    co_return co_await start_tls(std::move(stream), trust, std::move(peer));
}

} // namespace

Task<std::unique_ptr<Stream>> open_connection(const TransferContext& context, const Url& url,
                                              const Transfer& transfer) {
    const wrap::TlsTrust* trust = nullptr;
    if (url.scheme == "https") {
        MKPXERD_CO_TRY_ASSIGN(trust, co_await context.tls.prepare(context.deadline));
    }
    const Url& next = context.proxy ? *context.proxy : url;
    Result<std::unique_ptr<Stream>> connected =
        co_await connect_tcp(context.io, context.dns, next.host, next.port, context.deadline,
                             {.small_segments = transfer.small_segments});
    if (!connected && context.proxy) co_return fail(of_proxy(connected.error(), *context.proxy));
    MKPXERD_CO_TRY_ASSIGN(std::unique_ptr<Stream> stream, std::move(connected));
    if (trust == nullptr) co_return std::move(stream);
    Stream& plain = *stream; // lives on inside the secured one
    Interrupt interrupt(context.io, std::min(context.deadline, Clock::now() + transfer.patience), {},
                        [&plain] { plain.abort(); });
    Result<std::unique_ptr<Stream>> secured = co_await secure(context, url, std::move(stream), *trust);
    if (interrupt.fired()) co_return fail(stalled(next.redacted(), "while TLS was set up", transfer));
    co_return secured;
}

} // namespace mkpxerd::netboot
