// SPDX-License-Identifier: MIT
// System on a real kernel.
#pragma once

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

class LinuxSystem final : public System {
  public:
    std::filesystem::path host(std::string_view path) const override { return path; }
    std::error_code mount(const MountCall& call) override;
    std::error_code unmount(const std::string& target, int flags) override;
    ModuleAnswer load_module(const std::string& path, const std::string& parameters) override;
    Result<LoopDevice> attach_loop(const std::string& path) override;
    Result<int> start_process(const std::function<int()>& body) override;
    void kill_process(int pid, int signal) override;
    Result<OldRoot> enter_root(const std::string& path) override;
    Result<void> leave_root(const OldRoot& old, const std::string& path) override;
    Result<void> become(const Program& program, const OldRoot& old) override;
    Result<void> restart(Restart kind) override;
    Result<void> set_hostname(const std::string& name) override;
    std::int64_t clock_seconds() const override;
    Result<void> set_clock_seconds(std::int64_t seconds) override;
    std::string kernel_release() const override;
    std::string machine() const override;
};

// The errno of the last call, as an error_code; success when ok.
std::error_code errno_unless(bool ok);

} // namespace mkpxerd::netboot
