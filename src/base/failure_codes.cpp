// SPDX-License-Identifier: MIT
// The table of failures.
#include "mkpxerd/failure_codes.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

constexpr auto codes = std::to_array<FailureCode>({
    {"MPX-BUG-01", "the init broke",
     "A fault or an exception that nobody expected ended the init; it was started again to say so.",
     "Report it with the lines above it. \"Illegal instruction\" means an image built for another processor; "
     "\"bus "
     "error\" often means bad memory."},
    {"MPX-DEV-01", "a device did not appear in time",
     "No block device has the name, label or UUID that was asked for. The devices that are there are listed.",
     "Check the spelling, the features of the image (virtio, nvme, scsi, usb, ...), and mkpxerd.timeout= for "
     "slow ones."},
    {"MPX-DHCP-01", "no DHCP offer", "DISCOVER packets were sent until the deadline, and no server answered.",
     "Is there a DHCP server on this network? A switch port that forwards late (STP, LACP) or a missing VLAN "
     "looks the "
     "same; mkpxerd.timeout= sets how long is waited."},
    {"MPX-DHCP-02", "the DHCP server refuses the lease",
     "The server answered requests with NAK: it knows another address for this machine, or none.",
     "Look at the server's log for this MAC address; two servers on one network give each other's leases "
     "away."},
    {"MPX-DHCP-03", "the DHCP server offers but does not acknowledge",
     "An offer came, and nothing after the request.", "Two DHCP servers, or a relay that loses broadcasts."},
    {"MPX-DHCP-04", "DHCP answers that cannot be read", "Every answer was damaged or not for this machine.",
     "Capture the traffic on the server: a proxy or a relay may be changing packets."},
    {"MPX-DNS-01", "no such name", "The DNS servers say that the name does not exist.",
     "Check the spelling and the search domain; use an address to go without DNS."},
    {"MPX-DNS-02", "no DNS server answers", "All servers were asked and none replied.",
     "Are the servers of the lease, or of ip=, the right ones, and can they be reached from this network?"},
    {"MPX-DNS-03", "no DNS server is known",
     "The lease, or ip=, names no DNS server, and a name has to be resolved.",
     "Give one in the dns0 field of ip=, or use an address."},
    {"MPX-DNS-04", "the DNS servers refuse or fail", "Every server answered with an error.",
     "Look at the server's log: recursion may be off for this network."},
    {"MPX-DNS-05", "the name has no IPv4 address", "The name exists, with no address that can be used.",
     "Add an A record, or use another name."},
    {"MPX-FETCH-01", "a URL that cannot be used", "Its scheme or its form is not understood.",
     "http://, https:// and ftp:// are served."},
    {"MPX-FETCH-03", "a download cannot be stored", "There is no room for it, or the file system refuses.",
     "More memory, a smaller object, or rootflags=size= for a diskless root."},
    {"MPX-FETCH-04", "connection refused", "The host is there, and nothing listens on the port.",
     "Is the server running, and is the port in the URL right?"},
    {"MPX-FETCH-05", "no answer from the host", "No connection could be made until the deadline.",
     "Check the route, the firewall and the address; the report names the interface that was used."},
    {"MPX-FETCH-06", "a download stalled", "Data came and then stopped, again and again.",
     "A lossy link or a firewall that forgets connections; a too large MTU looks the same."},
    {"MPX-FETCH-07", "a download was cut off", "The connection ended within the object, again and again.",
     "Look at the server's log; a proxy may limit size or time."},
    {"MPX-FILE-01", "a file is not on the medium", "The medium was mounted, and the path is not there.",
     "The path is taken from the root of the medium."},
    {"MPX-HTTP-01", "not found", "The server answered 404 or 410 for every URL of the object.",
     "Check the path; {MAC} is lower case with colons, {UUID} as /sys/class/dmi/id/product_uuid has it."},
    {"MPX-HTTP-02", "the server refuses the request", "It answered with another 4xx status.",
     "401 and 403 ask for credentials or rights; the status is in the text."},
    {"MPX-HTTP-03", "the server fails", "It answered 5xx until the deadline.", "Look at the server's log."},
    {"MPX-HTTP-04", "the answer is no HTTP", "What came back could not be read as an HTTP response.",
     "Is it a web server that listens on this port?"},
    {"MPX-HTTP-05", "redirects lead nowhere",
     "There were too many of them, or one that could not be followed.",
     "Ask the server for the final URL and use that."},
    {"MPX-HTTP-06", "the server sent another part than was asked for",
     "Its answer to a Range request does not fit the request.", "A broken cache or proxy: go around it."},
    {"MPX-INIT-01", "the image was unpacked only in part",
     "The last file of the image is missing or wrong: the kernel ran out of memory while it unpacked the "
     "initramfs, and "
     "went on regardless. The initramfs may use half of the memory.",
     "More memory, or a smaller image: fewer features, --hardware, another compression does not help."},
    {"MPX-INIT-02", "the image's description is damaged", "etc/mkpxerd/boot.conf cannot be read.",
     "Build the image again; an appended archive must not replace this file."},
    {"MPX-INIT-03", "the kernel's file systems cannot be mounted", "proc, sysfs, devtmpfs or /run failed.",
     "The kernel lacks CONFIG_DEVTMPFS or CONFIG_TMPFS."},
    {"MPX-LOOP-01", "the modloop is for another kernel",
     "It holds modules, and none for the version that runs. Both versions are named.",
     "Take kernel, image and modloop from one release; {KVER} in the URL keeps them together."},
    {"MPX-LOOP-02", "the file is no modloop", "It was mounted, and has no folder modules/VERSION.",
     "Is it the right file? A modloop is a squashfs with modules/ and firmware/ in it."},
    {"MPX-LOOP-03", "the modloop cannot be put in place", "/lib/modules of the new root cannot lead to it.",
     "A root that cannot be changed needs an empty folder /lib/modules."},
    {"MPX-MNT-01", "a file system cannot be mounted",
     "mount(2) failed; the call and the error are in the text.",
     "\"does not know the file system\": build the image with its module."},
    {"MPX-MNT-02", "no file system is recognised", "Neither the device nor its name tells what is on it.",
     "Name it with rootfstype= or device:fstype:path; an error page instead of a squashfs looks the same."},
    {"MPX-MOD-01", "the image has no such kernel module",
     "A module was asked for by name and is not in the image.",
     "Check the spelling, or add the feature that has it and build again."},
    {"MPX-MOD-02", "the kernel refuses a module", "finit_module(2) failed; dmesg has the kernel's own words.",
     "Kernel and image must be of one version."},
    {"MPX-NET-01", "the network is off and something needs it", "ip=off, or ip=none, with a URL or nfs:.",
     "Give ip=dhcp, or fixed addresses."},
    {"MPX-NET-02", "no network card",
     "No wired interface appeared. Cards that no driver has taken are listed.",
     "Build the image with the feature network; missing firmware is in dmesg."},
    {"MPX-NET-03", "the interface that was asked for did not appear",
     "ip= or BOOTIF= name an interface, and others are there or none.",
     "Interface names follow the order in which drivers load: a MAC address is certain."},
    {"MPX-NET-04", "no carrier", "Interfaces are there, and none has a link.",
     "The cable, the switch port, the transceiver."},
    {"MPX-NET-06", "an interface cannot be configured", "The kernel refused an address, a route or the MTU.",
     "The gateway must be reachable with the mask that was given, or on-link."},
    {"MPX-NET-07", "the kernel has no packet sockets", "DHCP needs af_packet.",
     "Add the feature dhcp, or give fixed addresses."},
    {"MPX-NET-08", "an ip= that cannot be understood", "Its value has the wrong form; the field is named.",
     "client:server:gateway:mask:host:device:autoconf:dns0:dns1:ntp0, or dhcp, off, none."},
    {"MPX-NFS-01", "the NFS server denies access",
     "It knows the export and does not give it to this machine.",
     "The client list in /etc/exports; ports above 1023 need the option insecure."},
    {"MPX-NFS-02", "no such export", "The server says that the path is not there.",
     "With version 4 paths start at the server's root export (fsid=0)."},
    {"MPX-NFS-03", "no answer from the NFS server", "It was asked until the deadline.",
     "Does it run, on port 2049 or the one of port=, and does the firewall let it through?"},
    {"MPX-NFS-04", "no NFS version in common", "Versions 4.2, 4.1, 4.0 and 3 were all refused.",
     "Image and kernel need nfsv3 or nfsv4; vers= in rootflags may ask for one that the server has not."},
    {"MPX-NFS-05", "the kernel has no NFS client", "The module nfs is not there.",
     "Build the image with the feature nfs."},
    {"MPX-NFS-06", "an NFS mount fails", "The server's answer has no better name; the error is in the text.",
     "dmesg has the kernel's own words."},
    {"MPX-OPT-01", "nothing to boot",
     "The options name no root, no apkovl and no medium, and the image has no apk.",
     "Give root=, or apkovl= with a URL, or build the image with the feature apk."},
    {"MPX-OPT-02", "an option that cannot be understood", "Its value has the wrong form.",
     "docs/cmdline.md lists the forms."},
    {"MPX-OPT-03", "options that exclude each other", "Together they make no sense; the text says why.",
     "Leave one of them out."},
    {"MPX-OVL-01", "the apkovl is encrypted", "Its name ends in a cipher.",
     "Encrypted apkovls are not served."},
    {"MPX-PKG-01", "packages without apk",
     "pkgs= or alpine_repo= were given, and the image cannot install anything.",
     "Build the image with the feature apk, or give mkpxerd.optional=packages."},
    {"MPX-PKG-02", "apk failed", "Its last lines are above.", "They say why."},
    {"MPX-PKG-03", "a package is missing", "No repository has it.", "Check pkgs= and the apkovl's world."},
    {"MPX-PKG-04", "a signature is not trusted",
     "A repository or package is signed with a key that the image lacks.",
     "Put the key into /etc/apk/keys of the system that the image is built from."},
    {"MPX-PKG-05", "a repository cannot be read", "Its index is not there or cannot be reached.",
     "The URL ends before the architecture: .../v3.20/main."},
    {"MPX-PKG-06", "no space for packages", "The root in memory is full.",
     "More memory, or rootflags=size=."},
    {"MPX-PKG-07", "no repository",
     "alpine_repo= was not given, and no medium has a folder with .boot_repository.",
     "Give alpine_repo=, or put the mark into the folder that holds the architectures."},
    {"MPX-ROOT-01", "no init in the new root", "The program that shall take over is not there.",
     "Is it the right root? An apkovl alone has no init: packages have to bring it."},
    {"MPX-ROOT-02", "the new init cannot be executed", "It is no program, or has no execute permission.",
     "Check the file in the root; init= names another one."},
    {"MPX-ROOT-03", "the new init's interpreter is missing",
     "Its dynamic loader, or the program after #!, is not in the root.",
     "The root is incomplete, or mixes musl and glibc."},
    {"MPX-ROOT-04", "the new init is for another machine", "Its ELF header names another processor.",
     "Take root and kernel for one architecture."},
    {"MPX-ROOT-05", "a mount point is missing",
     "The new root cannot be changed and lacks /dev, /proc, /sys or /run.", "Make the empty folder in it."},
    {"MPX-ROOT-06", "the new root cannot be entered", "Moving mounts or changing root failed.",
     "The error is in the text."},
    {"MPX-ROOT-07", "the root in memory cannot be filled", "A folder or file could not be made.",
     "Often: no memory left."},
    {"MPX-SYS-01", "a system call failed", "The error is in the text.",
     "Often: no memory left, or a damaged image."},
    {"MPX-SYS-02", "a program of the image cannot be started", "It is not there, or not for this machine.",
     "Its libraries have to be in the image as well."},
    {"MPX-SYS-03", "a program of the image took too long", "It was ended at the deadline.",
     "mkpxerd.timeout= sets it."},
    {"MPX-TAR-01", "an archive is damaged",
     "It ends too early, its checksum is wrong, or it is no tar archive.",
     "Make it again; an error page of a web server looks the same."},
    {"MPX-TAR-02", "an archive wants to write outside the root", "A name is absolute or has \"..\" in it.",
     "Nobody makes such an archive by accident."},
    {"MPX-TAR-03", "no space to unpack", "The root is full.", "More memory, or rootflags=size=."},
    {"MPX-TAR-04", "an archive cannot be unpacked",
     "The file system refused; the entry and the error are in the text.",
     "A file where the root has a full folder is one case."},
    {"MPX-URL-01", "a URL cannot be completed",
     "It has a placeholder whose value this machine does not know.",
     "Many boards have no serial number or asset tag; alternatives can be given: a|b."},
});

} // namespace

std::span<const FailureCode> failure_codes() {
    return codes;
}

const FailureCode* find_failure_code(std::string_view code) {
    const std::string wanted = to_lower(code);
    const auto found = std::find_if(codes.begin(), codes.end(),
                                    [&](const FailureCode& c) { return to_lower(c.code) == wanted; });
    return found == codes.end() ? nullptr : &*found;
}

std::string failure_page(const FailureCode& code) {
    return fmt::format("{}: {}\n\n{}\n\n{}\n", code.code, code.meaning, code.reason, code.remedy);
}

} // namespace mkpxerd
