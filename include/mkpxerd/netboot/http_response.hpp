// SPDX-License-Identifier: MIT
// bytes -> head and body of one HTTP/1.1 response, by Boost.Beast's parser, which only the source file sees.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

struct HttpHead {
    unsigned status = 0;
    std::string reason;
    std::optional<std::uint64_t> content_length; // of this response's body
    std::string location;
    std::string etag;
    std::string last_modified;
    std::optional<std::uint64_t> range_first; // Content-Range: bytes first-last/total
    std::optional<std::uint64_t> range_total; // also of "bytes */total"
    std::optional<unsigned> retry_after;      // seconds
};

// RFC 9110 14.4; what does not fit leaves the head as it is.
void parse_content_range(std::string_view text, HttpHead& head);

class HttpResponse {
  public:
    // on_head is called once, before the first on_body, for the head that is not interim (1xx); both may
    // refuse, which ends the response.
    using OnHead = std::function<Result<void>(const HttpHead&)>;
    using OnBody = std::function<Result<void>(std::span<const char>)>;
    HttpResponse(OnHead on_head, OnBody on_body);
    HttpResponse(const HttpResponse&) = delete;
    HttpResponse& operator=(const HttpResponse&) = delete;
    ~HttpResponse();

    // Errors: what on_head and on_body return, MPX-HTTP-04 for what is no HTTP response.
    Result<void> feed(std::span<const char> bytes);
    // The connection ended. Errors: MPX-FETCH-07 when that was too early.
    Result<void> feed_end();
    bool is_done() const;

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::string pending_;  // not yet consumed
    bool started_ = false; // the first line was read
};

} // namespace mkpxerd::netboot
