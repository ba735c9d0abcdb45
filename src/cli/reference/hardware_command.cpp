// SPDX-License-Identifier: MIT
// Devices announce themselves in sysfs; PHYs do not, so their modalias is made from the id on the MDIO bus as
// the kernel does when it asks for a driver (MDIO_ID_FMT, include/linux/mod_devicetable.h).
#include "mkpxerd/cli/reference/hardware_command.hpp"

#include <charconv>
#include <fmt/format.h>
#include <ostream>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {
namespace {

namespace fs = std::filesystem;

// "0x001cc915" -> "mdio:00000000000111001100100100010101"
std::string phy_modalias(std::string_view id) {
    if (id.starts_with("0x")) id.remove_prefix(2);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value, 16);
    if (error != std::errc{} || end != id.data() + id.size() || value == 0) return {};
    return fmt::format("mdio:{:032b}", value);
}

} // namespace

int run_hardware(const fs::path& sysfs, const CommandContext& context) {
    std::set<std::string> modaliases;
    std::error_code error;
    // Devices may disappear during the walk: errors of single directories are ignored.
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator item(sysfs / "devices", options, error), end; !error && item != end;
         item.increment(error)) {
        const std::string name = item->path().filename().string();
        if (name != "modalias" && name != "phy_id") continue;
        const auto text = read_file(item->path());
        if (!text) continue;
        const std::string value(trim(*text));
        const std::string modalias = name == "modalias" ? value : phy_modalias(value);
        if (!modalias.empty()) modaliases.insert(modalias);
    }
    if (modaliases.empty()) {
        context.err << fmt::format("mkpxerd: {}: lists no devices (is sysfs mounted?)\n",
                                   (sysfs / "devices").string());
        return exit_failed;
    }
    if (context.wants_json) {
        JsonWriter json;
        json.begin_array();
        for (const std::string& modalias : modaliases)
            json.value(modalias);
        context.out << json.end_array().text();
        return exit_done;
    }
    context.out << fmt::format("# modaliases of one machine, by mkpxerd {}\n", version);
    for (const std::string& modalias : modaliases)
        context.out << printable(modalias) << '\n';
    return exit_done;
}

} // namespace mkpxerd::cli
