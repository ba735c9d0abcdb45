// SPDX-License-Identifier: MIT
// Makes untrusted text safe to print: it controls neither the terminal nor the order or the end of a line.
// Both programs print names from files, images and the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mkpxerd {

// Bytes of the UTF-8 sequence at the start of text; 0: there is none (RFC 3629: no overlong forms, no
// surrogates). Precondition: text is not empty.
std::size_t utf8_length(std::string_view text);

// The code point of a sequence of utf8_length() bytes.
std::uint32_t code_point(std::string_view sequence);

// Whether a character is a control: C0, DEL and C1 (ECMA-48; U+009B is CSI), line and
// paragraph separators, and marks, embeddings, overrides and isolates of directions (UAX #9).
bool is_control(std::uint32_t code_point);

// One line for people: controls and invalid UTF-8 bytes become \xNN.
std::string printable(std::string_view text);

// Whether printable() would not change it.
bool is_printable(std::string_view text);

} // namespace mkpxerd
