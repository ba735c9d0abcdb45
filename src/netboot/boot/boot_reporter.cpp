// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/boot_reporter.hpp"

#include "mkpxerd/netboot/boot/report_device.hpp"
#include "mkpxerd/netboot/boot/report_post.hpp"
#include "mkpxerd/netboot/drivers/driverless.hpp"
#include "mkpxerd/netboot/drivers/missing_firmware.hpp"
#include "mkpxerd/netboot/options/placeholders.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr auto report_patience = std::chrono::seconds(10);

} // namespace

boost::asio::awaitable<void> BootReporter::report_failure(Problem problem, std::string_view stage,
                                                          std::vector<BootReport::Stage> stages) const {
    BootReport report = collect();
    report.result = "failed";
    report.problem = std::move(problem);
    report.failed_stage = stage;
    report.stages = std::move(stages);
    for (const FirmwareFailure& firmware : read_missing_firmware(system_))
        report.missing_firmware.push_back(to_text(to_problem(firmware)));
    co_await write_and_post(std::move(report));
}

boost::asio::awaitable<void> BootReporter::report_handover(std::vector<BootReport::Stage> stages) const {
    BootReport report = collect();
    report.result = "handover";
    report.timeline.handed_over = true;
    report.stages = std::move(stages);
    co_await write_and_post(std::move(report));
}

std::vector<std::string> BootReporter::devices_without_driver() const {
    if (!values_.devices || !values_.devices->has_tried()) return {};
    return read_devices_without_driver(system_, values_.modules->index(), values_.image.features,
                                       values_.modules->loading());
}

BootReport BootReporter::collect() const {
    BootReport report;
    report.kernel = system_.kernel_release();
    report.image = values_.image.mkpxerd_version;
    if (const auto uuid = values_.machine.find("UUID"); uuid != values_.machine.end())
        report.machine_uuid = uuid->second;
    report.init = values_.options.init;
    report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
    report.nics = read_nics(system_);
    report.devices_without_driver = devices_without_driver();
    report.network = values_.network;
    if (values_.objects)
        for (const auto& [name, download] : values_.objects->reports())
            report.downloads.push_back({name, download.url, download.bytes, download.attempts});
    report.settings = values_.options.settings;
    if (values_.modules) {
        report.modules = values_.modules->loaded();
        report.still_loading = still_loading(values_.modules->loads(), Clock::now());
    }
    report.memory_bytes = read_memory_bytes(system_);
    report.peak_bytes = read_peak_bytes(system_);
    report.timeline.events = log_.timeline();
    if (values_.modules) report.timeline.modules = values_.modules->loads();
    report.timeline.written = Clock::now();
    return report;
}

boost::asio::awaitable<void> BootReporter::write_and_post(BootReport report) const {
    if (const auto written = write_report(system_, report); !written)
        log_.detail(LogSubject::Stages, written.error().text());
    if (values_.options.report_url.empty()) co_return;
    const Result<void> sent = co_await send(report_json(report));
    if (!sent) log_.warning("report", sent.error());
}

Task<void> BootReporter::send(std::string report) const {
    const std::string& place = values_.options.report_url;
    if (place.starts_with("/dev/"))
        co_return co_await write_report_to(io_, system_, place, std::move(report),
                                           Clock::now() + report_patience);
    if (!values_.network) co_return Result<void>();
    co_return co_await post(std::move(report));
}

Task<void> BootReporter::post(std::string report) const {
    MKPXERD_CO_TRY_ASSIGN(const UrlSource source, UrlSource::parse(values_.options.report_url));
    const Substitution places = substitute(source, values_.machine);
    if (places.urls.empty()) co_return fail(Error(places.skipped.front()));
    co_return co_await post_report(io_, *values_.network, places.urls.front(), std::move(report),
                                   Clock::now() + report_patience);
}

} // namespace mkpxerd::netboot
