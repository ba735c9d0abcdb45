// SPDX-License-Identifier: MIT
// Private to secret_forms: passwords in lines of text.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// crypt(5) and similar hashes, anywhere in a line.
bool holds_password_hash(std::string_view line);
// "SCHEME://USER:PASSWORD@HOST" (RFC 3986 section 3.2.1); a user without password counts only if it is long
// enough for a token.
bool holds_password_url(std::string_view line);
// "SCHEME://USER@HOST" with any user.
bool holds_userinfo(std::string_view text);
// "$VARIABLE", "<password>", "{{ password }}", "xxxx", "***".
bool is_placeholder(std::string_view value);
// A literal value: neither empty nor a placeholder, switch or path.
bool is_literal_secret(std::string_view value);
// Without the quotes around it and the ';' or ',' after it.
std::string_view unquoted(std::string_view value);

// Settings that are passwords, in any syntax: `key = value`, `key: value`, `key value`, `"key": "value"`,
// below sections or in blocks. path: for plain words. nullptr: none.
const char* find_setting(std::string_view path, std::string_view text);
// Files that have a grammar of their own: .netrc, .pgpass, smbpasswd, ipsec.secrets, those of pppd.
const char* find_table(std::string_view path, std::string_view text);

} // namespace mkpxerd
