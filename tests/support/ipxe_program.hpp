// SPDX-License-Identifier: MIT
// What iPXE for BIOS unpacks, as small as can be: LZMA as iPXE's zbin writes it, of lists of features.
#pragma once

#include <string>

namespace mkpxerd::test {

// "iPXE\0DNS\0HTTP\0HTTPS\0TFTP\0"
inline const std::string
    ipxe_with_https("\x00\x34\x94\xa8\x5f\xba\x2f\x82\x28\x11\x6f\x88\xac\xb0\x0e\xf6\x7a\xde\x59\x7c\x67"
                    "\x30\x0d\xf1\xdf\xff\xd1\x9e\xc0\x00",
                    30);
// "iPXE\0DNS\0HTTP\0TFTP\0"
inline const std::string
    ipxe_without_https("\x00\x34\x94\xa8\x5f\xba\x2f\x82\x28\x11\x6f\x88\xac\xb0\x07\xa3\xd0\x85\x5d\xed"
                       "\x7d\x70\x7b\x7f\xff\xfe\x16\xb8\x00",
                       29);

} // namespace mkpxerd::test
