// SPDX-License-Identifier: MIT
// Writes newc archives field by field, so that tests can also write invalid ones. Shares no code with the
// project.
#pragma once

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace mkpxerd::test {

struct NewcFields {
    std::string name = {};
    std::uint32_t mode = 0100644;
    std::string body = {};
    std::uint32_t inode = 0;
    std::uint32_t links = 1;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mtime = 0;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    const char* magic = "070701";
    std::uint32_t check = 0;
};

class NewcBuilder {
  public:
    NewcBuilder& add(const NewcFields& f) {
        char header[128];
        std::snprintf(header, sizeof header, "%s%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
                      f.magic, f.inode, f.mode, f.uid, f.gid, f.links, f.mtime,
                      static_cast<unsigned>(f.body.size()), 0U, 0U, f.major, f.minor,
                      static_cast<unsigned>(f.name.size() + 1), f.check);
        text_ += header;
        text_ += f.name;
        text_ += '\0';
        pad();
        text_ += f.body;
        pad();
        return *this;
    }
    NewcBuilder& directory(const std::string& name, std::uint32_t mode = 0755) {
        return add({.name = name, .mode = 0040000 | mode, .links = 2});
    }
    NewcBuilder& file(const std::string& name, const std::string& body, std::uint32_t mode = 0644) {
        return add({.name = name, .mode = 0100000 | mode, .body = body});
    }
    NewcBuilder& link(const std::string& name, const std::string& target) {
        return add({.name = name, .mode = 0120777, .body = target});
    }
    NewcBuilder& trailer() { return add({.name = "TRAILER!!!", .mode = 0}); }
    NewcBuilder& raw(std::string_view bytes) {
        text_ += bytes;
        return *this;
    }
    NewcBuilder& zeros(std::size_t count) {
        text_.append(count, '\0');
        return *this;
    }
    const std::string& text() const { return text_; }

  private:
    void pad() {
        while (text_.size() % 4 != 0)
            text_ += '\0';
    }
    std::string text_;
};

inline std::span<const std::byte> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

} // namespace mkpxerd::test
