// SPDX-License-Identifier: MIT
// Handmade tar archives, which can contain what no honest program writes.
#pragma once

#include <array>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <zlib.h>

namespace mkpxerd::test {

class TarBuilder {
  public:
    TarBuilder& file(std::string_view name, std::string_view content, unsigned mode = 0644) {
        header(name, '0', content.size(), mode, {});
        bytes_.append(content);
        bytes_.append((512 - content.size() % 512) % 512, '\0');
        return *this;
    }
    TarBuilder& directory(std::string_view name, unsigned mode = 0755) {
        return header(name, '5', 0, mode, {});
    }
    TarBuilder& symlink(std::string_view name, std::string_view target) {
        return header(name, '2', 0, 0777, target);
    }
    TarBuilder& hardlink(std::string_view name, std::string_view target) {
        return header(name, '1', 0, 0644, target);
    }
    TarBuilder& device(std::string_view name, unsigned major, unsigned minor) {
        return header(name, '3', 0, 0600, {}, major, minor);
    }
    // Adds a record to the pax header of the next entry, such as "SCHILY.xattr.user.color".
    TarBuilder& pax(std::string_view key, std::string_view value) {
        std::string record;
        std::size_t size = key.size() + value.size() + 3; // space, '=', newline; then its own digits
        while (size != fmt::format("{}", size).size() + key.size() + value.size() + 3)
            size = fmt::format("{}", size).size() + key.size() + value.size() + 3;
        record = fmt::format("{} {}=", size, key).append(value).append("\n");
        header("PaxHeaders/x", 'x', record.size(), 0644, {});
        bytes_.append(record);
        bytes_.append((512 - record.size() % 512) % 512, '\0');
        return *this;
    }
    TarBuilder& fifo(std::string_view name) { return header(name, '6', 0, 0600, {}); }

    // Any other content of an archive: blocks of 512 bytes.
    TarBuilder& raw(std::string_view bytes) {
        bytes_.append(bytes);
        return *this;
    }
    // Repeats the last entry this many times.
    TarBuilder& repeat(std::size_t entry_bytes, std::size_t times) {
        const std::string entry = bytes_.substr(bytes_.size() - entry_bytes);
        for (std::size_t i = 0; i < times; ++i)
            bytes_ += entry;
        return *this;
    }

    std::string tar() const { return bytes_ + std::string(1024, '\0'); }
    std::string gzip() const { return gzipped(tar()); }

    static std::string gzipped(const std::string& bytes) {
        z_stream stream{};
        deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
        std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(bytes.size());
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        deflate(&stream, Z_FINISH);
        out.resize(stream.total_out);
        deflateEnd(&stream);
        return out;
    }

  private:
    // POSIX ustar, IEEE Std 1003.1, pax, "ustar Interchange Format". Owner: whoever runs the test.
    TarBuilder& header(std::string_view name, char type, std::size_t size, unsigned mode,
                       std::string_view link, unsigned major = 0, unsigned minor = 0) {
        std::array<char, 512> block{};
        const auto put = [&](std::size_t at, std::string_view text) {
            text.copy(block.data() + at, text.size());
        };
        const auto octal = [&](std::size_t at, int width, unsigned long value) {
            put(at, fmt::format("{:0{}o}", value, width - 1));
        };
        put(0, name);
        octal(100, 8, mode);
        octal(108, 8, ::getuid());
        octal(116, 8, ::getgid());
        octal(124, 12, size);
        octal(136, 12, 1000000000);
        put(148, "        ");
        block[156] = type;
        put(157, link);
        put(257, std::string_view("ustar\0"
                                  "00",
                                  8));
        octal(329, 8, major);
        octal(337, 8, minor);
        unsigned sum = 0;
        for (const char c : block)
            sum += static_cast<unsigned char>(c);
        octal(148, 7, sum);
        bytes_.append(block.data(), block.size());
        return *this;
    }
    std::string bytes_;
};

} // namespace mkpxerd::test
