// SPDX-License-Identifier: MIT
// Bytes -> head and body of one HTTP/1.x response. Pure; servers may be hostile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

struct HttpHead {
    unsigned status = 0;
    std::string reason;
    std::optional<std::uint64_t> content_length; // of this response's body
    std::string content_encoding;                // lower case; empty: the body is the object itself
    std::string location;
    std::string etag;
    std::string last_modified;
    std::optional<std::uint64_t> range_first; // Content-Range: bytes first-last/total
    std::optional<std::uint64_t> range_total; // also of "bytes */total"
    std::optional<unsigned> retry_after;      // seconds
};

// RFC 9110 14.4; a malformed range leaves the head unchanged.
void parse_content_range(std::string_view text, HttpHead& head);

class HttpResponse {
  public:
    // on_head is called once, for the final (not 1xx) head, before the first on_body. An error of either ends
    // the response.
    using OnHead = std::function<Result<void>(const HttpHead&)>;
    using OnBody = std::function<Result<void>(std::span<const char>)>;
    HttpResponse(OnHead on_head, OnBody on_body);

    // Errors: those of on_head and on_body; without an object, MPX-HTTP-04 not an HTTP response.
    Result<void> feed(std::span<const char> bytes);
    // The connection ended. Errors, without an object: MPX-FETCH-07 too early.
    Result<void> feed_end();
    bool is_done() const { return state_ == State::Done; }

  private:
    enum class State { Head, Body, BodyToTheEnd, ChunkSize, Chunk, ChunkEnd, Trailer, Done };
    Result<bool> step(std::string_view text, std::size_t& used);
    Result<bool> end_line(std::string_view line);
    Result<void> read_head(std::string_view text);
    Result<void> take_field(std::string_view name, std::string_view value);
    Result<void> begin_body();
    Result<void> begin_chunk(std::string_view line);

    OnHead on_head_;
    OnBody on_body_;
    State state_ = State::Head;
    HttpHead head_;
    bool chunked_ = false;
    std::uint64_t left_ = 0; // bytes of the body, or of the chunk
    std::size_t trailer_bytes_ = 0;
    std::string pending_; // received, not yet parsed
};

} // namespace mkpxerd::netboot
