// SPDX-License-Identifier: MIT
// The boot, from the first mount to the hand-over: the only place that knows the order of things.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/boot/boot_report.hpp"
#include "mkpxerd/netboot/drivers/devices.hpp"
#include "mkpxerd/netboot/fetch/downloads.hpp"
#include "mkpxerd/netboot/mount/fstab.hpp"
#include "mkpxerd/netboot/mount/mounter.hpp"
#include "mkpxerd/netboot/net/network.hpp"
#include "mkpxerd/netboot/net/syslog.hpp"
#include "mkpxerd/netboot/options/placeholders.hpp"
#include "mkpxerd/netboot/root/packages.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/children.hpp"
#include "mkpxerd/netboot/runtime/console_log.hpp"
#include "mkpxerd/netboot/runtime/rescue.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/watchdog.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

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
    // boot.cpp
    Task<void> start();
    Task<void> read_options();
    void warn_of_idle_options();
    Task<void> load_modules();
    Task<void> find_devices();
    Task<void> bring_up_network();
    Task<void> hand_over();
    // boot_root.cpp
    Task<void> mount_root();
    // boot_diskless.cpp
    Task<void> mount_media();
    Task<void> lay_apkovl();
    Task<void> install_packages();
    Task<void> attach_modloop();

    // boot.cpp: around the steps
    boost::asio::awaitable<void> recover(std::string_view stage, const Error& error);
    boost::asio::awaitable<void> report(std::string result, std::optional<Problem> problem,
                                        std::string_view stage);
    std::vector<std::string> devices_without_driver() const;
    boost::asio::awaitable<void> preload_modules();
    boost::asio::awaitable<void> start_syslog();
    boost::asio::awaitable<void> keep_lease(HeldLease lease);
    void link_modprobe();
    void catch_ctrl_alt_del();
    void watch();
    Task<FetchReport> fetch_one(FetchRequest request);

    // boot_checks.cpp: what is verified. Objects: "apkovl", "modloop", "root", "ssh_key".
    Result<void> load_keys();
    bool is_checked(const std::string& object) const; // by a pin, or because the image has keys
    Problem unverifiable(std::string object) const;
    static Problem not_taken(const std::string& object);
    // Before anything is waited for. Errors: MPX-FETCH-13, MPX-FETCH-14.
    Result<void> check_plan() const;
    // A pinned object is one that the boot takes. Errors: MPX-FETCH-14.
    Result<void> check_absence(const std::string& object) const;
    // The path of what may be used of a file on a medium. Errors: MPX-FETCH-08 to -10.
    Result<std::string> verified_copy(const std::string& name, const std::string& path);
    Result<void> check_signed(const std::string& name, const std::string& path, const std::string& sha256,
                              const std::filesystem::path& bytes);

    // boot_root.cpp: what is fetched and mounted
    void start_downloads();
    Result<FetchRequest> fetch_request(std::string name, const std::string& alternatives,
                                       std::string_view directory);
    static Result<void> check_hosts(const std::string& name, const std::string& alternatives);
    Task<std::string> fetch(std::string name, const std::string& alternatives, std::string_view directory);
    Task<void> mount_nfs(const NfsSource& source, std::string target, bool read_only, std::string options);
    Task<void> mount_memory_root();
    Task<void> mount_asked_root();
    Task<void> mount_root_source(std::string target);
    Task<void> open_root_image(std::string target);
    Task<void> mount_usr();
    Task<void> mount_usr_line(const FstabLine& line);
    Task<void> resume();

    // boot_diskless.cpp: a root in memory
    boost::asio::awaitable<void> search_devices();
    Task<std::string> locate(std::string name, const Source& source);
    Task<std::optional<std::string>> find_or_fetch_apkovl();
    Task<void> fill_with_packages(const std::string& apk);
    Task<void> prepare_packages(const std::string& apk, PackageRequest& request);
    Result<std::filesystem::path> hide_repositories(PackageRequest& request);
    Task<void> add_ssh_keys();
    Result<void> remount_root();
    Result<std::vector<FstabLine>> read_fstab() const;
    Task<std::string> fetch_modloop();
    std::vector<std::string> program_environment() const;

    boost::asio::io_context& io_;
    System& system_;
    ConsoleLog& log_;
    Clock::time_point started_ = Clock::now();
    Children children_;
    Rescue rescue_;
    Watchdog watchdog_;
    Syslog syslog_;
    TaskGroup background_;

    // What the steps leave for those that follow, in order.
    std::optional<std::string> ctrl_alt_del_; // the setting that the new root's init shall find
    BootConfig config_;
    std::optional<wrap::Ed25519Keys> keys_;
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
    bool memory_root_ = false; // the new root's files are this boot's own
    bool devices_searched_ = false;
    std::optional<std::string> found_apkovl_;
    bool database_made_ = false;
    std::optional<std::vector<std::string>>
        apkovl_files_; // names in the archive, for apk; none: there is no apkovl
    std::optional<bool> default_services_;
    bool packages_done_ = false;
    bool watched_ = false;
    bool shell_done_ = false; // the one of `single`
    std::vector<BootReport::Stage> stages_;
};

} // namespace mkpxerd::netboot
