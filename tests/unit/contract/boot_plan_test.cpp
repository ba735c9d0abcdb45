// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/boot_plan.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

mkpxerd::Result<BootPlan> plan(std::string text, ImageAbilities image = {}) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    return make_boot_plan(parse_boot_options(sources).value(), image);
}

std::vector<std::string> hosts(const std::string& line, ImageAbilities image = {}) {
    std::vector<std::string> all;
    const BootPlan made = plan(line, image).value();
    for (const HostPort& host : made.hosts)
        all.push_back(host.text());
    return all;
}

std::string first_code(const mkpxerd::Result<BootPlan>& result) {
    REQUIRE_FALSE(result);
    return std::string(code_text(result.error().first().code));
}

} // namespace

TEST_CASE("nothing to boot is reported at once") {
    CHECK(first_code(plan("ip=dhcp quiet")) == "MPX-OPT-01");
    CHECK(first_code(plan("")) == "MPX-OPT-01");
    CHECK(plan("", {.has_apk = true}));
}

TEST_CASE("the network is brought up when something needs it, or ip= asks for it") {
    CHECK(plan("root=nfs:10.0.0.1:/srv").value().needs_network);
    CHECK(plan("apkovl=http://h/x").value().needs_network);
    CHECK(plan("alpine_dev=nfs:h:/p").value().needs_network);
    CHECK(plan("root=/dev/sda1 modloop=http://h/m").value().needs_network);
    CHECK(plan("root=/dev/sda1 ip=dhcp").value().needs_network);
    CHECK_FALSE(plan("root=/dev/sda1").value().needs_network);
    CHECK_FALSE(plan("root=/dev/sda1 ip=off").value().needs_network);
    CHECK_FALSE(plan("apkovl=sda1:x.apkovl.tar.gz").value().needs_network);
    CHECK(plan("alpine_repo=https://dl/main ssh_key=http://k/key", {.has_apk = true}).value().needs_network);
}

TEST_CASE("of several ip= for any interface the last counts, whatever it says") {
    const auto last =
        plan("root=/dev/nfs nfsroot=/r ip=10.0.0.9:10.0.0.1 ip=eth1:dhcp ip=10.0.0.9:10.0.0.2").value();
    REQUIRE(last.ip.size() == 2);
    CHECK(last.ip[0].device == "eth1");
    CHECK(last.hosts.at(0).host == "10.0.0.2");
    CHECK_FALSE(plan("root=/dev/sda1 ip=dhcp ip=off").value().needs_network);
    CHECK(plan("root=/dev/sda1 ip=off ip=dhcp").value().needs_network);
    CHECK(first_code(plan("root=nfs:10.0.0.1:/srv ip=dhcp ip=off")) == "MPX-NET-01");
}

TEST_CASE("hosts are those that the boot needs, each once, alternatives too") {
    CHECK(hosts("root=nfs:10.0.0.1:/srv modloop=http://web/m|http://other/m alpine_dev=nfs:10.0.0.1:/d") ==
          std::vector<std::string>{"10.0.0.1:2049", "web:80", "other:80"});
}

TEST_CASE("a host is needed on the port that will be used, or its proxy is") {
    using Hosts = std::vector<std::string>;
    CHECK(hosts("apkovl=https://u:p@web/{MAC}.tar.gz modloop=http://web:8080/m") ==
          Hosts{"web:443", "web:8080"});
    CHECK(hosts("apkovl=ftp://web/o root=http://[fd00::1]/r") == Hosts{"[fd00::1]:80", "web:21"});
    CHECK(hosts("apkovl=https://web/o modloop=ftp://web/m mkpxerd.proxy=http://u:p@cache:3128") ==
          Hosts{"cache:3128", "web:21"});
    CHECK(hosts("apkovl=http://{HOSTNAME}.lan:8080/x") == Hosts{"{HOSTNAME}.lan:8080"});
}

TEST_CASE("an NFS server is needed on the port of its mount options") {
    using Hosts = std::vector<std::string>;
    CHECK(hosts("root=nfs:a:/srv rootflags=port=20490 alpine_dev=nfs:a:/d") == Hosts{"a:20490", "a:2049"});
    CHECK(hosts("root=nfs:a:/srv,port=4 alpine_dev=nfs:a:/d,ro,port=5") == Hosts{"a:4", "a:5"});
    CHECK(hosts("root=nfs://a:20490/srv") == Hosts{"a:20490"});
}

TEST_CASE("a boot that needs the network is refused when the network is off") {
    CHECK(first_code(plan("ip=off root=nfs:10.0.0.1:/srv")) == "MPX-NET-01");
    CHECK(first_code(plan("ip=none ip=eth1:off apkovl=http://h/x")) == "MPX-NET-01");
    CHECK(plan("ip=eth1:off apkovl=http://h/x"));
    CHECK(plan("ip=off ip=eth0:dhcp apkovl=http://h/x"));
    CHECK_FALSE(plan("ip=off root=/dev/sda1").value().needs_network);
    CHECK(plan("apkovl=sda1:x modloop=http://h/m").value().network_user == "modloop");
}

TEST_CASE("ovl_dev with a URL is the apkovl") {
    const auto result = plan("ovl_dev=http://h/{MAC}.apkovl.tar.gz").value();
    REQUIRE(result.apkovl);
    CHECK(to_text(*result.apkovl) == "http://h/{MAC}.apkovl.tar.gz");
    CHECK_FALSE(result.search_apkovl);
}

TEST_CASE("the modloop is searched on alpine_dev of a diskless boot unless it is given or unwanted") {
    CHECK(plan("alpine_dev=nfs:h:/p").value().search_modloop);
    CHECK_FALSE(plan("alpine_dev=nfs:h:/p modloop=none").value().search_modloop);
    CHECK_FALSE(plan("alpine_dev=nfs:h:/p modloop=boot/x").value().search_modloop);
    CHECK_FALSE(plan("alpine_dev=nfs:h:/p root=/dev/sda").value().search_modloop);
    CHECK_FALSE(plan("modloop=none root=/dev/sda").value().modloop);
}

TEST_CASE("options that exclude each other are refused together") {
    CHECK(first_code(plan("root=/dev/sda1 apkovl=http://h/x")) == "MPX-OPT-03");
    CHECK(plan("root=/dev/sda1 overlaytmpfs apkovl=http://h/x").value().root_in_memory);
    CHECK(first_code(plan("root=/dev/sda1 pkgs=vim")) == "MPX-OPT-03");
    CHECK(first_code(plan("apkovl=x/y.apkovl.tar.gz")) == "MPX-OPT-03");
    CHECK(first_code(plan("apkovl=http://h/x ovl_dev=sda1")) == "MPX-OPT-03");
    CHECK(first_code(plan("overlaytmpfs apkovl=http://h/x")) == "MPX-OPT-03");
    CHECK(first_code(plan("alpine_dev=http://h/x")) == "MPX-OPT-02");
    CHECK(first_code(plan("root=ZFS=tank")) == "MPX-OPT-02");
    const auto both = plan("root=nfs:bad pkgs=a alpine_dev=http://h/");
    REQUIRE_FALSE(both);
    CHECK(both.error().problems().size() >= 2);
}

TEST_CASE("packages without apk are refused before anything is done") {
    CHECK(first_code(plan("pkgs=vim apkovl=http://h/x")) == "MPX-PKG-01");
    CHECK(first_code(plan("alpine_repo=http://h/main")) == "MPX-PKG-01");
    CHECK(plan("pkgs=vim apkovl=http://h/x mkpxerd.optional=packages"));
    CHECK(plan("pkgs=vim alpine_repo=http://h/main", {.has_apk = true}).value().install_packages);
}

TEST_CASE("the plan in one line") {
    CHECK(plan("ip=dhcp apkovl=http://h/x modloop=http://h/m").value().text() ==
          "diskless root, apkovl http://h/x, modloop http://h/m, network");
    CHECK(plan("root=UUID=1").value().text() == "root UUID=1");
}

TEST_CASE("root=/dev/nfs is what nfsroot= says, with the server of ip= when it names none") {
    const auto root = [](const std::string& line) { return std::get<NfsSource>(*plan(line).value().root); };
    CHECK(root("root=/dev/nfs nfsroot=10.0.0.1:/srv,vers=3 ip=dhcp") ==
          NfsSource{"10.0.0.1", "/srv", "vers=3"});
    CHECK(root("boot=nfs nfsroot=10.0.0.1:/srv") == NfsSource{"10.0.0.1", "/srv", ""});
    CHECK(root("root=/dev/nfs nfsroot=/srv ip=10.0.0.5:10.0.0.1::24") == NfsSource{"10.0.0.1", "/srv", ""});
    for (const char* line : {"root=/dev/nfs ip=dhcp", "root=/dev/nfs nfsroot=/srv ip=dhcp",
                             "root=nfs nfsroot=10.0.0.1:/tftpboot/%s", "nfsroot=auto"}) {
        INFO(line);
        CHECK(first_code(plan(line)) == "MPX-OPT-02");
    }
    CHECK(std::holds_alternative<DeviceSource>(*plan("root=/dev/sda1 nfsroot=10.0.0.1:/srv").value().root));
}

TEST_CASE("an invalid ip= or URL is reported before the boot waits for anything") {
    CHECK(first_code(plan("root=/dev/sda1 ip=eth0:bootp")) == "MPX-NET-08");
    CHECK(first_code(plan("root=/dev/sda1 ip=dhcp:eth0")) == "MPX-NET-08");
    CHECK(plan("root=/dev/sda1 ip=dhcp ip=eth1:off").value().ip.size() == 2);
    CHECK(first_code(plan("root=http://h:port/x")) == "MPX-FETCH-01");
    CHECK(first_code(plan("root=http://h:port/{MAC}")) == "MPX-FETCH-01");
    CHECK(first_code(plan("ssh_key=http://h:port/k", {.has_apk = true})) == "MPX-FETCH-01");
    CHECK(plan("root=http://h/{UUID}"));
    const auto both = plan("root=sda1:/x:y ip=nonsense modloop=smb://h/x");
    REQUIRE_FALSE(both);
    CHECK(both.error().problems().size() >= 2);
}

TEST_CASE("a root that only a share could be is no device to wait for") {
    CHECK(first_code(plan("root=share rootfstype=virtiofs")) == "MPX-OPT-02");
    CHECK(first_code(plan("root=/dev/sda1 rootfstype=nfs")) == "MPX-OPT-02");
    CHECK(std::holds_alternative<NfsSource>(*plan("root=10.0.0.1:/srv rootfstype=nfs").value().root));
}

TEST_CASE("schemes are read in any case, and others are refused wherever something is fetched") {
    CHECK(hosts("alpine_repo=HTTP://h/main", {.has_apk = true}) == std::vector<std::string>{"h:80"});
    CHECK(to_text(*plan("apkovl=Http://h/x").value().apkovl) == "http://h/x");
    for (const char* line : {"alpine_repo=tftp://h/main", "ssh_key=smb://h/key", "apkovl=scp://h/x"}) {
        INFO(line);
        CHECK(first_code(plan(line, {.has_apk = true})) == "MPX-OPT-02");
    }
    CHECK(first_code(plan("apkovl=http://h/x mkpxerd.proxy=proxy:3128")) == "MPX-FETCH-01");
}
