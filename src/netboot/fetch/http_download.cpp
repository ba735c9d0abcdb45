// SPDX-License-Identifier: MIT
// A connection carries one request (Connection: close): an init fetches a handful of large objects, and a
// fresh connection has no state that could be wrong.
#include "mkpxerd/netboot/fetch/http_download.hpp"

#include <array>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/connection.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/wrap/gzip_layers.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;

constexpr unsigned most_redirects = 10;
constexpr std::size_t buffer_size = 64 * 1024;

// The one exchange of a request and its response, into the transfer.
class Exchange {
  public:
    Exchange(const Url& url, Transfer& transfer)
        : url_(url), transfer_(transfer), offset_(transfer.validator.empty() ? 0 : transfer.file.size()),
          response_([this](const HttpHead& head) { return on_head(head); },
                    [this](std::span<const char> body) { return on_body(body); }) {}

    asio::awaitable<AttemptEnd> run(const TransferContext& context);
    const std::string& location() const { return head_.location; }
    bool is_redirect() const { return redirect_; }

  private:
    Result<void> on_head(const HttpHead& head);
    Result<void> begin_whole();
    Result<void> begin_rest();
    Result<void> check_encoding() const;
    Error packed_unasked() const;
    Result<void> on_body(std::span<const char> body);
    AttemptEnd end_of_status() const;
    AttemptEnd broken(const Error& error) const { return AttemptEnd::broken(error, url_, transfer_); }
    std::string object() const { return url_.redacted(); }

    const Url& url_;
    Transfer& transfer_;
    std::uint64_t offset_;
    HttpHead head_;
    bool redirect_ = false;
    std::uint64_t received_ = 0; // bytes of the object, in this attempt
    bool wanted_ = false;        // the body is the object, or the rest of it
    HttpResponse response_;
};

Result<void> Exchange::on_head(const HttpHead& head) {
    head_ = head;
    if (head.status == 200 || head.status == 206) MKPXERD_TRY(check_encoding());
    // Some servers honour a range and say 200 all the same: what the head says of the place counts.
    const bool is_part = head.status == 206 || (head.status == 200 && head.range_first.value_or(0) > 0);
    if (is_part) return begin_rest();
    if (head.status == 200) return begin_whole();
    redirect_ = head.status == 301 || head.status == 302 || head.status == 303 || head.status == 307 ||
                head.status == 308;
    return {};
}

Error Exchange::packed_unasked() const {
    return {object(),
            fmt::format("the server packed it with Content-Encoding: {}, unasked", head_.content_encoding),
            "switch off compression for this path on the server, or on the proxy", Failure::UnwantedEncoding};
}

// Servers that are configured so say "gzip" of every file whose name ends in .gz, and mean the file as it is.
// Anything else was packed on the way, although nobody asked for it (RFC 9110 12.5.3).
Result<void> Exchange::check_encoding() const {
    const std::string& encoding = head_.content_encoding;
    const std::string_view path = std::string_view(url_.target).substr(0, url_.target.find('?'));
    const bool is_gzip = encoding == "gzip" || encoding == "x-gzip";
    if (encoding.empty() || (is_gzip && (path.ends_with(".gz") || path.ends_with(".tgz")))) return {};
    return fail(packed_unasked());
}

Result<void> Exchange::begin_whole() {
    MKPXERD_TRY(transfer_.file.restart());
    transfer_.validator = validator_of(head_);
    transfer_.total = head_.range_total ? head_.range_total : head_.content_length;
    if (transfer_.total) MKPXERD_TRY(transfer_.file.expect(*transfer_.total));
    wanted_ = true;
    return {};
}

// The rest must fit exactly to what is there; otherwise the next attempt takes all of it anew.
Result<void> Exchange::begin_rest() {
    const bool asked = offset_ > 0 && head_.range_first == offset_;
    const bool tagged = !head_.etag.empty() && transfer_.validator.starts_with('"');
    const bool fits = asked && (!tagged || head_.etag == transfer_.validator) &&
                      (!transfer_.total || !head_.range_total || transfer_.total == head_.range_total);
    if (!fits) {
        transfer_.validator.clear();
        return fail(object(), "the server sent another range than the one asked for", {},
                    Failure::WrongRange);
    }
    if (head_.range_total) transfer_.total = head_.range_total;
    wanted_ = true;
    return {};
}

Result<void> Exchange::on_body(std::span<const char> body) {
    if (!wanted_) return {}; // the page that comes with an error
    received_ += body.size();
    return transfer_.write(body);
}

AttemptEnd Exchange::end_of_status() const {
    const std::string status = fmt::format("{} {}", head_.status, head_.reason);
    if (head_.status == 404 || head_.status == 410)
        return {AttemptEnd::Kind::NotFound,
                Error(object(), status, "is the path right, and does the server have the file",
                      Failure::HttpNotFound),
                {}};
    // Object stores say so of what is not there, too, to those who may not list it.
    if (head_.status == 403)
        return {AttemptEnd::Kind::NotFound,
                Error(object(), status, "the server refuses this request, or has no such file",
                      Failure::HttpRefused),
                {}};
    if (head_.status == 407)
        return AttemptEnd::definite({object(),
                                     fmt::format("the proxy wants a user name and password: {}", status),
                                     "mkpxerd.proxy=http://user:password@host:port", Failure::ProxyLogin});
    if (head_.status == 416) { // what is there cannot be continued
        transfer_.validator.clear();
        if (!transfer_.total || transfer_.total == head_.range_total)
            return AttemptEnd::again({object(), status, {}, Failure::WrongRange});
        return AttemptEnd::again({object(),
                                  fmt::format("the server promised {} bytes, and has no more than {}",
                                              *transfer_.total, transfer_.file.size()),
                                  {},
                                  Failure::CutOff});
    }
    const bool patient = head_.status == 408 || head_.status == 425 || head_.status == 429;
    const bool definite = head_.status / 100 == 4 && !patient;
    AttemptEnd end = definite ? AttemptEnd::definite({object(), status, "the server refuses this request",
                                                      Failure::HttpRefused})
                              : AttemptEnd::again({object(), status, {}, Failure::HttpServerError});
    if (head_.retry_after) end.not_before = std::chrono::seconds(*head_.retry_after);
    return end;
}

asio::awaitable<AttemptEnd> Exchange::run(const TransferContext& context) {
    Result<std::unique_ptr<Stream>> connected =
        co_await open_connection(context, url_, transfer_.small_segments, transfer_.patience);
    if (!connected) co_return broken(connected.error());
    Stream& stream = **connected;
    StallTimer timer(context.deadline, transfer_.patience);
    Interrupt stall(context.io, timer.next(0, Clock::now()), {}, [&stream] { stream.abort(); });
    const std::string request = http_request(url_, offset_, transfer_.validator, context.proxy);
    Result<void> sent = co_await stream.write_all(request);
    if (!sent) co_return broken(sent.error());

    std::vector<char> buffer(buffer_size);
    // A range says how long the object is, whatever its own part lacks.
    const auto is_whole = [this] { return wanted_ && transfer_.total == transfer_.file.size(); };
    while (!response_.is_done() && !is_whole()) {
        Result<std::size_t> length = co_await stream.read_some(buffer);
        if (stall.fired()) {
            const bool late = received_ == 0 && Clock::now() >= context.deadline;
            co_return broken(late ? too_late(object()) : stalled(object(), transfer_));
        }
        if (!length) co_return broken(length.error());
        const Result<void> fed =
            *length == 0 ? response_.feed_end() : response_.feed(std::span(buffer).first(*length));
        if (!fed) co_return broken(fed.error());
        stall.postpone(timer.next(received_, Clock::now()));
        if (!wanted_ && head_.status != 0) break; // nobody reads an error page
    }
    if (!wanted_) co_return end_of_status();
    if (transfer_.total && *transfer_.total != transfer_.file.size())
        co_return broken({object(), "the body has not the length that was promised", {}, Failure::CutOff});
    // A file that is gzip by itself, packed once more on the way.
    if (!head_.content_encoding.empty() && wrap::is_packed_twice(transfer_.file.path()).value_or(false))
        co_return broken(packed_unasked());
    co_return AttemptEnd{};
}

} // namespace

std::string validator_of(const HttpHead& head) {
    if (head.etag.size() >= 2 && head.etag.front() == '"' && head.etag.back() == '"') return head.etag;
    return head.last_modified;
}

std::string http_request(const Url& url, std::uint64_t offset, const std::string& validator,
                         const std::optional<Url>& proxy) {
    // A proxy that sees the request wants the whole URL (RFC 9112 3.2.2); within TLS it sees none.
    const bool through_proxy = proxy && url.scheme == "http";
    const std::string origin = through_proxy ? fmt::format("http://{}", url.authority()) : "";
    std::string text = fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: mkpxerd\r\nAccept: */*\r\n"
                                   "Accept-Encoding: identity\r\nConnection: close\r\n",
                                   origin, url.target, url.authority());
    if (const std::string credentials = basic_credentials(url); !credentials.empty())
        text += fmt::format("Authorization: {}\r\n", credentials);
    if (through_proxy)
        if (const std::string credentials = basic_credentials(*proxy); !credentials.empty())
            text += fmt::format("Proxy-Authorization: {}\r\n", credentials);
    if (offset > 0) text += fmt::format("Range: bytes={}-\r\nIf-Range: {}\r\n", offset, validator);
    return text + "\r\n";
}

asio::awaitable<AttemptEnd> http_attempt(const TransferContext& context, const Url& url, Transfer& transfer) {
    Url at = url;
    for (unsigned hop = 0; hop <= most_redirects; ++hop) {
        Exchange exchange(at, transfer);
        AttemptEnd end = co_await exchange.run(context);
        if (!exchange.is_redirect()) co_return end;
        if (exchange.location().empty())
            co_return AttemptEnd::definite(
                {at.redacted(), "redirects without saying where to", {}, Failure::BadRedirect});
        Result<Url> next = resolve_url(at, exchange.location());
        if (!next)
            co_return AttemptEnd::definite({at.redacted(),
                                            fmt::format("redirects to {}", next.error().text()),
                                            {},
                                            Failure::BadRedirect});
        if (next->scheme == "ftp" || (at.scheme == "https" && next->scheme != "https"))
            co_return AttemptEnd::definite(
                {at.redacted(), fmt::format("redirects to {}, which is not followed", next->redacted()),
                 "redirects must stay with HTTP, and with TLS", Failure::BadRedirect});
        at = std::move(*next);
    }
    co_return AttemptEnd::definite(
        {url.redacted(), fmt::format("more than {} redirects", most_redirects), {}, Failure::BadRedirect});
}

} // namespace mkpxerd::netboot
