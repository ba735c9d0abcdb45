// SPDX-License-Identifier: MIT
// A device is what its modalias says: the class of PCI and USB, the type of virtio.
#include "mkpxerd/netboot/drivers/urgency.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

struct KnownDevice {
    std::string_view alias; // shell pattern
    DeviceKind kind;
};

// The first pattern that matches counts. PCI classes: PCI Code and ID Assignment Specification 1.3; USB
// classes: usb.org, Defined Class Codes; types of virtio: virtio 1.1, 5.
constexpr std::array patterns = {
    KnownDevice{"pci:*bc02*", DeviceKind::Network},
    KnownDevice{"pci:*bc0Csc06*", DeviceKind::Network}, // InfiniBand
    KnownDevice{"pci:*bc01*", DeviceKind::Storage},
    KnownDevice{"pci:*bc0Csc04*", DeviceKind::Storage}, // Fibre Channel
    KnownDevice{"pci:*bc08sc05*", DeviceKind::Storage}, // SD host
    KnownDevice{"pci:v00001AF4*", DeviceKind::Bus},     // virtio
    KnownDevice{"pci:*bc0Csc03*", DeviceKind::Bus},     // USB hosts, Thunderbolt
    KnownDevice{"pci:*bcFF*", DeviceKind::Bus},         // no class, such as the platform device of Xen
    KnownDevice{"pci:*", DeviceKind::Other},
    KnownDevice{"virtio:d00000001v*", DeviceKind::Network},
    KnownDevice{"virtio:d00000002v*", DeviceKind::Storage},
    KnownDevice{"virtio:d00000003v*", DeviceKind::Console},
    KnownDevice{"virtio:d00000008v*", DeviceKind::Storage}, // SCSI
    KnownDevice{"virtio:d0000001Av*", DeviceKind::Storage}, // file system
    KnownDevice{"virtio:*", DeviceKind::Other},
    KnownDevice{"usb:*ic08*", DeviceKind::Storage},
    KnownDevice{"usb:*ic02*", DeviceKind::Network},
    KnownDevice{"usb:*icE0*", DeviceKind::Network}, // wireless controllers: RNDIS as well
    KnownDevice{"usb:*icEF*", DeviceKind::Network}, // miscellaneous: RNDIS
    KnownDevice{"usb:*icFF*", DeviceKind::Network}, // of the vendor: most network adapters
    KnownDevice{"usb:*ic*", DeviceKind::Other},
    KnownDevice{"xen:vif", DeviceKind::Network},
    KnownDevice{"xen:vbd", DeviceKind::Storage},
    KnownDevice{"scsi:*", DeviceKind::Storage},
    KnownDevice{"mmc:*", DeviceKind::Storage},
    KnownDevice{"nvme:*", DeviceKind::Storage},
    KnownDevice{"acpi:PNP0C*", DeviceKind::Other}, // buttons, batteries, fans
    KnownDevice{"cpu:*", DeviceKind::Other},
    KnownDevice{"dmi:*", DeviceKind::Other},
    KnownDevice{"hid:*", DeviceKind::Other},
    KnownDevice{"input:*", DeviceKind::Other},
    KnownDevice{"serio:*", DeviceKind::Other},
    KnownDevice{"wmi:*", DeviceKind::Other},
    KnownDevice{"hdaudio:*", DeviceKind::Other},
};

bool is_on_device(const std::optional<Source>& source) {
    return get_source<DeviceSource>(source) != nullptr || get_source<DeviceFile>(source) != nullptr;
}

} // namespace

// What is unknown, such as a platform device, may be anything.
DeviceKind kind_of(std::string_view modalias) {
    const auto found = std::find_if(patterns.begin(), patterns.end(), [&](const KnownDevice& pattern) {
        return glob_match(pattern.alias, modalias);
    });
    return found == patterns.end() ? DeviceKind::Bus : found->kind;
}

bool comes_with_driver(std::string_view console) {
    return console.starts_with("hvc");
}

BootNeeds needs_of(const BootPlan& plan, const BootOptions& options) {
    const bool searches = plan.search_apkovl_everywhere || plan.search_repositories_everywhere;
    const std::array sources = {&plan.root, &plan.alpine_dev, &plan.apkovl, &plan.search_apkovl,
                                &plan.modloop};
    return {.network = plan.needs_network,
            .storage = searches || !options.resume.empty() ||
                       std::any_of(sources.begin(), sources.end(),
                                   [](const auto* source) { return is_on_device(*source); }),
            .console = std::any_of(options.consoles.begin(), options.consoles.end(), comes_with_driver)};
}

Urgency urgency_of(std::string_view modalias, const BootNeeds& needs) {
    switch (kind_of(modalias)) {
    case DeviceKind::Network:
        return needs.network ? Urgency::Device : Urgency::Rest;
    case DeviceKind::Storage:
        return needs.storage ? Urgency::Device : Urgency::Rest;
    case DeviceKind::Console:
        return needs.console ? Urgency::Soon : Urgency::Rest;
    case DeviceKind::Bus:
        return needs.network || needs.storage || needs.console ? Urgency::Bus : Urgency::Rest;
    case DeviceKind::Other:
        break;
    }
    return Urgency::Rest;
}

} // namespace mkpxerd::netboot
