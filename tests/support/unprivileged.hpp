// SPDX-License-Identifier: MIT
// As long as the object lives, the process is no root: permissions count, as for a user who builds images.
#pragma once

#include <stdexcept>
#include <unistd.h>

namespace mkpxerd::test {

class Unprivileged {
  public:
    Unprivileged() : user_(::geteuid()) {
        if (user_ == 0 && ::seteuid(nobody) != 0) throw std::runtime_error("seteuid failed");
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    ~Unprivileged() {
        if (user_ == 0 && ::seteuid(0) != 0) ::_exit(1); // no test may go on as somebody else
    }

  private:
    static constexpr uid_t nobody = 65534;
    uid_t user_;
};

} // namespace mkpxerd::test
