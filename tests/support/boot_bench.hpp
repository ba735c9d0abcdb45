// SPDX-License-Identifier: MIT
// The surroundings of a boot phase on a FakeSystem: services, and values of earlier phases as a test needs
// them.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>

#include "ext2_image.hpp"
#include "fake_system.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"
#include "run_task.hpp"

namespace mkpxerd::test {

struct BootBench {
    explicit BootBench(const std::string& cmdline = "root=/dev/sda") {
        const std::vector<CmdlineSource> sources = {{"kernel command line", cmdline}};
        options = parse_boot_options(sources).value();
        plan = make_boot_plan(options, {.has_apk = true}).value();
        system.write("/dev/sda", "");
        time.renew(std::chrono::seconds(20));
        background.spawn(devices.coldplug());
    }

    netboot::SourceMounter mounter() {
        const netboot::Mounter plain(io, system, log, children, modules, devices);
        return {io, plain, network, time};
    }
    static UrlSource urls(std::string_view text) { return UrlSource::parse(text).value(); }
    // The content of web servers: URL -> content. Anything else is not found.
    netboot::FetchFunction web() {
        return [this](netboot::FetchRequest request) -> netboot::Task<netboot::FetchReport> {
            fetched.push_back(request);
            const std::string url = request.urls.front().redacted();
            const auto found = served.find(url);
            if (found == served.end()) co_return fail(url, "status 404", {}, Failure::HttpNotFound);
            std::filesystem::create_directories(request.destination.parent_path());
            MKPXERD_CO_TRY(write_file(request.destination, found->second));
            co_return netboot::FetchReport{url, found->second.size(), 1};
        };
    }
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return test::run(io, std::move(task));
    }
    void run_to_end(boost::asio::awaitable<void> task) {
        const auto with_result = [](boost::asio::awaitable<void> inner) -> netboot::Task<void> {
            co_await std::move(inner);
            co_return Result<void>();
        };
        CHECK(run(with_result(std::move(task))));
    }
    void program(const std::string& path, const std::string& text) const { system.program(path, text); }
    std::string content(std::string_view path) const { return read_file(system.host(path)).value(); }
    bool exists(std::string_view path) const { return std::filesystem::exists(system.host(path)); }
    bool says(std::string_view part) const {
        const auto& lines = log.lines();
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return line.text.find(part) != std::string::npos; });
    }
    // Adds a line to the kernel's list of mounts: FakeSystem only records mounts.
    void mounted(const std::string& at) const {
        const std::string path = "/proc/self/mounts";
        const std::string before = read_file(system.host(path)).value_or("");
        system.write(path, fmt::format("{}x {} ext4 rw 0 0\n", before, at));
    }

    FakeSystem system;
    netboot::ConsoleLog log{system.host("/")};
    boost::asio::io_context io{1};
    netboot::Children children{io, system};
    netboot::TaskGroup background{io};
    netboot::TimeBudget time;
    netboot::BootServices services{io, system, log, children, background, time};
    BootOptions options;
    BootPlan plan;
    netboot::Trust trust = netboot::Trust::load(system, {}).value();
    netboot::ModuleLoader modules{io, system, log, netboot::read_modules(system, log).value()};
    netboot::Devices devices{io, system, log, modules};
    std::optional<netboot::NetworkState> network;
    std::map<std::string, std::string> served;
    std::vector<netboot::FetchRequest> fetched; // all requests
    netboot::MachineFacts machine = {{"MAC", "52-54-00-12-34-56"}};
    netboot::ObjectDownloads objects{io, system, log, web(), machine, trust, time};
};

} // namespace mkpxerd::test
