// SPDX-License-Identifier: MIT
// NUL-separated words, the first one a header.
#include "mkpxerd/netboot/drivers/uevent.hpp"

namespace mkpxerd::netboot {

std::optional<Uevent> parse_uevent(std::string_view message) {
    const auto header_end = message.find('\0');
    if (header_end == std::string_view::npos ||
        message.substr(0, header_end).find('@') == std::string_view::npos)
        return std::nullopt;
    Uevent event;
    message.remove_prefix(header_end + 1);
    while (!message.empty()) {
        const auto end = message.find('\0');
        const std::string_view word = message.substr(0, end);
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = word.substr(0, equals);
        const std::string_view value = word.substr(equals + 1);
        if (key == "ACTION")
            event.action = value;
        else if (key == "DEVPATH")
            event.device_path = value;
        else if (key == "SUBSYSTEM")
            event.subsystem = value;
        else if (key == "MODALIAS")
            event.modalias = value;
        else if (key == "DEVNAME")
            event.device_name = value;
    }
    if (event.action.empty() || event.device_path.empty()) return std::nullopt;
    return event;
}

} // namespace mkpxerd::netboot
