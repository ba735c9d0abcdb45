// SPDX-License-Identifier: MIT
// The boot, from the first mount to the hand-over: the only place that knows the order of things.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/boot_config.hpp"
#include "mkpxerd/netboot/async.hpp"
#include "mkpxerd/netboot/boot_plan.hpp"
#include "mkpxerd/netboot/children.hpp"
#include "mkpxerd/netboot/cmdline.hpp"
#include "mkpxerd/netboot/console_log.hpp"
#include "mkpxerd/netboot/devices.hpp"
#include "mkpxerd/netboot/downloads.hpp"
#include "mkpxerd/netboot/mounter.hpp"
#include "mkpxerd/netboot/network.hpp"
#include "mkpxerd/netboot/placeholders.hpp"
#include "mkpxerd/netboot/rescue.hpp"
#include "mkpxerd/netboot/system.hpp"

namespace mkpxerd::netboot {

class Boot {
  public:
    Boot(boost::asio::io_context& io, System& system, ConsoleLog& log);

    // Ends in another program, or in a restart: it never returns.
    boost::asio::awaitable<void> run();

  private:
    struct Step {
        std::string_view stage; // as failures name it
        Task<void> (Boot::*run)();
    };
    static std::span<const Step> steps();

    // The steps. Each may be run again after it failed: what is done already is left alone.
    Task<void> start();
    Task<void> read_options();
    Task<void> load_modules();
    Task<void> find_devices();
    Task<void> bring_up_network();
    Task<void> mount_root();
    Task<void> mount_media();
    Task<void> lay_apkovl();
    Task<void> attach_modloop();
    Task<void> hand_over();

    boost::asio::awaitable<void> recover(std::string_view stage, const Error& error);
    boost::asio::awaitable<void> preload_modules();
    void link_modprobe();
    void start_downloads();
    Task<FetchReport> fetch_one(FetchRequest request);
    Result<FetchRequest> fetch_request(std::string name, const std::string& alternatives,
                                       std::string_view folder);
    Task<std::string> fetch(std::string name, const std::string& alternatives, std::string_view folder);
    Task<void> mount_nfs(const NfsSource& source, std::string target, bool read_only, std::string options);
    Task<void> mount_root_source(std::string target);
    Task<void> open_root_image(std::string target);
    Task<std::string> locate(std::string name, const Source& source);
    Task<std::optional<std::string>> search_apkovl();
    Task<std::string> fetch_modloop();

    boost::asio::io_context& io_;
    System& system_;
    ConsoleLog& log_;
    Clock::time_point started_ = Clock::now();
    Children children_;
    Rescue rescue_;
    TaskGroup background_;

    // What the steps leave for those that follow, in order.
    BootConfig config_;
    BootOptions options_;
    BootPlan plan_;
    Deadline deadline_ = Deadline::max();
    std::optional<ModuleLoader> modules_;
    std::optional<Devices> devices_;
    std::optional<Mounter> mounter_;
    std::optional<NetworkState> network_;
    std::optional<Fetcher> fetcher_;
    std::optional<Downloads> downloads_;
    MachineFacts facts_;
    bool memory_root_ = false;                             // the new root's files are this boot's own
    bool shell_done_ = false;                              // the one of `single`
    std::optional<std::vector<std::string>> apkovl_files_; // names in the archive; none: there is no apkovl
};

} // namespace mkpxerd::netboot
