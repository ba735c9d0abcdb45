// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "linted_image.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("values that the parsers accept and that cannot work are named") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"root=http://h/x.squashfs#sha256=abc",
         "error: root: '#sha256=abc' is not a SHA-256: the init refuses the URL (append #sha256= and 64 "
         "hexadecimal digits)\n"},
        {"apkovl=http://h/x#md5=0",
         "error: apkovl: '#md5=0' is not a SHA-256: the init refuses the URL (append #sha256= and 64 "
         "hexadecimal digits)\n"},
        {"root=http://h/x#sha256=" + std::string(64, 'A'), ""},
        {"root=nfs:h:/x,verz=3", "warning: root: 'verz=3' is not a mount option of NFS: the kernel refuses "
                                 "it (nfs(5) has them, such as "
                                 "vers=3)\n"},
        {"nfsroot=10.0.0.1:/x,nolock,foo ip=dhcp",
         "warning: root: 'foo' is not a mount option of NFS: the kernel refuses it (nfs(5) has them, such as "
         "vers=3)\n"},
        {"root=nfs:h:/x rootflags=vers=3,foo", "warning: rootflags: 'foo' is not a mount option of NFS: the "
                                               "kernel refuses it (nfs(5) has them, such as "
                                               "vers=3)\n"},
        {"root=sda1 rootflags=vers=3,foo", ""},
        {"root=nfs:h:/x,sec=krb5",
         "error: root: sec=krb5 asks for Kerberos, which this init does not support (add sec=sys to the "
         "export, only "
         "for this machine if necessary: Kerberos needs a key, which this machine does not have)\n"},
        {"root=nfs:h:/x,vers=3,nolock", ""},
        {"root=sda1 mkpxerd.log=10.0.0.1:70000",
         "warning: mkpxerd.log: '10.0.0.1:70000' is not a host and a port (write host or host:port, a port "
         "from 1 to 65535)\n"},
        {"root=sda1 mkpxerd.log=10.0.0.1:514", ""},
        {"root=http://h/x mkpxerd.proxy=https://p:3128",
         "error: mkpxerd.proxy: https:// is not an HTTP proxy (write mkpxerd.proxy=http://host:port)\n"},
        {"ip=10.0.0.5/24::10.0.1.1 root=nfs:10.0.0.1:/r",
         "warning: ip: the gateway 10.0.1.1 is outside the subnet of 10.0.0.5/24 (it works only if it is on "
         "the same wire)\n"},
        {"ip=10.0.0.5/24::10.0.0.1 root=nfs:server:/r",
         "warning: ip: names no DNS server, and 'server' is a name (append it after the method: "
         "ip=...:off:10.0.0.1)\n"},
        {"ip=10.0.0.5/24::10.0.0.1::::off:10.0.0.2 root=nfs:server:/r", ""},
        {"root=sda1 console=/dev/ttyS0",
         "warning: console: the kernel knows no console '/dev/ttyS0' (write console=ttyS0)\n"},
        {"root=sda1 console=ttyS0.115200",
         "warning: console: the kernel knows no console 'ttyS0.115200' (write console=ttyS0,115200)\n"},
        {"root=sda1 console=ttyS0,115200n8 console=tty0", ""},
    }));
    INFO(line);
    CHECK(text_of(check_command_line(line, nullptr)) == expected);
}
