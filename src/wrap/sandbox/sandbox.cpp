// SPDX-License-Identifier: MIT
// Privileges and capabilities, then the filter of system calls.
#include "mkpxerd/wrap/sandbox.hpp"

#include <array>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call_filter.hpp"
#include "file_rules.hpp"

namespace mkpxerd::wrap {
namespace {

void drop_capabilities(std::uint64_t kept) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return;
    for (auto& set : sets) {
        const auto half = static_cast<std::uint32_t>(kept);
        set.permitted &= half;
        set.effective &= half;
        set.inheritable = 0;
        kept >>= 32;
    }
    (void)::syscall(SYS_capset, &header, sets.data());
}

} // namespace

Guards drop_powers(const Powers& powers) {
    Guards guards;
    guards.no_new_privileges = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    drop_capabilities(powers.capabilities);
#ifndef PR_SET_MDWE
    constexpr int PR_SET_MDWE = 65;
    constexpr unsigned long PR_MDWE_REFUSE_EXEC_GAIN = 1;
#endif
    // Written memory must not become code. Started programs may generate code.
    if (!powers.programs) (void)::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0UL, 0UL, 0UL);
    guards.calls = filter_calls(powers);
    guards.files = can_restrict_files();
    return guards;
}

} // namespace mkpxerd::wrap
