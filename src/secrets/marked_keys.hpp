// SPDX-License-Identifier: MIT
// Private to secret_forms: keys in text, between marks or after them.
#pragma once

#include <string_view>

namespace mkpxerd {

// PEM and its relatives, keys of SSH clients, age, GnuPG, signify, NVMe, tokens of services. nullptr: none of
// them.
const char* find_marked_key(std::string_view text);

} // namespace mkpxerd
