// SPDX-License-Identifier: MIT
// Flat JSON, written by hand: every text goes through json_text, and every URL through redact.
#include "mkpxerd/netboot/boot_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/redact.hpp"

namespace mkpxerd::netboot {
namespace {

std::string json_text(std::string_view text) {
    std::string json = "\"";
    for (const char c : redact(text)) {
        if (c == '"' || c == '\\')
            json += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20)
            json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            json += c;
    }
    return json + '"';
}

template <class Items, class ToJson>
std::string json_list(const Items& items, ToJson&& to_json) {
    std::vector<std::string> texts;
    for (const auto& item : items)
        texts.push_back(to_json(item));
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string json_texts(const std::vector<std::string>& texts) {
    return json_list(texts, [](const std::string& text) { return json_text(text); });
}

std::string json_addresses(const std::vector<Ipv4Address>& addresses) {
    return json_list(addresses, [](const Ipv4Address& address) { return json_text(address.text()); });
}

std::string json_network(const NetworkState& network) {
    return fmt::format(
        "{{\"interface\": {}, \"mac\": {}, \"address\": {}, \"gateway\": {}, \"dns\": {}, \"ntp\": {}, "
        "\"domain\": {}, \"hostname\": {}, \"dynamic\": {}, \"dhcp_server\": {}, \"lease_seconds\": {}}}",
        json_text(network.interface), json_text(network.mac.text()),
        json_text(fmt::format("{}/{}", network.address.text(), network.prefix)),
        network.gateway ? json_text(network.gateway->text()) : "null", json_addresses(network.dns),
        json_addresses(network.ntp), json_text(network.domain), json_text(network.hostname), network.dynamic,
        network.dynamic ? json_text(network.dhcp_server.text()) : "null", network.lease_seconds);
}

std::string json_failure(const BootReport& report) {
    if (!report.problem) return "null";
    const Problem& problem = *report.problem;
    return fmt::format("{{\"code\": {}, \"stage\": {}, \"object\": {}, \"text\": {}, \"hint\": {}}}",
                       json_text(problem.code), json_text(report.failed_stage), json_text(problem.object),
                       json_text(problem.text), json_text(problem.hint));
}

std::string one_line(const Sysroot& folder, std::string_view path) {
    const auto text = read_file(folder.host(path));
    return text ? std::string(trim(*text)) : std::string();
}

std::string driver_of(const Sysroot& folder, std::string_view device) {
    std::error_code error;
    const auto link = std::filesystem::read_symlink(folder.host(std::string(device) + "/driver"), error);
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

std::vector<std::string> read_devices_without_driver(const System& system) {
    const Sysroot bus(system.host("/sys/bus"));
    std::vector<std::string> found;
    for (const std::string& device : bus.list("pci/devices")) {
        const std::string path = "pci/devices/" + device;
        // PCI class 02: network controller (PCI Code and ID Assignment Specification 1.3).
        if (!one_line(bus, path + "/class").starts_with("0x02") || !driver_of(bus, path).empty()) continue;
        const auto id = [&](const char* file) {
            const std::string text = one_line(bus, path + "/" + file);
            return text.starts_with("0x") ? text.substr(2) : text;
        };
        found.push_back(fmt::format("pci {}:{} at {}", id("vendor"), id("device"), device));
    }
    for (const std::string& device : bus.list("virtio/devices")) {
        const std::string path = "virtio/devices/" + device;
        // virtio 1.1, 5: device type 1 is a network card.
        if (one_line(bus, path + "/device") == "0x0001" && driver_of(bus, path).empty())
            found.push_back("virtio network at " + device);
    }
    return found;
}

std::uint64_t read_memory_bytes(const System& system) {
    const auto text = read_file(system.host("/proc/meminfo"));
    if (!text) return 0;
    for (const auto line : split_lines(*text)) {
        const auto words = split_words(line);
        if (words.size() >= 2 && words[0] == "MemTotal:") return parse_number(words[1]).value_or(0) * 1024;
    }
    return 0;
}

std::string report_json(const BootReport& report) {
    std::string json = "{\n";
    const auto line = [&](std::string_view key, const std::string& value, const char* end = ",") {
        json += fmt::format("  \"{}\": {}{}\n", key, value, end);
    };
    line("result", json_text(report.result));
    line("failure", json_failure(report));
    line("init", json_text(report.init));
    line("milliseconds", fmt::format("{}", report.elapsed.count()));
    line("kernel", json_text(report.kernel));
    line("image", json_text(report.image));
    line("machine_uuid", json_text(report.machine_uuid));
    line("memory_bytes", fmt::format("{}", report.memory_bytes));
    line("stages", json_list(report.stages, [](const BootReport::Stage& stage) {
             return fmt::format("{{\"name\": {}, \"begin\": {}, \"took\": {}, \"attempts\": {}}}",
                                json_text(stage.name), stage.begin.count(), stage.took.count(),
                                stage.attempts);
         }));
    line("nics", json_list(report.nics, [](const Nic& nic) {
             return fmt::format(
                 "{{\"name\": {}, \"mac\": {}, \"driver\": {}, \"state\": {}, \"modalias\": {}}}",
                 json_text(nic.name), json_text(nic.mac), json_text(nic.driver), json_text(nic.state),
                 json_text(nic.modalias));
         }));
    line("devices_without_driver", json_texts(report.devices_without_driver));
    line("network", report.network ? json_network(*report.network) : "null");
    line("downloads", json_list(report.downloads, [](const BootReport::Download& download) {
             return fmt::format("{{\"name\": {}, \"url\": {}, \"bytes\": {}, \"attempts\": {}}}",
                                json_text(download.name), json_text(download.url), download.bytes,
                                download.attempts);
         }));
    line("options", json_list(report.settings, [](const BootOptions::Setting& setting) {
             return fmt::format("{{\"name\": {}, \"value\": {}, \"origin\": {}}}", json_text(setting.name),
                                json_text(setting.value), json_text(setting.origin));
         }));
    line("modules", json_texts(report.modules), "");
    return json + "}\n";
}

std::string report_text(const BootReport& report) {
    std::string text = fmt::format("result    {}\n", report.result);
    if (report.problem) {
        text += fmt::format("code      {}\nstage     {}\nproblem   {}: {}\n", report.problem->code,
                            report.failed_stage, report.problem->object, report.problem->text);
        if (!report.problem->hint.empty()) text += fmt::format("hint      {}\n", report.problem->hint);
    }
    text += fmt::format("kernel    {}\nimage     mkpxerd {}\nmemory    {}\ntime      {:.3f} s\n",
                        report.kernel, report.image, human_bytes(report.memory_bytes),
                        static_cast<double>(report.elapsed.count()) / 1000);
    for (const auto& stage : report.stages)
        text += fmt::format("stage     {:<9} {:6} ms{}\n", stage.name, stage.took.count(),
                            stage.attempts > 1 ? fmt::format(", {} attempts", stage.attempts) : "");
    for (const Nic& nic : report.nics)
        text += fmt::format("nic       {} {} {} {}\n", nic.name, nic.mac,
                            nic.driver.empty() ? "-" : nic.driver, nic.state);
    for (const std::string& device : report.devices_without_driver)
        text += fmt::format("no driver {}\n", device);
    if (report.network)
        text += fmt::format("address   {}/{} on {}\n", report.network->address.text(), report.network->prefix,
                            report.network->interface);
    for (const auto& download : report.downloads)
        text += fmt::format("download  {} {} {} attempts {}\n", download.name, human_bytes(download.bytes),
                            download.attempts, download.url);
    for (const auto& setting : report.settings)
        text += fmt::format("option    {}={} ({})\n", setting.name, setting.value, setting.origin);
    return redact(text);
}

Result<void> write_report(const System& system, const BootReport& report) {
    const auto folder = system.host("/run/mkpxerd");
    std::error_code ignored; // the write tells
    std::filesystem::create_directories(folder, ignored);
    MKPXERD_TRY(write_file(folder / "report.json", report_json(report)));
    return write_file(folder / "report.txt", report_text(report));
}

} // namespace mkpxerd::netboot
