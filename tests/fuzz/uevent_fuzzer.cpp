// SPDX-License-Identifier: MIT
// Messages of the kernel's uevent group, or of whoever else gets onto it: what is read of one stands in it
// as a field of its own, and says the same when it is written anew.
#include "harness.hpp"

#include "mkpxerd/netboot/drivers/uevent.hpp"

using namespace mkpxerd::fuzz;
using namespace mkpxerd::netboot;

namespace {

// The value lies behind "\0KEY=" in the message and ends where its field does.
void require_field(std::string_view message, std::string_view key, std::string_view value) {
    if (value.data() == nullptr) return; // not told
    const std::size_t before = key.size() + 2;
    require(value.data() >= message.data() + before);
    const auto at = static_cast<std::size_t>(value.data() - message.data());
    require(at + value.size() <= message.size());
    require(message[at - before] == '\0' && message.substr(at - before + 1, key.size()) == key);
    require(message[at - 1] == '=' && value.find('\0') == std::string_view::npos);
    require(at + value.size() == message.size() || message[at + value.size()] == '\0');
}

void append(std::string& message, std::string_view key, std::string_view value) {
    if (value.data() != nullptr) message.append(key).append("=").append(value).push_back('\0');
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view message = text_of(data, size);
    const auto event = parse_uevent(message);
    if (!event) return 0;
    require(!event->action.empty() && !event->device_path.empty());
    require(message.substr(0, message.find('\0')).find('@') != std::string_view::npos);
    require_field(message, "ACTION", event->action);
    require_field(message, "DEVPATH", event->device_path);
    require_field(message, "SUBSYSTEM", event->subsystem);
    require_field(message, "MODALIAS", event->modalias);
    require_field(message, "DEVNAME", event->device_name);

    std::string again = "add@/devices";
    again.push_back('\0');
    append(again, "DEVNAME", event->device_name);
    append(again, "MODALIAS", event->modalias);
    append(again, "SUBSYSTEM", event->subsystem);
    append(again, "DEVPATH", event->device_path);
    append(again, "ACTION", event->action);
    const auto same = parse_uevent(again);
    require(same && same->action == event->action && same->device_path == event->device_path &&
            same->subsystem == event->subsystem && same->modalias == event->modalias &&
            same->device_name == event->device_name);
    return 0;
}
