// SPDX-License-Identifier: MIT
// The one file that includes Beast: it takes long to compile.
#include "mkpxerd/netboot/http_response.hpp"

#include <utility> // before asio: Boost 1.74 uses std::exchange without including it

#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>
#include <limits>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr std::uint32_t largest_head = 64 * 1024; // bytes
constexpr std::size_t most_pending = 128 * 1024;  // bytes that were read and belong to nothing yet
constexpr std::string_view protocol = "HTTP/";    // RFC 9112 section 2.3

std::string to_string(string_view text) {
    return {text.data(), text.size()};
}

} // namespace

void parse_content_range(std::string_view text, HttpHead& head) {
    if (!text.starts_with("bytes ")) return;
    text.remove_prefix(6);
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return;
    const std::string_view range = trim(text.substr(0, slash));
    const std::optional<std::uint64_t> total = parse_number(trim(text.substr(slash + 1)));
    const std::size_t dash = range.find('-');
    if (range != "*") {
        const std::optional<std::uint64_t> first = parse_number(range.substr(0, dash));
        const std::optional<std::uint64_t> last =
            dash == std::string_view::npos ? std::nullopt : parse_number(range.substr(dash + 1));
        if (!first || !last || *last < *first || (total && *last >= *total)) return;
        head.range_first = first;
    }
    head.range_total = total;
}

// Beast calls back; a refusal of ours travels through it as an error_code and waits in refusal.
struct HttpResponse::Parser : http::basic_parser<false> {
    Parser(OnHead head_callback, OnBody body_callback)
        : on_head(std::move(head_callback)), on_body(std::move(body_callback)) {
        eager(true);
        header_limit(largest_head);
        body_limit(std::numeric_limits<std::uint64_t>::max()); // the file system is the limit; "none" refuses
                                                               // all in 1.74
    }

    OnHead on_head;
    OnBody on_body;
    HttpHead head;
    // 100 Continue, 103 Early Hints: the answer follows (RFC 9110 15.2). 101 was not asked for.
    bool is_interim() const { return head.status / 100 == 1 && head.status != 101; }
    std::optional<Error> refusal;

    void take(const Result<void>& result, error_code& ec) {
        if (result) return;
        refusal = result.error();
        ec = http::error::end_of_stream;
    }

  private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view reason, int, error_code&) override {
        head.status = static_cast<unsigned>(code);
        for (const char c : reason)
            head.reason += static_cast<unsigned char>(c) >= ' ' && c != '\x7f' ? c : '?';
    }
    void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
        switch (name) {
        case http::field::location:
            head.location = to_string(value);
            break;
        case http::field::etag:
            head.etag = to_string(value);
            break;
        case http::field::last_modified:
            head.last_modified = to_string(value);
            break;
        case http::field::content_range:
            parse_content_range(to_string(value), head);
            break;
        case http::field::retry_after:
            if (const auto seconds = parse_number(to_string(value)); seconds && *seconds < 86400)
                head.retry_after = static_cast<unsigned>(*seconds);
            break;
        default:
            break;
        }
    }
    void on_header_impl(error_code& ec) override {
        if (const boost::optional<std::uint64_t> length = content_length()) head.content_length = *length;
        if (!is_interim()) take(on_head(head), ec);
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code& ec) override {
        take(on_body({body.data(), body.size()}), ec);
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
        take(on_body({body.data(), body.size()}), ec);
        return body.size();
    }
    void on_finish_impl(error_code&) override {}
};

HttpResponse::HttpResponse(OnHead on_head, OnBody on_body)
    : parser_(std::make_unique<Parser>(std::move(on_head), std::move(on_body))) {}
HttpResponse::~HttpResponse() = default;

bool HttpResponse::is_done() const {
    return parser_->is_done();
}

Result<void> HttpResponse::feed(std::span<const char> bytes) {
    pending_.append(bytes.data(), bytes.size());
    // Beast waits for a whole head before it looks at its first word; who speaks another protocol would be
    // waited for.
    const std::size_t seen = std::min(pending_.size(), protocol.size());
    if (!started_ && pending_.compare(0, seen, protocol, 0, seen) != 0)
        return fail("HTTP response", "cannot be read: it is not HTTP", {}, "MPX-HTTP-04");
    std::size_t used = 0;
    while (used < pending_.size() && !parser_->is_done()) {
        error_code error;
        const std::size_t taken =
            parser_->put(boost::asio::buffer(pending_.data() + used, pending_.size() - used), error);
        used += taken;
        if (parser_->refusal) return fail(*parser_->refusal);
        if (error == http::error::need_more || (!error && taken == 0)) break;
        if (error)
            return fail("HTTP response", fmt::format("cannot be read: {}", error.message()), {},
                        "MPX-HTTP-04");
        if (parser_->is_done() && parser_->is_interim())
            parser_ = std::make_unique<Parser>(std::move(parser_->on_head), std::move(parser_->on_body));
    }
    started_ = started_ || used > 0;
    pending_.erase(0, used);
    // Beast limits the head alone: a chunk extension or a trailer without end would be kept until memory is
    // gone.
    if (pending_.size() > most_pending)
        return fail("HTTP response", "cannot be read: a line without end", {}, "MPX-HTTP-04");
    return {};
}

Result<void> HttpResponse::feed_end() {
    error_code error;
    // Beast asserts that there was something to end.
    if (!parser_->is_done() && parser_->got_some()) parser_->put_eof(error);
    if (parser_->refusal) return fail(*parser_->refusal);
    if (error || !parser_->is_done())
        return fail("HTTP response",
                    parser_->is_header_done() ? "the connection ended within the body"
                                              : "the connection ended before an answer",
                    {}, "MPX-FETCH-07");
    return {};
}

} // namespace mkpxerd::netboot
