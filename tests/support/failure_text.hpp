// SPDX-License-Identifier: MIT
// Tests compare failures with the codes that people see, and Catch prints them so.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd {

inline bool operator==(Failure failure, std::string_view code) {
    return code_text(failure) == code;
}

} // namespace mkpxerd

template <>
struct Catch::StringMaker<mkpxerd::Failure> {
    static std::string convert(mkpxerd::Failure failure) { return std::string(mkpxerd::code_text(failure)); }
};
