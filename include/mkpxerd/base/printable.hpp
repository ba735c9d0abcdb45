// SPDX-License-Identifier: MIT
// Text of others -> text that drives nothing: neither a terminal, nor the order in which a line is shown, nor
// where it ends. Both programs show names of files, of images and of the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mkpxerd {

// Bytes of the UTF-8 sequence at the start of text; 0: there is none (RFC 3629: no overlong forms, no
// surrogates). Precondition: text is not empty.
std::size_t utf8_length(std::string_view text);

// What a sequence of utf8_length() bytes stands for.
std::uint32_t code_point(std::string_view sequence);

// Whether a character steers instead of being shown: C0, DEL and C1 (ECMA-48; U+009B is CSI), line and
// paragraph separators, and marks, embeddings, overrides and isolates of directions (UAX #9).
bool is_control(std::uint32_t code_point);

// One line for people: controls, and bytes that are no UTF-8, as \xNN a byte.
std::string printable(std::string_view text);

// Whether printable() has nothing to change in it.
bool is_printable(std::string_view text);

} // namespace mkpxerd
