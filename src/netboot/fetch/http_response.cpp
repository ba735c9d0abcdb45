// SPDX-License-Identifier: MIT
// RFC 9112 as servers practise it: lines that end with a bare line feed, status lines without a reason,
// repeated lengths. Libraries' parsers refuse all of these.
#include "mkpxerd/netboot/fetch/http_response.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t largest_head = 64 * 1024; // bytes; of the trailer too
constexpr std::size_t longest_chunk_line = 16 * 1024;
constexpr std::string_view protocol = "HTTP/"; // RFC 9112 section 2.3
constexpr std::string_view whitespace = " \t";

tl::unexpected<Error> unreadable(std::string_view why) {
    return fail("", fmt::format("the response cannot be read: {}", why), {}, Failure::NotHttp);
}

// Text of a server, made safe for a message.
std::string shown(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; },
        '?');
    return out;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(whitespace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(whitespace) - first + 1);
}

// "HTTP/1.1 200 OK"; the reason may be missing, with the space before it.
Result<void> parse_status_line(std::string_view line, HttpHead& head) {
    const std::size_t end = line.find(' ');
    const std::string_view rest =
        end == std::string_view::npos ? std::string_view{} : trimmed(line.substr(end));
    const std::optional<std::uint64_t> status = parse_number(rest.substr(0, 3));
    const bool ends = rest.size() == 3 || (rest.size() > 3 && rest[3] == ' ');
    if (!line.starts_with(protocol) || !status || *status < 100 || !ends)
        return unreadable(fmt::format("'{}' is not a status line", shown(excerpt(line))));
    head.status = static_cast<unsigned>(*status);
    head.reason = shown(trimmed(rest.substr(3)));
    return {};
}

// The offset after the empty line; npos: not received yet.
std::size_t head_end(std::string_view text, std::size_t from) {
    const std::size_t bare = text.find("\n\n", from);
    const std::size_t usual = text.find("\n\r\n", from);
    if (bare == std::string_view::npos && usual == std::string_view::npos) return bare;
    return bare < usual ? bare + 2 : usual + 3;
}

// A line without its line end; nullopt: not complete yet.
std::optional<std::string_view> next_line(std::string_view text, std::size_t& used) {
    const std::size_t end = text.find('\n', used);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text.substr(used, end - used);
    if (line.ends_with('\r')) line.remove_suffix(1);
    used = end + 1;
    return line;
}

// A repeated length, or a list of lengths, must be the same each time (RFC 9110 8.6).
Result<void> parse_length(std::string_view value, HttpHead& head) {
    for (const std::string_view each : split(value, ',')) {
        const std::optional<std::uint64_t> length = parse_number(trimmed(each));
        if (!length || (head.content_length && head.content_length != length))
            return unreadable(fmt::format("'{}' is not a length", shown(excerpt(value))));
        head.content_length = length;
    }
    return {};
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

HttpResponse::HttpResponse(OnHead on_head, OnBody on_body)
    : on_head_(std::move(on_head)), on_body_(std::move(on_body)) {}

Result<void> HttpResponse::take_field(std::string_view name, std::string_view value) {
    const std::string lower = to_lower(name);
    if (lower == "content-length") return parse_length(value, head_);
    if (lower == "transfer-encoding") {
        const std::string coding = to_lower(value);
        if (coding == "identity") return {}; // of RFC 2616
        if (coding != "chunked")
            return unreadable(fmt::format("its Transfer-Encoding is '{}'", shown(excerpt(value))));
        chunked_ = true;
    } else if (lower == "content-encoding") {
        if (to_lower(value) != "identity") head_.content_encoding = shown(to_lower(value));
    } else if (lower == "location") {
        head_.location = value;
    } else if (lower == "etag") {
        head_.etag = value;
    } else if (lower == "last-modified") {
        head_.last_modified = value;
    } else if (lower == "content-range") {
        parse_content_range(value, head_);
    } else if (lower == "retry-after") {
        if (const auto seconds = parse_number(value); seconds && *seconds < 86400)
            head_.retry_after = static_cast<unsigned>(*seconds);
    }
    return {};
}

// The whole head, its closing empty line included.
Result<void> HttpResponse::read_head(std::string_view text) {
    head_ = {};
    chunked_ = false;
    std::size_t used = 0;
    MKPXERD_TRY(parse_status_line(*next_line(text, used), head_));
    std::string field;
    while (used < text.size()) {
        const std::string_view line = *next_line(text, used);
        if (!line.empty() &&
            whitespace.find(line.front()) != std::string_view::npos) { // obs-fold, RFC 9112 5.2
            field.append(" ").append(trimmed(line));
            continue;
        }
        if (!field.empty()) {
            const std::size_t colon = field.find(':');
            if (colon == std::string::npos || colon == 0)
                return unreadable(fmt::format("'{}' is not a header field", shown(excerpt(field))));
            const std::string_view whole = field;
            MKPXERD_TRY(take_field(trimmed(whole.substr(0, colon)), trimmed(whole.substr(colon + 1))));
        }
        field = line;
    }
    return begin_body();
}

Result<void> HttpResponse::begin_body() {
    // 100 Continue, 103 Early Hints: the response follows (RFC 9110 15.2). The init never requests 101.
    if (head_.status / 100 == 1 && head_.status != 101) return {};
    if (chunked_) head_.content_length.reset(); // RFC 9112 6.3
    const bool bodyless = head_.status == 101 || head_.status == 204 || head_.status == 304;
    left_ = head_.content_length.value_or(0);
    if (bodyless || (head_.content_length && left_ == 0))
        state_ = State::Done;
    else if (chunked_)
        state_ = State::ChunkSize;
    else
        state_ = head_.content_length ? State::Body : State::BodyToTheEnd;
    return on_head_(head_);
}

// "1a;name=value", in hexadecimal digits.
Result<void> HttpResponse::begin_chunk(std::string_view line) {
    const std::string_view digits = trimmed(line.substr(0, line.find(';')));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return unreadable(fmt::format("'{}' is not a chunk size", shown(excerpt(line))));
    state_ = left_ == 0 ? State::Trailer : State::Chunk;
    return {};
}

// Reads one element of `text` from `used` on; false: more bytes are needed.
Result<bool> HttpResponse::step(std::string_view text, std::size_t& used) {
    if (state_ == State::Head) {
        // Another protocol is recognised by its first bytes, before a head could be complete.
        const std::string_view start = text.substr(used, protocol.size());
        if (start != protocol.substr(0, start.size())) return unreadable("it is not HTTP");
        const std::size_t end = head_end(text, used);
        const bool whole = end != std::string_view::npos;
        if ((whole ? end : text.size()) - used > largest_head) return unreadable("its head does not end");
        if (!whole) return false;
        const std::string_view head = text.substr(used, end - used);
        used = end;
        MKPXERD_TRY(read_head(head));
        return true;
    }
    if (state_ == State::ChunkSize || state_ == State::ChunkEnd || state_ == State::Trailer) {
        const std::size_t start = used;
        const std::optional<std::string_view> line = next_line(text, used);
        if (used - start > longest_chunk_line || (!line && text.size() - used > longest_chunk_line))
            return unreadable("a line does not end");
        if (!line) return false;
        return end_line(*line);
    }
    const std::uint64_t there = text.size() - used;
    const std::uint64_t piece = state_ == State::BodyToTheEnd ? there : std::min(there, left_);
    const std::string_view body = text.substr(used, static_cast<std::size_t>(piece));
    used += body.size();
    if (state_ != State::BodyToTheEnd) left_ -= body.size();
    if (left_ == 0 && state_ == State::Body) state_ = State::Done;
    if (left_ == 0 && state_ == State::Chunk) state_ = State::ChunkEnd;
    MKPXERD_TRY(on_body_({body.data(), body.size()}));
    return true;
}

Result<bool> HttpResponse::end_line(std::string_view line) {
    switch (state_) {
    case State::ChunkSize:
        MKPXERD_TRY(begin_chunk(line));
        break;
    case State::ChunkEnd:
        if (!line.empty()) return unreadable("a chunk is longer than announced");
        state_ = State::ChunkSize;
        break;
    default:
        trailer_bytes_ += line.size() + 1;
        if (trailer_bytes_ > largest_head) return unreadable("its trailer does not end");
        if (line.empty()) state_ = State::Done;
    }
    return true;
}

Result<void> HttpResponse::feed(std::span<const char> bytes) {
    pending_.append(bytes.data(), bytes.size());
    std::size_t used = 0;
    while (used < pending_.size() && state_ != State::Done) {
        MKPXERD_TRY_ASSIGN(const bool moved, step(pending_, used));
        if (!moved) break;
    }
    pending_.erase(0, used);
    return {};
}

Result<void> HttpResponse::feed_end() {
    // A body without a length ends here. After the last chunk, the trailer does not matter.
    if (state_ == State::BodyToTheEnd || state_ == State::Trailer) state_ = State::Done;
    if (state_ == State::Done) return {};
    return fail("",
                state_ == State::Head ? "the connection ended before the response"
                                      : "the connection ended within the body",
                {}, Failure::CutOff);
}

} // namespace mkpxerd::netboot
