// SPDX-License-Identifier: MIT
// A proxy is asked to connect (RFC 9110 9.3.6) when TLS is wanted: it then sees nothing but the host's name.
#include "mkpxerd/netboot/fetch/connection.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"
#include "mkpxerd/netboot/fetch/tls_stream.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 0x3f] : '=';
    }
    return out;
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

// The proxy's consent; nothing follows its head, because the client speaks first in TLS.
Task<void> ask_proxy(Stream& stream, const Url& proxy, const Url& url) {
    const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    std::string request =
        fmt::format("CONNECT {0}:{1} HTTP/1.1\r\nHost: {0}:{1}\r\nUser-Agent: mkpxerd\r\n", host, url.port);
    if (const std::string credentials = basic_credentials(proxy); !credentials.empty())
        request += fmt::format("Proxy-Authorization: {}\r\n", credentials);
    request += "\r\n";
    MKPXERD_CO_TRY(co_await stream.write_all(request));

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
        if (length == 0) co_return fail(proxy.redacted(), "the proxy hung up", {}, Failure::ProxyRefused);
        MKPXERD_CO_TRY(response.feed(std::span<const char>(buffer).first(length)));
    }
    co_return check_proxy_answer(proxy, *answer);
}

Task<std::unique_ptr<Stream>> secure(const TransferContext& context, const Url& url,
                                     std::unique_ptr<Stream> stream, const wrap::TlsTrust& trust) {
    if (context.proxy) MKPXERD_CO_TRY(co_await ask_proxy(*stream, *context.proxy, url));
    // An absolute name ("host.") is absolute for DNS only.
    std::string host = url.host;
    if (host.back() == '.') host.pop_back();
    wrap::TlsPeer peer = context.tls.peer(std::move(host));
    co_return co_await start_tls(std::move(stream), trust, std::move(peer));
}

} // namespace

std::string basic_credentials(const Url& url) {
    if (url.user.empty() && url.password.empty()) return {};
    return "Basic " + base64(url.user + ":" + url.password);
}

Task<std::unique_ptr<Stream>> open_connection(const TransferContext& context, const Url& url,
                                              bool small_segments, std::chrono::seconds patience) {
    const wrap::TlsTrust* trust = nullptr;
    if (url.scheme == "https") {
        MKPXERD_CO_TRY_ASSIGN(trust, co_await context.tls.prepare(context.deadline));
    }
    const Url& next = context.proxy ? *context.proxy : url;
    MKPXERD_CO_TRY_ASSIGN(std::unique_ptr<Stream> stream,
                          co_await connect_tcp(context.io, context.dns, next.host, next.port,
                                               context.deadline, small_segments));
    if (trust == nullptr) co_return std::move(stream);
    Stream& plain = *stream; // stays where it is, inside the secured one
    Interrupt interrupt(context.io, std::min(context.deadline, Clock::now() + patience), {},
                        [&plain] { plain.abort(); });
    Result<std::unique_ptr<Stream>> secured = co_await secure(context, url, std::move(stream), *trust);
    if (interrupt.fired())
        co_return fail(next.redacted(), "stalled while TLS was set up", {}, Failure::Stalled);
    co_return secured;
}

} // namespace mkpxerd::netboot
