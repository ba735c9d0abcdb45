// SPDX-License-Identifier: MIT
// RFC 9112 3 (request line), RFC 7617 (Basic credentials).
#include "mkpxerd/netboot/fetch/http_request.hpp"

#include <fmt/format.h>

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

// A header field with the userinfo of a URL; empty without a URL or userinfo.
std::string credentials(std::string_view field, const Url* url) {
    if (url == nullptr || (url->user.empty() && url->password.empty())) return {};
    return fmt::format("{}: Basic {}\r\n", field, base64(url->user + ":" + url->password));
}

struct RequestHead {
    std::string_view method;
    std::string target;           // of the request line
    std::string host;             // of the Host field
    const Url* origin = nullptr;  // has the login for the server
    const Url* proxy = nullptr;   // reads this request, and has its own login
    std::string_view fields = {}; // further ones, each with its line end
};

std::string to_text(const RequestHead& head) {
    return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: mkpxerd\r\n{}{}{}\r\n", head.method,
                       head.target, head.host, credentials("Authorization", head.origin),
                       credentials("Proxy-Authorization", head.proxy), head.fields);
}

} // namespace

std::string get_request(const Url& url, std::uint64_t offset, const std::string& validator,
                        const std::optional<Url>& proxy) {
    const bool through_proxy = proxy && url.scheme == "http";
    std::string fields = "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n";
    if (offset > 0) fields += fmt::format("Range: bytes={}-\r\nIf-Range: {}\r\n", offset, validator);
    // A proxy needs the whole URL (RFC 9112 3.2.2).
    return to_text({.method = "GET",
                    .target = (through_proxy ? "http://" + url.authority() : "") + url.target,
                    .host = url.authority(),
                    .origin = &url,
                    .proxy = through_proxy ? &*proxy : nullptr,
                    .fields = fields});
}

std::string post_request(const Url& url, std::string_view body) {
    const std::string fields = fmt::format(
        "Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n", body.size());
    return to_text({.method = "POST",
                    .target = url.target,
                    .host = url.authority(),
                    .origin = &url,
                    .fields = fields}) +
           std::string(body);
}

std::string tunnel_request(const Url& url, const Url& proxy) {
    const bool is_ipv6 = url.host.find(':') != std::string::npos;
    const std::string host = fmt::format("{}:{}", is_ipv6 ? "[" + url.host + "]" : url.host, url.port);
    return to_text({.method = "CONNECT", .target = host, .host = host, .proxy = &proxy});
}

} // namespace mkpxerd::netboot
