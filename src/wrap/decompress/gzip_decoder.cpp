// SPDX-License-Identifier: MIT
// gzip by zlib: one member, checksum and length checked. The kernel expects the data after the ten bytes of
// the header and the name, and supports none of the other fields (RFC 1952, section 2.3; __gunzip() of
// lib/decompress_inflate.c, module_gzip_header_len() of kernel/module/decompress.c).
#include <algorithm>
#include <fmt/format.h>
#include <vector>
#include <zlib.h>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

class Inflater {
  public:
    Inflater() : ready_(::inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK) {}
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ready_) ::inflateEnd(&stream_);
    }
    bool ready() const { return ready_; }
    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
    bool ready_;
};

struct Field {
    unsigned flag;
    std::string_view what;
};
constexpr Field unknown_fields[] = {
    {0x02, "a checksum of its header"}, {0x04, "an extra field"}, {0x10, "a comment"}};

} // namespace

Result<std::size_t> decode_gzip(Bytes input, const StreamSink& sink, const InputPlace& place) {
    Inflater inflater;
    if (!inflater.ready()) return fail(place.name, "zlib cannot start");
    z_stream& stream = inflater.stream();
    std::vector<std::byte> output(output_piece);
    std::size_t at = 0;
    for (;;) {
        // avail_in has 32 bits: a larger input needs slices.
        const std::size_t slice = std::min<std::size_t>(input.size() - at, std::size_t{1} << 30);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data() + at));
        stream.avail_in = static_cast<uInt>(slice);
        stream.next_out = reinterpret_cast<Bytef*>(output.data());
        stream.avail_out = static_cast<uInt>(output.size());
        const int status = ::inflate(&stream, Z_NO_FLUSH);
        at += slice - stream.avail_in;
        const std::size_t made = output.size() - stream.avail_out;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return stream_is_corrupt("gzip", place, at, stream.msg != nullptr ? stream.msg : "bad data");
        if (made > 0) MKPXERD_TRY(sink(std::span(output).first(made), at));
        if (status == Z_STREAM_END) return at;
        if (made == 0 && at == input.size()) return stream_ends_early("gzip", place, at);
    }
}

KernelDemands gzip_demands(Bytes stream) {
    const auto flags = std::to_integer<unsigned>(stream[3]);
    for (const Field& field : unknown_fields)
        if ((flags & field.flag) != 0)
            return {.refused = fmt::format("it has {}", field.what), .hint = "compress it again: gzip -n"};
    return {};
}

} // namespace mkpxerd::wrap
