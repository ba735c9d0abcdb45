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
    {"MPX-DHCP-05", "the lease was lost",
     "It was not renewed in time, or its server took it back. The address stays in use, because connections "
     "hang on it.",
     "Look at the server's log for this MAC address; a longer lease outlasts a slow boot."},
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
    {"MPX-FETCH-06", "a download stalled",
     "Nothing came for a while, again and again; each attempt waited longer than the one before.",
     "A lossy link or a firewall that forgets connections; a too large MTU looks the same. A server that "
     "needs "
     "minutes gets them by mkpxerd.timeout=."},
    {"MPX-FETCH-07", "a download was cut off", "The connection ended within the object, again and again.",
     "Look at the server's log; a proxy may limit size or time."},
    {"MPX-FETCH-08", "the object has another hash",
     "Its SHA-256 is not the one of #sha256= or of the image (--pin), of a download twice in a row.",
     "The object was replaced, or the hash belongs to another version: make both anew."},
    {"MPX-FETCH-09", "a signature does not fit",
     "The signature beside the object (.sig) was made by none of the keys in the image, is of another "
     "object, "
     "name or bytes, or is no signature.",
     "Sign the object again, as what it is and under the name that the machine asks for, with a key whose "
     "public half is in the image (/etc/mkpxerd/keys): docs/signatures.md."},
    {"MPX-FETCH-10", "the object is not signed",
     "The image has keys, so that every object needs a signature (.sig beside it) or a hash, wherever it "
     "comes from.",
     "Sign it (docs/signatures.md), give the URL its #sha256=, or build the image with --pin."},
    {"MPX-FETCH-11", "a key of the image cannot be used",
     "In /etc/mkpxerd/keys lies something that is no Ed25519 public key, nothing at all, or a key in an "
     "image "
     "that was built without one.",
     "One key a file, PEM or 32 bytes in base64, and nothing else in the directory; build the image again."},
    {"MPX-FETCH-12", "the object is larger than what is taken",
     "A signature has at most 4096 bytes, and what lies at its URL is longer.",
     "Is the .sig file a signature, or a page that the server sends for every name?"},
    {"MPX-FETCH-13", "what cannot be verified",
     "The image has keys, or pins its root, and a device, an NFS export or a host that tells machines apart "
     "cannot be held to that.",
     "Take the root from a URL, or build the image with --pin root=any: docs/signatures.md."},
    {"MPX-FETCH-14", "a pinned object is not taken",
     "The image pins an object (--pin), and the options ask for none, or no medium has one.",
     "Ask for it, allow for it with mkpxerd.optional=, or build the image without the pin."},
    {"MPX-FILE-01", "a file is not on the medium", "The medium was mounted, and the path is not there.",
     "The path is taken from the root of the medium."},
    {"MPX-FTP-01", "not found", "The FTP server has none of the object's URLs.",
     "Check the path: it starts at the directory of the login."},
    {"MPX-FTP-02", "the FTP server refuses the login", "User or password are not accepted.",
     "ftp://user:password@host/path; without a user the login is anonymous."},
    {"MPX-FTP-03", "the FTP server refuses a step",
     "Greeting, binary mode, passive mode or transfer failed; its reply is in the text.",
     "Only passive transfers are made: the server's data ports must be reachable."},
    {"MPX-FTP-04", "the answer is no FTP", "What came back could not be read as FTP replies.",
     "Is it an FTP server that listens on this port?"},
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
    {"MPX-HTTP-07", "the proxy wants a password", "It answered 407.",
     "mkpxerd.proxy=http://user:password@host:port."},
    {"MPX-HTTP-08", "the proxy does not connect", "It refused to open a tunnel to the server, or hung up.",
     "The proxy's rules have to allow CONNECT to this host and port."},
    {"MPX-HTTP-09", "the server packed the object on the way",
     "Its answer has a Content-Encoding that was not asked for: what came is not the file.",
     "Switch off compression for this path on the server, or on the proxy."},
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
    {"MPX-LOOP-02", "the file is no modloop", "It was mounted, and has no directory modules/VERSION.",
     "Is it the right file? A modloop is a squashfs with modules/ and firmware/ in it."},
    {"MPX-LOOP-03", "the modloop cannot be put in place", "/lib/modules of the new root cannot lead to it.",
     "A root that cannot be changed needs an empty directory /lib/modules."},
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
     "No wired interface appeared. Cards that no driver has taken are listed, with the module that would.",
     "Build the image with the feature network, or with the --hardware list of this machine."},
    {"MPX-NET-03", "the interface that was asked for did not appear",
     "ip= or BOOTIF= name an interface, and others are there or none.",
     "Names are the kernel's own (eth0, never enp3s0) and follow the order in which drivers load: a MAC "
     "address "
     "is certain."},
    {"MPX-NET-04", "no carrier", "Interfaces are there, and none has a link.",
     "The cable, the switch port, the transceiver."},
    {"MPX-NET-05", "a network card lacks its firmware",
     "Its driver was loaded and asked for a file that the image does not have; both are named.",
     "Install the firmware package on the system that the image is built from, and build it again with "
     "--firmware net."},
    {"MPX-NET-06", "an interface cannot be configured", "The kernel refused an address, a route or the MTU.",
     "The gateway must be reachable with the mask that was given, or on-link."},
    {"MPX-NET-07", "the kernel has no packet sockets", "DHCP needs af_packet.",
     "Add the feature dhcp, or give fixed addresses."},
    {"MPX-NET-08", "an ip= that cannot be understood", "Its value has the wrong form; the field is named.",
     "client:server:gateway:mask:host:device:autoconf:dns0:dns1:ntp0, or dhcp, off, none."},
    {"MPX-NET-09", "a network card cannot be brought up", "The driver refused; its error is in the text.",
     "Firmware that the image lacks has a code of its own (MPX-NET-05); dmesg has the driver's own words."},
    {"MPX-NET-10", "DHCP over InfiniBand is not served",
     "ip= or BOOTIF= name an InfiniBand port, or there is no other network.",
     "Give it a fixed address (ip=address::gateway:mask::ib0), or boot from an Ethernet port."},
    {"MPX-NFS-01", "the NFS server denies access",
     "It knows the export and does not give it to this machine.",
     "The client list in /etc/exports; ports above 1023 need the option insecure."},
    {"MPX-NFS-02", "no such export",
     "The server says that the path is not there. With version 4 it says so of what it does not give "
     "this machine, too.",
     "With version 4 paths start at the server's root export (fsid=0)."},
    {"MPX-NFS-03", "no answer from the NFS server", "It was asked until the deadline.",
     "Does it run, on port 2049 or the one of port=, and does the firewall let it through?"},
    {"MPX-NFS-04", "no NFS version in common", "Versions 4.2, 4.1, 4.0 and 3 were all refused.",
     "Image and kernel need nfsv3 or nfsv4; vers= in rootflags may ask for one that the server has not."},
    {"MPX-NFS-05", "the kernel has no NFS client", "The module nfs is not there.",
     "Build the image with the feature nfs."},
    {"MPX-NFS-06", "an NFS mount fails", "The server's answer has no better name; the error is in the text.",
     "dmesg has the kernel's own words."},
    {"MPX-NFS-07", "the NFS server wants another authentication",
     "It gives the export by Kerberos (sec=krb5, krb5i, krb5p) only, or the options ask for that. What the "
     "server "
     "offers is in the text, as far as its mount service of version 3 tells.",
     "Add sec=sys to the export, for this machine alone if need be: Kerberos takes a key that it does not "
     "have."},
    {"MPX-NTP-01", "no answer from the time servers", "They were asked once a second until the deadline.",
     "Does the time server run, and does the firewall let UDP port 123 through?"},
    {"MPX-OPT-01", "nothing to boot",
     "The options name no root, no apkovl and no medium, and the image has no apk.",
     "Give root=, or apkovl= with a URL, or build the image with the feature apk."},
    {"MPX-OPT-02", "an option that cannot be understood", "Its value has the wrong form.",
     "docs/cmdline.md lists the forms."},
    {"MPX-OPT-03", "options that exclude each other", "Together they make no sense; the text says why.",
     "Leave one of them out."},
    {"MPX-OPT-04", "an option of another program that cannot be served",
     "It promises that what is booted is verified, or asks for a root or a network in a way that is not "
     "known "
     "here: a boot without it would be another one than was asked for.",
     "docs/cmdline.md lists these options, and what to write in their place."},
    {"MPX-OVL-01", "an archive is encrypted",
     "Its first bytes are those of openssl, age or gpg: an apkovl of `lbu commit -e`, for one.",
     "No key is known to the init: serve it decrypted, by https:// where others may listen."},
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
     "alpine_repo= was not given, and no medium has a directory with .boot_repository.",
     "Give alpine_repo=, or put the mark into the directory that holds the architectures."},
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
     "The new root cannot be changed and lacks /dev, /proc, /sys or /run.",
     "Make the empty directory in it."},
    {"MPX-ROOT-06", "the new root cannot be entered", "Moving mounts or changing root failed.",
     "The error is in the text."},
    {"MPX-ROOT-07", "the root in memory cannot be filled", "A directory or file could not be made.",
     "Often: no memory left."},
    {"MPX-SYS-01", "a system call failed", "The error is in the text.",
     "Often: no memory left, or a damaged image."},
    {"MPX-SYS-02", "a program of the image cannot be started", "It is not there, or not for this machine.",
     "Its libraries have to be in the image as well."},
    {"MPX-SYS-03", "a program of the image took too long", "It was ended at the deadline.",
     "mkpxerd.timeout= sets it."},
    {"MPX-SYS-04", "the init is blocked in the kernel",
     "Nothing moved for a while: mostly a file of an NFS mount whose server has gone, sometimes a device or "
     "its driver. The function of the kernel that waits is in the text.",
     "When the server is up again, the boot goes on by itself; after mkpxerd.timeout= the machine restarts, "
     "unless mkpxerd.onfail= or panic= say otherwise."},
    {"MPX-TAR-01", "an archive is damaged",
     "It ends too early, its checksum is wrong, or it is no tar archive.",
     "Make it again; an error page of a web server looks the same."},
    {"MPX-TAR-02", "an archive wants to write outside the root", "A name has \"..\" in it.",
     "Nobody makes such an archive by accident."},
    {"MPX-TAR-03", "no space to unpack", "The root is full, or the machine has no memory to spare.",
     "More memory, or rootflags=size=."},
    {"MPX-TAR-04", "an archive cannot be unpacked",
     "The file system refused; the entry and the error are in the text.",
     "A file where the root has a full directory is one case."},
    {"MPX-TAR-05", "an archive is packed in another form",
     "Its first bytes are those of xz, zstd, bzip2, lz4 or another packer; which one is in the text.",
     "Tar archives as such or packed by gzip are read: xz -dc ARCHIVE | gzip > NAME.tar.gz, or as the hint "
     "says."},
    {"MPX-TAR-06", "the kernel cannot unpack archives safely",
     "It has no openat2(2), which keeps every write inside the root.", "Linux 5.6 or later has it."},
    {"MPX-TAR-07", "an archive asks for more than any honest one",
     "A name of 4096 bytes or more, a header of more than 2 MiB, or more entries than its bytes can hold; "
     "which "
     "one, and at which entry, is in the text.",
     "Nobody makes such an archive by accident: look at it with `tar -tvf`, or make it again."},
    {"MPX-TLS-01", "a certificate has expired", "By the machine's clock, whose source is in the text.",
     "Renew the certificate, or set the clock if that is what is wrong."},
    {"MPX-TLS-02", "a certificate is not valid yet",
     "By the machine's clock, whose source is in the text: a board without a battery starts in the past.",
     "Name a time server: DHCP option 42, or the last field of ip=."},
    {"MPX-TLS-03", "a certificate is from an unknown issuer", "No authority of the image has signed it.",
     "Build the image with --ca FILE, or let the server send its intermediate certificates."},
    {"MPX-TLS-04", "a certificate is for another host",
     "The name or address of the URL is not among its alternative names.",
     "Use a name that is, or issue the certificate again."},
    {"MPX-TLS-05", "TLS fails",
     "The peers have no version or cipher in common, or the connection is no TLS; OpenSSL's words are in the "
     "text.",
     "TLS 1.2 and 1.3 are served. https:// on a port that speaks plain HTTP looks the same."},
    {"MPX-TLS-06", "no certificate authorities",
     "The image holds none, so that no certificate can be checked.",
     "Add the feature https, or build with --ca FILE."},
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
