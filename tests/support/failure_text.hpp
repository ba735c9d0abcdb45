// SPDX-License-Identifier: MIT
// Lets tests compare failures with their codes, and Catch print them as codes.
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
