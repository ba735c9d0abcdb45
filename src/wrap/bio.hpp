// SPDX-License-Identifier: MIT
// Private to tls and ed25519: OpenSSL's memory streams, with an owner.
#pragma once

#include <memory>
#include <openssl/bio.h>

namespace mkpxerd::wrap {

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

} // namespace mkpxerd::wrap
