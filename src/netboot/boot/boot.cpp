// SPDX-License-Identifier: MIT
// The order of the boot. Each step is in the file of its subject; here is what it is called with.
#include "mkpxerd/netboot/boot/boot.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/netboot/boot/report_post.hpp"
#include "mkpxerd/netboot/drivers/driverless.hpp"
#include "mkpxerd/netboot/drivers/missing_firmware.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "mkpxerd/netboot/mount/nfs.hpp"
#include "mkpxerd/netboot/net/lease_files.hpp"
#include "mkpxerd/netboot/net/lease_keeper.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/options/image_check.hpp"
#include "mkpxerd/netboot/options/option_files.hpp"
#include "mkpxerd/netboot/root/diskless.hpp"
#include "mkpxerd/netboot/root/handover.hpp"
#include "mkpxerd/netboot/root/memory_root.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/early_mounts.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto report_patience = 10s;
constexpr std::chrono::seconds
    least_blocked(60); // a slow driver, a journal to be replayed: no fault of theirs
constexpr std::uint16_t syslog_port = 514;
constexpr std::string_view ctrl_alt_del_setting = "/proc/sys/kernel/ctrl-alt-del";
constexpr std::size_t longest_host_name = 64; // __NEW_UTS_LEN

// DHCP may give a whole domain name, which the kernel has no room for.
std::string kernel_host_name(const std::string& name) {
    return name.size() <= longest_host_name ? name
                                            : name.substr(0, std::min(name.find('.'), longest_host_name));
}

// Whether a driver is missing shows when all have been tried.
Error while_drivers_load(const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems)
        if (problem.code == Failure::NoNetworkCard || problem.code == Failure::NoInterface)
            problem.hint = "drivers were still loading: mkpxerd.timeout= gives them more time";
    return Error(std::move(problems));
}

} // namespace

std::span<const Boot::Step> Boot::steps() {
    static constexpr std::array order = std::to_array<Step>({
        // Consoles first: what is not said cannot be read.
        {"start", &Boot::start},
        // What is wanted decides what is waited for.
        {"options", &Boot::read_options},
        {"modules", &Boot::load_modules},
        // Drivers go on loading in the background from here on.
        {"devices", &Boot::find_devices},
        {"network", &Boot::bring_up_network},
        // Downloads start here, and run beside what follows.
        {"root", &Boot::mount_root},
        {"media", &Boot::mount_media},
        {"apkovl", &Boot::lay_apkovl},
        {"packages", &Boot::install_packages},
        // After all that may bring /lib as a link.
        {"modloop", &Boot::attach_modloop},
        // Beyond this point there is no way back.
        {"handover", &Boot::hand_over},
    });
    return order;
}

Boot::Boot(asio::io_context& io, System& system, ConsoleLog& log)
    : io_(io), system_(system), log_(log), children_(io, system), rescue_(io, system, log, children_),
      watchdog_(io, system), syslog_(io), background_(io) {}

asio::awaitable<void> Boot::run() {
    for (const Step& step : steps()) {
        const auto begin = Clock::now();
        const auto since = [](Clock::time_point from, Clock::time_point to) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
        };
        stages_.push_back({std::string(step.stage), since(started_, begin), {}, 0});
        while (true) {
            watchdog_.enter(step.stage);
            ++stages_.back().attempts;
            const auto done = co_await (this->*step.run)();
            stages_.back().took = since(begin, Clock::now());
            if (done) break;
            co_await recover(step.stage, done.error());
        }
    }
}

asio::awaitable<void> Boot::recover(std::string_view stage, const Error& error) {
    std::vector<Problem> problems = error.problems();
    if (problems.front().code == Failure::None) problems.front().code = Failure::SystemCallFailed;
    for (const Problem& problem : problems) {
        // What has no code explains the one before it: a line about each interface.
        if (problem.code == Failure::None) {
            log_.failure(to_text(problem));
            continue;
        }
        log_.failure(fmt::format("failed {} {}: {}{}{}", code_text(problem.code), stage, problem.object,
                                 problem.object.empty() ? "" : ": ", problem.text));
        if (!problem.hint.empty()) log_.failure(fmt::format("hint: {}", problem.hint));
    }
    for (const std::string& device : devices_without_driver())
        log_.failure(fmt::format("no driver for {}", device));
    co_await report("failed", problems.front(), stage);
    co_await rescue_.after_failure(options_.on_fail);
    log_.step(fmt::format("going on from {}", stage));
    deadline_ = Clock::now() + std::chrono::seconds(options_.timeout);
    if (modules_) modules_->forget_failures();
}

asio::awaitable<void> Boot::report(std::string result, std::optional<Problem> problem,
                                   std::string_view stage) {
    BootReport report;
    report.kernel = system_.kernel_release();
    report.image = config_.mkpxerd_version;
    if (const auto uuid = facts_.find("UUID"); uuid != facts_.end()) report.machine_uuid = uuid->second;
    report.result = std::move(result);
    report.init = options_.init;
    report.problem = std::move(problem);
    report.failed_stage = stage;
    report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
    report.stages = stages_;
    report.nics = read_nics(system_);
    report.devices_without_driver = devices_without_driver();
    if (report.problem)
        for (const MissingFirmware& firmware : read_missing_firmware(system_))
            report.missing_firmware.push_back(to_text(to_problem(firmware)));
    report.network = network_;
    if (downloads_)
        for (const auto& [name, download] : downloads_->reports())
            report.downloads.push_back({name, download.url, download.bytes, download.attempts});
    report.settings = options_.settings;
    if (modules_) report.modules = modules_->loaded();
    report.memory_bytes = read_memory_bytes(system_);
    report.peak_bytes = read_peak_bytes(system_);
    if (const auto written = write_report(system_, report); !written) log_.detail(written.error().text());
    if (options_.report_url.empty() || !network_) co_return;
    const auto url = substitute(options_.report_url, facts_);
    if (url.urls.empty()) co_return;
    const auto posted = co_await post_report(io_, *network_, url.urls.front(), report_json(report),
                                             Clock::now() + report_patience);
    if (!posted) log_.warning("report", posted.error());
}

std::vector<std::string> Boot::devices_without_driver() const {
    if (!devices_ || !devices_->coldplugged()) return {}; // their turn may be yet to come
    return read_devices_without_driver(system_, modules_->index(), config_.features);
}

Task<void> Boot::start() {
    const auto mounted = mount_early(system_);
    log_.open();
    MKPXERD_CO_TRY(mounted);
    catch_ctrl_alt_del();
    link_modprobe();
    auto config = check_image(system_);
    if (!config) {
        // What the command line says of failures holds for this one as well.
        if (const auto sources = read_settings(system_, config_))
            options_.on_fail = parse_on_fail_options(*sources);
        co_return fail(std::move(config).error());
    }
    config_ = std::move(*config);
    // A board without a battery starts in 1970, where every certificate lies in the future.
    if (system_.clock_seconds() < config_.epoch) {
        MKPXERD_CO_TRY(system_.set_clock_seconds(config_.epoch));
        log_.detail("clock set forward to the time of the image");
    }
    co_return Result<void>();
}

// By default the kernel restarts on it at once, whatever is being written; with 0 it sends SIGINT to process
// 1, which restarts in order (Documentation/admin-guide/sysctl/kernel.rst, ctrl-alt-del).
void Boot::catch_ctrl_alt_del() {
    const auto setting = system_.host(ctrl_alt_del_setting);
    if (!ctrl_alt_del_) ctrl_alt_del_ = read_file(setting).value_or("");
    if (!ctrl_alt_del_->empty()) (void)write_file(setting, "0\n"); // as before, if it cannot be written
}

// What the kernel starts when it needs a module itself.
void Boot::link_modprobe() {
    const auto named = read_file(system_.host("/proc/sys/kernel/modprobe"));
    const std::string path(named ? trim(*named) : "/sbin/modprobe");
    if (path.empty()) return; // the kernel shall load none
    std::error_code error;
    const auto link = system_.host(path);
    if (std::filesystem::exists(link, error)) return;
    std::filesystem::create_directories(link.parent_path(), error);
    std::filesystem::create_symlink(fmt::format("/{}", init_path), link, error);
    if (error)
        log_.warning(fmt::format("{}: {}: the kernel cannot load modules itself", path, error.message()));
}

Task<void> Boot::read_options() {
    MKPXERD_CO_TRY_ASSIGN(const auto sources, read_settings(system_, config_));
    options_.on_fail = parse_on_fail_options(sources); // even if another option is wrong
    MKPXERD_CO_TRY(load_keys());                       // before anything is taken from anywhere
    MKPXERD_CO_TRY_ASSIGN(options_, parse_boot_options(sources));
    log_.set_verbosity(options_.quiet, options_.debug);
    watch();
    deadline_ = Clock::now() + std::chrono::seconds(options_.timeout);
    log_.step(fmt::format("kernel {}, image for {}", system_.kernel_release(), config_.kernel_version));
    for (const Problem& warning : options_.warnings)
        log_.warning(to_text(warning));
    for (const auto& setting : options_.settings)
        log_.detail(fmt::format("option {}={} ({})", setting.name, setting.value, setting.origin));
    MKPXERD_CO_TRY_ASSIGN(plan_, make_boot_plan(options_, read_image_abilities(system_)));
    MKPXERD_CO_TRY(check_plan());
    log_.step(plan_.text());
    if (plan_.root) warn_of_idle_options();
    co_return Result<void>();
}

void Boot::watch() {
    if (watched_) return;
    watched_ = true;
    WatchRules rules;
    rules.limit = std::max(least_blocked, std::chrono::seconds(options_.timeout));
    rules.on_fail = options_.on_fail;
    if (const auto started = watchdog_.start(rules); !started) {
        log_.warning(started.error().text());
        return;
    }
    watchdog_.enter("options");
    background_.spawn(watchdog_.beat());
}

// What fills a diskless root means nothing to a root that is mounted.
void Boot::warn_of_idle_options() {
    static constexpr std::array names = std::to_array<std::string_view>(
        {"alpine_repo", "autodetect_serial", "ds", "keep_apk_new", "ssh_key", "tinycloud"});
    for (const auto& setting : options_.settings)
        if (std::find(names.begin(), names.end(), setting.name) != names.end())
            log_.warning(fmt::format("{}= has no effect together with root=", setting.name));
}

Task<void> Boot::load_modules() {
    MKPXERD_CO_TRY(write_blacklist(system_, options_.blacklist));
    MKPXERD_CO_TRY_ASSIGN(auto modules, open_modules(system_, log_));
    modules_.emplace(std::move(modules));
    if (modules_->index().size() == 0 && !config_.kernel_version.empty())
        log_.warning(fmt::format("the image has modules for kernel {}, and the kernel that runs is {}",
                                 config_.kernel_version, system_.kernel_release()));
    std::vector<ModuleRequest> wanted = options_.modules;
    const auto listed = read_module_list(system_);
    wanted.insert(wanted.end(), listed.begin(), listed.end());
    // A module that one machine lacks shall not keep it from booting.
    for (const ModuleRequest& request : wanted)
        if (const auto loaded = modules_->load(request.name, request.parameters); !loaded)
            log_.warning(loaded.error());
    co_return Result<void>();
}

Task<void> Boot::find_devices() {
    if (devices_) co_return Result<void>();
    devices_.emplace(io_, system_, log_, *modules_);
    if (auto listening = devices_->listen(options_.uevent_buffer); !listening) {
        devices_.reset(); // another try begins anew
        co_return listening;
    }
    mounter_.emplace(io_, system_, log_, children_, *modules_, *devices_);
    background_.spawn(devices_->follow());
    background_.spawn(devices_->coldplug());
    co_return Result<void>();
}

// While the network is waited for, what comes after it can be loaded.
asio::awaitable<void> Boot::preload_modules() {
    std::vector<std::string> names;
    const auto nfs = [](const std::optional<Source>& source) {
        return source && source->kind == Source::Kind::Nfs;
    };
    if (nfs(plan_.root) || nfs(plan_.alpine_dev)) names.emplace_back("nfs");
    // nfsv4 is the largest of them: under emulation it takes longer than all the others.
    const bool only_3 = nfs(plan_.root) && !nfs(plan_.alpine_dev) &&
                        (wants_nfs3(options_.rootflags) || wants_nfs3(plan_.root->nfs.options));
    if (!names.empty()) names.emplace_back(only_3 ? "nfsv3" : "nfsv4");
    if (plan_.modloop || plan_.search_modloop) names.insert(names.end(), {"loop", "squashfs"});
    if (options_.overlay) names.emplace_back("overlay");
    co_await devices_->wait_for_coldplug();
    for (const std::string& name : names) {
        // What the image lacks is missed where it is needed, if it is.
        if (modules_->knows(name))
            if (const auto loaded = modules_->load(name); !loaded) log_.detail(loaded.error().text());
        co_await sleep_until(io_, Clock::now());
    }
}

Task<void> Boot::bring_up_network() {
    facts_ = read_machine_facts(system_);
    background_.spawn(preload_modules());
    if (!plan_.needs_network || downloads_) co_return Result<void>();
    NetworkRequest request;
    request.ip = plan_.ip;
    if (!options_.bootif.empty()) {
        request.bootif = parse_bootif(options_.bootif);
        if (!request.bootif) log_.warning(fmt::format("BOOTIF={}: is no hardware address", options_.bootif));
    }
    request.first_hosts = plan_.hosts;
    request.deadline = deadline_;
    if (modules_->knows("af_packet"))
        if (const auto loaded = modules_->load("af_packet"); !loaded) log_.warning(loaded.error());
    auto up = co_await netboot::bring_up_network(io_, log_, std::move(request));
    if (!up) {
        Error error = with_missing_firmware(std::move(up).error(), read_missing_firmware(system_));
        co_return fail(devices_->coldplugged() ? std::move(error) : while_drivers_load(error));
    }
    network_ = std::move(up->state);
    add_network_facts(*network_, facts_);
    MKPXERD_CO_TRY(write_own_resolv_conf(system_, *network_));
    MKPXERD_CO_TRY(write_lease(system_, *network_));
    if (!network_->hostname.empty())
        if (const auto named = system_.set_hostname(kernel_host_name(network_->hostname)); !named)
            log_.warning(named.error());
    co_await start_syslog();
    FetcherOptions options;
    options.key_directory = system_.host(key_directory);
    options.proxy = options_.proxy;
    options.time = std::make_shared<TimeOfDay>(config_.epoch);
    fetcher_.emplace(io_, log_, *network_, std::move(options));
    downloads_.emplace(io_, [this](FetchRequest wanted) { return fetch_one(std::move(wanted)); });
    for (const HeldLease& lease : up->leases)
        background_.spawn(keep_lease(lease));
    co_return Result<void>();
}

// Beside the steps that follow, until the machine is handed over.
asio::awaitable<void> Boot::keep_lease(HeldLease lease) {
    const bool is_own = lease.interface == network_->interface;
    LeaseKeeper keeper(io_, log_, std::move(lease));
    while (auto now = co_await keeper.next_change()) {
        if (!is_own) continue;
        now->nics = std::move(network_->nics);
        network_ = std::move(*now);
        fetcher_->use(*network_);
        if (const auto written = write_own_resolv_conf(system_, *network_); !written)
            log_.warning(written.error());
        if (const auto written = write_lease(system_, *network_); !written) log_.warning(written.error());
    }
    if (is_own) network_->lease_loss = keeper.loss();
}

// To the host that was named, or else to those that the lease names.
asio::awaitable<void> Boot::start_syslog() {
    std::string host = options_.log_host;
    std::uint16_t port = syslog_port;
    std::vector<asio::ip::address> servers;
    if (host.empty())
        for (const Ipv4Address server : network_->log_servers)
            servers.emplace_back(asio::ip::address_v4(server.value));
    if (host.empty() && servers.empty()) co_return;
    if (const auto colon = host.rfind(':'); colon != std::string::npos && host.find(':') == colon)
        if (const auto number = parse_number(std::string_view(host).substr(colon + 1));
            number && *number <= 65535) {
            port = static_cast<std::uint16_t>(*number);
            host.resize(colon);
        }
    if (!host.empty()) {
        Resolver resolver(io_, dns_config(*network_));
        auto resolved = co_await resolver.resolve(host, deadline_, {});
        if (!resolved) {
            log_.warning("syslog", resolved.error());
            co_return;
        }
        servers = std::move(*resolved);
    }
    const std::string own_name = network_->hostname.empty() ? network_->address.text() : network_->hostname;
    if (const auto started = syslog_.start(log_, std::move(servers), port, own_name); !started)
        log_.warning("syslog", started.error());
}

Task<FetchReport> Boot::fetch_one(FetchRequest request) {
    co_return co_await fetcher_->fetch(request);
}

Task<void> Boot::hand_over() {
    if (options_.single && !std::exchange(shell_done_, true)) {
        const auto consoles = log_.console_paths();
        if (consoles.empty() || !co_await rescue_.run_shell(consoles.back()))
            log_.warning("single: the image has no shell");
    }
    MKPXERD_CO_TRY(check_init(system_, options_.init));
    if (network_ && memory_root_) {
        // A diskless root gets the whole lease, an overlay over a foreign system its name servers alone.
        if (!plan_.root)
            MKPXERD_CO_TRY(hand_over_lease(system_, *network_));
        else if (const std::string text = resolv_conf(*network_); !text.empty())
            MKPXERD_CO_TRY(write_if_missing(system_, "/etc/resolv.conf", text));
    }
    co_await report("handover", std::nullopt, {});
    Program program{options_.init, options_.init_args, {}};
    program.arguments.insert(program.arguments.end(), options_.init_arguments.begin(),
                             options_.init_arguments.end());
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const std::string last_words = fmt::format("handover to {} on {} after {:.3f} s", options_.init,
                                               plan_.root ? plan_.root->text() : "tmpfs", seconds);
    if (ctrl_alt_del_ && !ctrl_alt_del_->empty())
        (void)write_file(system_.host(ctrl_alt_del_setting), *ctrl_alt_del_);
    auto handed_over = netboot::hand_over(system_, log_, program, last_words);
    if (!handed_over) catch_ctrl_alt_del();
    co_return handed_over;
}

} // namespace mkpxerd::netboot
