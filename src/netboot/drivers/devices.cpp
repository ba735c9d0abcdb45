// SPDX-License-Identifier: MIT
// uevents over netlink, /sys/bus for devices from before, libblkid for the contents of disks.
#include "mkpxerd/netboot/drivers/devices.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/netlink.h>
#include <map>
#include <sys/socket.h>
#include <tuple>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/drivers/uevent.hpp"
#include "mkpxerd/wrap/block_identity.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr unsigned kernel_uevent_group = 1;   // lib/kobject_uevent.c; group 2 is udev's
constexpr std::size_t largest_uevent = 16384; // UEVENT_BUFFER_SIZE and the header

// As /sys/bus names it: "pci 0000:00:03.0".
std::string device_name(const Uevent& event) {
    return fmt::format("{} {}", event.subsystem, event.device_path.substr(event.device_path.rfind('/') + 1));
}

} // namespace

Devices::Devices(asio::io_context& io, System& system, Log& log, ModuleLoader& modules, BootNeeds needs)
    : system_(system), log_(log), modules_(modules), needs_(needs), socket_(io), changed_(io) {}

Result<void> Devices::listen(std::uint64_t buffer_bytes) {
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!fd) return fail_errno("uevent", "cannot open the kernel's event socket", errno);
    const int size = static_cast<int>(std::min<std::uint64_t>(buffer_bytes, INT32_MAX));
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernel_uevent_group;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("uevent", "cannot listen to the kernel's events", errno);
    boost::system::error_code error;
    socket_.assign(fd.get(), error);
    if (error) return fail("uevent", error.message());
    (void)fd.release();
    return {};
}

asio::awaitable<void> Devices::coldplug() {
    load_drivers();
    has_tried_ = true;
    co_await modules_.wait_until_settled(Urgency::Bus);
    coldplugged_ = true;
    changed_.notify();
}

void Devices::load_drivers() {
    // Only a device on a bus can be bound to a driver.
    const Sysroot sys(system_.host("/sys"));
    std::map<std::string, std::string> devices; // modalias -> the first device that has it
    for (const std::string& bus : sys.list("bus"))
        for (const std::string& device : sys.list("bus/" + bus + "/devices"))
            if (const auto alias = read_file(sys.host("bus/" + bus + "/devices/" + device + "/modalias")))
                if (const auto text = trim(*alias); !text.empty())
                    devices.try_emplace(std::string(text), bus + " " + device);
    std::vector<std::tuple<Urgency, std::string, std::string>> ordered;
    for (const auto& [alias, device] : devices)
        ordered.emplace_back(urgency_of(alias, needs_), alias, device);
    std::sort(ordered.begin(), ordered.end());
    for (const auto& [urgency, alias, device] : ordered)
        modules_.load_alias(alias, device, urgency);
}

asio::awaitable<void> Devices::wait_for_coldplug(Deadline deadline) {
    while (!coldplugged_ && Clock::now() < deadline)
        co_await changed_.wait(deadline);
}

asio::awaitable<void> Devices::follow() {
    while (true) {
        boost::system::error_code error;
        co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        if (read_events()) continue;
        log_.detail(LogSubject::Devices, "the kernel dropped events: checking all devices again");
        load_drivers(); // without waiting: the next events may be about other devices
        modules_.look_for_live();
        changed_.notify();
    }
}

// Returns false if the kernel had more events than the buffer holds.
bool Devices::read_events() {
    std::array<char, largest_uevent> buffer{};
    bool complete = true;
    bool changed = false;
    while (true) {
        sockaddr_nl sender{};
        socklen_t sender_size = sizeof sender;
        const ssize_t got = ::recvfrom(socket_.native_handle(), buffer.data(), buffer.size(), 0,
                                       reinterpret_cast<sockaddr*>(&sender), &sender_size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ENOBUFS) {
            complete = false;
            continue;
        }
        if (got < 0) break;
        if (sender.nl_pid != 0) continue; // not from the kernel
        const auto event = parse_uevent({buffer.data(), static_cast<std::size_t>(got)});
        if (!event || (event->action != "add" && event->action != "change")) continue;
        if (!event->modalias.empty())
            modules_.load_alias(event->modalias, device_name(*event), urgency_of(event->modalias, needs_));
        if (event->subsystem == "module")
            modules_.note_live(std::string(event->device_path.substr(event->device_path.rfind('/') + 1)));
        changed = changed || !event->device_name.empty();
    }
    if (changed) changed_.notify();
    return complete;
}

std::vector<std::string> Devices::block_devices() const {
    std::vector<std::string> names;
    const Sysroot sys(system_.host("/sys"));
    for (const std::string& name : sys.list("class/block")) {
        const auto size = read_file(sys.host("class/block/" + name + "/size"));
        // Unused loop devices and drives without a medium have no size.
        if (!size || trim(*size) == "0" || name.starts_with("ram")) continue;
        // sysfs writes '!' for the '/' of a device in a directory: "cciss!c0d0".
        std::string device = name;
        std::replace(device.begin(), device.end(), '!', '/');
        names.push_back(std::move(device));
    }
    return names;
}

std::optional<std::string> Devices::find(const DeviceSpec& spec) const {
    std::error_code ignored;
    if (spec.kind == DeviceSpec::Kind::Name) {
        const std::string path = "/dev/" + spec.value;
        return std::filesystem::exists(system_.host(path), ignored) ? std::optional(path) : std::nullopt;
    }
    for (const std::string& name : block_devices()) {
        const std::string path = "/dev/" + name;
        const auto identity = wrap::identify_block_device(system_.host(path));
        if (!identity) continue;
        const bool found =
            (spec.kind == DeviceSpec::Kind::Uuid && to_lower(identity->uuid) == to_lower(spec.value)) ||
            (spec.kind == DeviceSpec::Kind::Label && identity->label == spec.value) ||
            (spec.kind == DeviceSpec::Kind::PartUuid &&
             to_lower(identity->part_uuid) == to_lower(spec.value)) ||
            (spec.kind == DeviceSpec::Kind::PartLabel && identity->part_label == spec.value);
        if (found) return path;
    }
    return std::nullopt;
}

Task<std::string> Devices::wait_for(const DeviceSpec& spec, Deadline deadline) {
    bool announced = false;
    while (true) {
        if (auto path = find(spec)) {
            log_.detail(LogSubject::Devices, fmt::format("{} is {}", spec.text(), *path));
            co_return *path;
        }
        if (Clock::now() >= deadline) break;
        if (!std::exchange(announced, true)) log_.step(fmt::format("waiting for {}", spec.text()));
        co_await changed_.wait(deadline);
    }
    const auto seen = block_devices();
    Problem absent{.object = spec.text(),
                   .text = "did not appear in time",
                   .hint = !seen.empty() ? fmt::format("the block devices are {}", fmt::join(seen, ", "))
                           : coldplugged_
                               ? "this machine has no block device: is the driver in the image?"
                               : "drivers were still loading: give them more time with mkpxerd.timeout=",
                   .code = Failure::NoDevice};
    std::vector<Problem> problems;
    if (auto unreturned = modules_.unreturned(DeviceKind::Storage))
        problems.push_back(std::move(*unreturned));
    problems.push_back(std::move(absent));
    co_return fail(Error(std::move(problems)));
}

} // namespace mkpxerd::netboot
