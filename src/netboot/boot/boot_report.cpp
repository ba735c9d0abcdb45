// SPDX-License-Identifier: MIT
// The report in its two forms. Every text that may contain a URL is redacted.
#include "mkpxerd/netboot/boot/boot_report.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/redact.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/private_files.hpp"

namespace mkpxerd::netboot {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const std::string& text : texts)
        json.value(text);
    json.end_array();
}

std::vector<std::string> address_texts(const std::vector<Ipv4Address>& addresses) {
    std::vector<std::string> texts;
    for (const Ipv4Address& address : addresses)
        texts.push_back(address.text());
    return texts;
}

void write_failure(JsonWriter& json, const BootReport& report) {
    if (!report.problem) return;
    const Problem& problem = *report.problem;
    json.key("failure").begin_object();
    json.field("code", code_text(problem.code)).field("stage", report.failed_stage);
    json.field("object", redact(problem.object)).field("text", redact(problem.text));
    json.field("hint", redact(problem.hint)).field("source", problem.place.text()).end_object();
}

void write_network(JsonWriter& json, const NetworkState& network) {
    json.key("network").begin_object();
    json.field("interface", network.interface).field("mac", network.mac.text());
    json.field("address", fmt::format("{}/{}", network.address.text(), network.prefix));
    if (network.gateway) json.field("gateway", network.gateway->text());
    write_texts(json, "dns", address_texts(network.dns));
    write_texts(json, "ntp", address_texts(network.ntp));
    json.field("domain", network.domain)
        .field("hostname", network.hostname)
        .field("dynamic", network.dynamic);
    if (network.dynamic)
        json.field("dhcp_server", network.dhcp_server.text()).field("lease_seconds", network.lease_seconds);
    if (!network.lease_loss.empty()) json.field("lease_loss", network.lease_loss);
    json.end_object();
}

void write_stages(JsonWriter& json, const std::vector<BootReport::Stage>& stages) {
    json.key("stages").begin_array();
    for (const auto& stage : stages) {
        json.begin_object().field("name", stage.name).field("begin", stage.begin.count());
        json.field("took", stage.took.count()).field("attempts", stage.attempts).end_object();
    }
    json.end_array();
}

void write_nics(JsonWriter& json, const std::vector<Nic>& nics) {
    json.key("nics").begin_array();
    for (const Nic& nic : nics) {
        json.begin_object().field("name", nic.name).field("mac", nic.mac).field("driver", nic.driver);
        json.field("state", nic.state).field("modalias", nic.modalias).end_object();
    }
    json.end_array();
}

void write_downloads(JsonWriter& json, const std::vector<BootReport::Download>& downloads) {
    json.key("downloads").begin_array();
    for (const auto& download : downloads) {
        json.begin_object().field("name", download.name).field("url", redact(download.url));
        json.field("bytes", download.bytes).field("attempts", download.attempts).end_object();
    }
    json.end_array();
}

void write_settings(JsonWriter& json, const std::vector<BootSetting>& settings) {
    json.key("options").begin_array();
    for (const auto& setting : settings) {
        // Whether a value is secret depends on its option: the name counts, too.
        const std::string shown = redact(setting.name + '=' + setting.value);
        json.begin_object().field("name", setting.name).field("value", shown.substr(setting.name.size() + 1));
        json.field("origin", setting.origin).end_object();
    }
    json.end_array();
}

std::string one_line(const Sysroot& directory, std::string_view path) {
    const auto text = read_file(directory.host(path));
    return text ? std::string(trim(*text)) : std::string();
}

std::string driver_of(const Sysroot& directory, std::string_view device) {
    std::error_code error;
    const auto link = std::filesystem::read_symlink(directory.host(std::string(device) + "/driver"), error);
    return error ? std::string() : link.filename().string();
}

} // namespace

std::vector<Nic> read_nics(const System& system) {
    const Sysroot net(system.host("/sys/class/net"));
    std::vector<Nic> nics;
    for (const std::string& name : net.list("")) {
        if (name == "lo") continue;
        Nic nic{name,
                one_line(net, name + "/address"),
                driver_of(net, name + "/device"),
                {},
                one_line(net, name + "/device/modalias")};
        // Reading the carrier of a device that is down is an error.
        const std::string carrier = one_line(net, name + "/carrier");
        nic.state = carrier == "1" ? "up" : carrier == "0" ? "no carrier" : "down";
        nics.push_back(std::move(nic));
    }
    return nics;
}

std::uint64_t read_memory_bytes(const System& system) {
    return kibibyte_field(read_file(system.host("/proc/meminfo")).value_or(""), "MemTotal:").value_or(0);
}

std::uint64_t read_peak_bytes(const System& system) {
    return kibibyte_field(read_file(system.host("/proc/self/status")).value_or(""), "VmHWM:").value_or(0);
}

std::string report_json(const BootReport& report) {
    JsonWriter json;
    json.begin_object().field("result", report.result);
    write_failure(json, report);
    json.field("init", report.init).field("milliseconds", report.elapsed.count());
    json.field("kernel", report.kernel).field("image", report.image);
    json.field("machine_uuid", report.machine_uuid).field("memory_bytes", report.memory_bytes);
    json.field("peak_bytes", report.peak_bytes);
    write_stages(json, report.stages);
    write_nics(json, report.nics);
    write_texts(json, "devices_without_driver", report.devices_without_driver);
    write_texts(json, "missing_firmware", report.missing_firmware);
    if (report.network) write_network(json, *report.network);
    write_downloads(json, report.downloads);
    write_settings(json, report.settings);
    write_texts(json, "modules", report.modules);
    write_texts(json, "still_loading", report.still_loading);
    write_timeline(json, report.timeline);
    return json.end_object().text();
}

std::string report_text(const BootReport& report) {
    std::string text;
    // Line by line: a name with a line break must not begin a second line.
    const auto add = [&](std::string_view line) { text += printable(line) + '\n'; };
    add(fmt::format("result    {}", report.result));
    if (report.problem) {
        add(fmt::format("code      {}", code_text(report.problem->code)));
        add(fmt::format("stage     {}", report.failed_stage));
        add(fmt::format("problem   {}: {}", report.problem->object, report.problem->text));
        if (!report.problem->hint.empty()) add(fmt::format("hint      {}", report.problem->hint));
    }
    add(fmt::format("kernel    {}", report.kernel));
    add(fmt::format("image     mkpxerd {}", report.image));
    add(fmt::format("memory    {}", human_bytes(report.memory_bytes)));
    add(fmt::format("time      {:.3f} s", static_cast<double>(report.elapsed.count()) / 1000));
    for (const auto& stage : report.stages)
        add(fmt::format("stage     {:<9} {:6} ms{}", stage.name, stage.took.count(),
                        stage.attempts > 1 ? fmt::format(", {} attempts", stage.attempts) : ""));
    for (const Nic& nic : report.nics)
        add(fmt::format("nic       {} {} {} {}", nic.name, nic.mac, nic.driver.empty() ? "-" : nic.driver,
                        nic.state));
    for (const std::string& device : report.devices_without_driver)
        add(fmt::format("no driver {}", device));
    for (const std::string& firmware : report.missing_firmware)
        add(fmt::format("firmware  {}", firmware));
    if (report.network)
        add(fmt::format("address   {}/{} on {}", report.network->address.text(), report.network->prefix,
                        report.network->interface));
    if (report.network && !report.network->lease_loss.empty())
        add(fmt::format("lease     lost: {}", report.network->lease_loss));
    for (const auto& download : report.downloads)
        add(fmt::format("download  {} {} {} attempts {}", download.name, human_bytes(download.bytes),
                        download.attempts, download.url));
    for (const std::string& module : report.still_loading)
        add(fmt::format("loading   {}", module));
    for (const auto& setting : report.settings)
        add(fmt::format("option    {}={} ({})", setting.name, setting.value, setting.origin));
    return redact(text);
}

Result<void> write_report(const System& system, const BootReport& report) {
    const auto directory = system.host(run_directory);
    MKPXERD_TRY(write_private(directory / "report.json", report_json(report)));
    return write_private(directory / "report.txt", report_text(report));
}

} // namespace mkpxerd::netboot
