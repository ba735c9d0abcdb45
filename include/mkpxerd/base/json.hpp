// SPDX-License-Identifier: MIT
// JSON text, written in order (RFC 8259), indented by two spaces so that people can read it too.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace mkpxerd {

class JsonWriter {
  public:
    // Containers and values follow a key() inside an object, and stand alone inside an array.
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    // Invalid UTF-8 becomes U+FFFD.
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(std::same_as<bool> auto truth) { return plain(truth ? "true" : "false"); }
    JsonWriter& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
        return plain(std::to_string(number));
    }
    // In seconds, with six digits behind the point.
    JsonWriter& value(std::chrono::microseconds time);
    template <class T>
    JsonWriter& field(std::string_view name, const T& content) {
        return key(name).value(content);
    }

    // Everything written, with a newline at its end.
    std::string text() const { return text_ + '\n'; }

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    JsonWriter& plain(std::string_view token);
    void separate();
    void new_line();

    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true; // this container is empty so far
    bool after_key_ = false;
};

} // namespace mkpxerd
