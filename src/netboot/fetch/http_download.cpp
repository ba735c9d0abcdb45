// SPDX-License-Identifier: MIT
// Each connection carries one request (Connection: close): an init fetches a few large objects, and a fresh
// connection has no state that could be wrong.
#include "mkpxerd/netboot/fetch/http_download.hpp"

#include <array>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/connection.hpp"
#include "mkpxerd/netboot/fetch/http_request.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/wrap/gzip_layers.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;

constexpr unsigned max_redirects = 10;
constexpr std::size_t buffer_size = 64 * 1024;

// One request and its response, written into the transfer.
class Exchange {
  public:
    Exchange(const Url& url, Transfer& transfer, const std::optional<Url>& proxy)
        : url_(url), proxy_(proxy), transfer_(transfer),
          offset_(transfer.validator.empty() ? 0 : transfer.file.size()),
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
    Error unwanted_encoding() const;
    Result<void> on_body(std::span<const char> body);
    AttemptEnd end_of_status() const;
    AttemptEnd unsatisfiable_range(Problem problem) const;
    AttemptEnd broken(const Error& error) const { return AttemptEnd::broken(error, url_, transfer_); }
    std::string object() const { return url_.redacted(); }

    const Url& url_;
    const std::optional<Url>& proxy_;
    Transfer& transfer_;
    std::uint64_t offset_;
    HttpHead head_;
    bool redirect_ = false;
    std::uint64_t received_ = 0; // bytes of the object, in this attempt
    bool wanted_ = false;        // the body is the object, or its rest
    HttpResponse response_;
};

Result<void> Exchange::on_head(const HttpHead& head) {
    head_ = head;
    if (head.status == 200 || head.status == 206) MKPXERD_TRY(check_encoding());
    // Some servers honour a range and still answer 200: Content-Range counts.
    const bool is_part = head.status == 206 || (head.status == 200 && head.range_first.value_or(0) > 0);
    if (is_part) return begin_rest();
    if (head.status == 200) return begin_whole();
    redirect_ = head.status == 301 || head.status == 302 || head.status == 303 || head.status == 307 ||
                head.status == 308;
    return {};
}

Error Exchange::unwanted_encoding() const {
    return Error(Problem{.object = object(),
                         .text = fmt::format("the server compressed it with Content-Encoding {}, unrequested",
                                             head_.content_encoding),
                         .hint = "switch off compression for this path on the server, or on the proxy",
                         .code = Failure::UnwantedEncoding});
}

// Some servers announce "gzip" for each file whose name ends in .gz, but send the file unchanged. In all
// other cases a server or proxy compressed it, although the request did not accept that (RFC 9110 12.5.3).
Result<void> Exchange::check_encoding() const {
    const std::string& encoding = head_.content_encoding;
    const std::string_view path = std::string_view(url_.target).substr(0, url_.target.find('?'));
    const bool is_gzip = encoding == "gzip" || encoding == "x-gzip";
    if (encoding.empty() || (is_gzip && (path.ends_with(".gz") || path.ends_with(".tgz")))) return {};
    return fail(unwanted_encoding());
}

Result<void> Exchange::begin_whole() {
    MKPXERD_TRY(transfer_.file.restart());
    transfer_.validator = validator_of(head_);
    transfer_.total = head_.range_total ? head_.range_total : head_.content_length;
    if (transfer_.total) MKPXERD_TRY(transfer_.file.expect(*transfer_.total));
    wanted_ = true;
    return {};
}

// The rest must continue exactly where the file ends; otherwise the next attempt fetches the whole object.
Result<void> Exchange::begin_rest() {
    const bool asked = offset_ > 0 && head_.range_first == offset_;
    const bool tagged = !head_.etag.empty() && transfer_.validator.starts_with('"');
    const bool fits = asked && (!tagged || head_.etag == transfer_.validator) &&
                      (!transfer_.total || !head_.range_total || transfer_.total == head_.range_total);
    if (!fits) {
        transfer_.validator.clear();
        return fail(object(), "the server sent another range than requested", {}, Failure::WrongRange);
    }
    if (head_.range_total) transfer_.total = head_.range_total;
    wanted_ = true;
    return {};
}

Result<void> Exchange::on_body(std::span<const char> body) {
    if (!wanted_) return {}; // an error page
    received_ += body.size();
    return transfer_.write(body);
}

AttemptEnd Exchange::end_of_status() const {
    Problem problem{.object = object(), .text = fmt::format("{} {}", head_.status, head_.reason)};
    const auto with = [&problem](Failure code, std::string hint) {
        problem.code = code;
        problem.hint = std::move(hint);
        return std::move(problem);
    };
    if (head_.status == 404 || head_.status == 410)
        return AttemptEnd::not_found(
            with(Failure::HttpNotFound, "is the path right, and does the server have the file"));
    // Object stores also send this for absent objects, to clients that may not list them.
    const std::string refuser = proxy_ ? "the proxy or the server" : "the server";
    if (head_.status == 403)
        return AttemptEnd::not_found(with(
            Failure::HttpRefused, refuser + " refuses this request, or the server does not have the file"));
    if (head_.status == 407) {
        problem.text = fmt::format("the proxy {} wants a user name and password: {}",
                                   proxy_ ? proxy_->redacted() : "on the way", problem.text);
        return AttemptEnd::definite(
            with(Failure::ProxyLogin, "give mkpxerd.proxy=http://user:password@host:port"));
    }
    if (head_.status == 416) return unsatisfiable_range(std::move(problem));
    const bool temporary = head_.status == 408 || head_.status == 425 || head_.status == 429;
    AttemptEnd end = head_.status / 100 == 4 && !temporary
                         ? AttemptEnd::definite(with(Failure::HttpRefused, refuser + " refuses this request"))
                         : AttemptEnd::again(with(Failure::HttpServerError,
                                                  proxy_ ? "does the proxy reach this server" : ""));
    if (head_.retry_after) end.not_before = std::chrono::seconds(*head_.retry_after);
    return end;
}

// The server cannot send the rest: the next attempt fetches all of the object.
AttemptEnd Exchange::unsatisfiable_range(Problem problem) const {
    transfer_.validator.clear();
    problem.code = Failure::WrongRange;
    if (transfer_.total && transfer_.total != head_.range_total) {
        problem.text = fmt::format("the server announced {} bytes, but has only {}", *transfer_.total,
                                   transfer_.file.size());
        problem.code = Failure::CutOff;
    }
    return AttemptEnd::again(std::move(problem));
}

asio::awaitable<AttemptEnd> Exchange::run(const TransferContext& context) {
    Result<std::unique_ptr<Stream>> connected = co_await open_connection(context, url_, transfer_);
    if (!connected) co_return broken(connected.error());
    Stream& stream = **connected;
    StallTimer timer(context.deadline, transfer_.patience);
    Interrupt stall(context.io, timer.next(0, Clock::now()), {}, [&stream] { stream.abort(); });
    const std::string request = get_request(url_, offset_, transfer_.validator, context.proxy);
    Result<void> sent = co_await stream.write_all(request);
    if (!sent) co_return broken(sent.error());

    std::vector<char> buffer(buffer_size);
    // The length of the object is known from Content-Range, even when the server does not end the body.
    const auto is_whole = [this] { return wanted_ && transfer_.total == transfer_.file.size(); };
    while (!response_.is_done() && !is_whole()) {
        Result<std::size_t> length = co_await stream.read_some(buffer);
        if (stall.fired()) co_return broken(timer.failure(url_, transfer_, received_, Clock::now()));
        if (!length) co_return broken(length.error());
        const Result<void> fed =
            *length == 0 ? response_.feed_end() : response_.feed(std::span(buffer).first(*length));
        if (!fed) co_return broken(fed.error());
        stall.postpone(timer.next(received_, Clock::now()));
        if (!wanted_ && head_.status != 0) break; // the body is an error page
    }
    if (!wanted_) co_return end_of_status();
    if (transfer_.total && *transfer_.total != transfer_.file.size())
        co_return broken(Error(Problem{
            .object = object(), .text = "the body is not as long as announced", .code = Failure::CutOff}));
    // A gzip file that was compressed once more.
    if (!head_.content_encoding.empty() && wrap::is_compressed_twice(transfer_.file.path()).value_or(false))
        co_return broken(unwanted_encoding());
    co_return AttemptEnd{};
}

// With a proxy in between, its name belongs to the failure: either of the two may have caused it.
AttemptEnd with_proxy(AttemptEnd end, const std::optional<Url>& proxy) {
    if (!proxy || !end.error || end.error->first().code == Failure::CannotStore) return end;
    Problem problem = end.error->first();
    const std::string name = proxy->redacted();
    if (problem.text.find(name) == std::string::npos)
        problem.text += fmt::format(" (through the proxy {})", name);
    end.error = Error(std::move(problem));
    return end;
}

} // namespace

std::string validator_of(const HttpHead& head) {
    if (head.etag.size() >= 2 && head.etag.front() == '"' && head.etag.back() == '"') return head.etag;
    return head.last_modified;
}

asio::awaitable<AttemptEnd> http_attempt(const TransferContext& context, const Url& url, Transfer& transfer) {
    Url at = url;
    for (unsigned hop = 0; hop <= max_redirects; ++hop) {
        Exchange exchange(at, transfer, context.proxy);
        AttemptEnd end = co_await exchange.run(context);
        if (!exchange.is_redirect()) co_return with_proxy(std::move(end), context.proxy);
        if (exchange.location().empty())
            co_return AttemptEnd::definite(Problem{
                .object = at.redacted(), .text = "redirects without a target", .code = Failure::BadRedirect});
        Result<Url> next = resolve_url(at, exchange.location());
        if (!next)
            co_return AttemptEnd::definite(
                Problem{.object = at.redacted(),
                        .text = fmt::format("redirects to {}", next.error().text()),
                        .code = Failure::BadRedirect});
        if (next->scheme == "ftp" || (at.scheme == "https" && next->scheme != "https"))
            co_return AttemptEnd::definite(
                Problem{.object = at.redacted(),
                        .text = fmt::format("redirects to {}, which is not followed", next->redacted()),
                        .hint = "redirect from http to http or https, and from https to https only",
                        .code = Failure::BadRedirect});
        at = std::move(*next);
    }
    co_return AttemptEnd::definite(Problem{.object = url.redacted(),
                                           .text = fmt::format("more than {} redirects", max_redirects),
                                           .code = Failure::BadRedirect});
}

} // namespace mkpxerd::netboot
