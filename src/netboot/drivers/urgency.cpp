// SPDX-License-Identifier: MIT
// A device is what its modalias says: the class of PCI and USB, the type of virtio.
#include "mkpxerd/netboot/drivers/urgency.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

enum class Kind { Network, Storage, Bus, Other };

struct KnownDevice {
    std::string_view alias; // shell pattern
    Kind kind;
};

// The first pattern that matches counts. PCI classes: PCI Code and ID Assignment Specification 1.3; USB
// classes: usb.org, Defined Class Codes; types of virtio: virtio 1.1, 5.
constexpr std::array patterns = {
    KnownDevice{"pci:*bc02*", Kind::Network},
    KnownDevice{"pci:*bc0Csc06*", Kind::Network}, // InfiniBand
    KnownDevice{"pci:*bc01*", Kind::Storage},
    KnownDevice{"pci:*bc0Csc04*", Kind::Storage}, // Fibre Channel
    KnownDevice{"pci:*bc08sc05*", Kind::Storage}, // SD host
    KnownDevice{"pci:v00001AF4*", Kind::Bus},     // virtio
    KnownDevice{"pci:*bc0Csc03*", Kind::Bus},     // USB hosts, Thunderbolt
    KnownDevice{"pci:*bcFF*", Kind::Bus},         // no class, such as the platform device of Xen
    KnownDevice{"pci:*", Kind::Other},
    KnownDevice{"virtio:d00000001v*", Kind::Network},
    KnownDevice{"virtio:d00000002v*", Kind::Storage},
    KnownDevice{"virtio:d00000008v*", Kind::Storage}, // SCSI
    KnownDevice{"virtio:d0000001Av*", Kind::Storage}, // file system
    KnownDevice{"virtio:*", Kind::Other},
    KnownDevice{"usb:*ic08*", Kind::Storage},
    KnownDevice{"usb:*ic02*", Kind::Network},
    KnownDevice{"usb:*icE0*", Kind::Network}, // wireless controllers: RNDIS as well
    KnownDevice{"usb:*icEF*", Kind::Network}, // miscellaneous: RNDIS
    KnownDevice{"usb:*icFF*", Kind::Network}, // of the vendor: most network adapters
    KnownDevice{"usb:*ic*", Kind::Other},
    KnownDevice{"xen:vif", Kind::Network},
    KnownDevice{"xen:vbd", Kind::Storage},
    KnownDevice{"scsi:*", Kind::Storage},
    KnownDevice{"mmc:*", Kind::Storage},
    KnownDevice{"nvme:*", Kind::Storage},
    KnownDevice{"acpi:PNP0C*", Kind::Other}, // buttons, batteries, fans
    KnownDevice{"cpu:*", Kind::Other},
    KnownDevice{"dmi:*", Kind::Other},
    KnownDevice{"hid:*", Kind::Other},
    KnownDevice{"input:*", Kind::Other},
    KnownDevice{"serio:*", Kind::Other},
    KnownDevice{"wmi:*", Kind::Other},
    KnownDevice{"hdaudio:*", Kind::Other},
};

// What is unknown, such as a platform device, may be anything.
Kind kind_of(std::string_view modalias) {
    const auto found = std::find_if(patterns.begin(), patterns.end(), [&](const KnownDevice& pattern) {
        return glob_match(pattern.alias, modalias);
    });
    return found == patterns.end() ? Kind::Bus : found->kind;
}

bool is_on_device(const std::optional<Source>& source) {
    return get_source<DeviceSource>(source) != nullptr || get_source<DeviceFile>(source) != nullptr;
}

} // namespace

BootNeeds needs_of(const BootPlan& plan, const BootOptions& options) {
    const bool searches = plan.search_apkovl_everywhere || plan.search_repositories_everywhere;
    const std::array sources = {&plan.root, &plan.alpine_dev, &plan.apkovl, &plan.search_apkovl,
                                &plan.modloop};
    return {.network = plan.needs_network,
            .storage = searches || !options.resume.empty() ||
                       std::any_of(sources.begin(), sources.end(),
                                   [](const auto* source) { return is_on_device(*source); })};
}

Urgency urgency_of(std::string_view modalias, const BootNeeds& needs) {
    switch (kind_of(modalias)) {
    case Kind::Network:
        return needs.network ? Urgency::Device : Urgency::Rest;
    case Kind::Storage:
        return needs.storage ? Urgency::Device : Urgency::Rest;
    case Kind::Bus:
        return needs.network || needs.storage ? Urgency::Bus : Urgency::Rest;
    case Kind::Other:
        break;
    }
    return Urgency::Rest;
}

} // namespace mkpxerd::netboot
