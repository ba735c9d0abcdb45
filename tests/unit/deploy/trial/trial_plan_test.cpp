// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/trial_plan.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

struct Lab {
    test::TempDir dir;
    // As bundle writes it: with the base in its old form or in its new one.
    TrialPlan plan(const std::string& options,
                   const std::string& base = "isset ${base} || set base http://10.0.0.1",
                   const std::string& baked = "", const std::string& more = "console=ttyS0") const {
        dir.write("boot.ipxe", "#!ipxe\n# a comment: set base nowhere\n" + base +
                                   "\necho loads the kernel now" +
                                   "\nkernel ${base}/vmlinuz initrd=pxerd BOOTIF=01-${netX/mac:hexhyp} " +
                                   options + " ${more}\ninitrd --name pxerd ${base}/pxerd\nboot\n");
        return plan_trial({.directory = dir.path(), .baked = baked, .options = more}, "/secret").value();
    }
    std::string notes(const TrialPlan& plan) const {
        std::string text;
        for (const Problem& note : plan.notes)
            text += to_text(note) + "\n";
        return text;
    }
};

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    INFO(part);
    const bool found = text.find(part) != std::string::npos;
    CHECK(found);
    return found;
}

} // namespace

TEST_CASE("the bundle's script leads to the trial, whatever its server is called") {
    const Lab lab;
    lab.dir.write("modloop", "x");
    struct Case {
        std::string base, url, server;
    };
    for (const Case& each :
         {Case{"isset ${base} || set base http://10.0.0.1", "http://10.0.0.1", "10.0.0.1"},
          Case{"set base http://192.168.7.250:8080/prov", "http://192.168.7.250:8080/prov", "192.168.7.250"},
          Case{"set base https://boot.example/x", "https://boot.example/x", "10.0.2.4"},
          Case{"set base http://127.0.0.1", "http://127.0.0.1", "10.0.2.4"}}) {
        const auto plan = lab.plan("modloop=" + each.url + "/modloop root=${base}/modloop", each.base);
        CHECK(plan.server == each.server);
        const std::string trial = "http://" + each.server + "/secret";
        has(plan.script, "set base " + trial + "\n");
        has(plan.script, " modloop=" + trial + "/modloop root=${base}/modloop ${more} console=ttyS0\n");
        has(plan.script, "# a comment: set base nowhere\n");
        CHECK(lab.notes(plan).empty());
    }
    lab.dir.write("boot.ipxe", "#!ipxe\nboot\n");
    CHECK(plan_trial({.directory = lab.dir.path()}, "/secret").error().first().hint ==
          "run mkpxerd bundle again");
    const test::TempDir empty;
    CHECK_FALSE(plan_trial({.directory = empty.path()}, "/secret"));
}

TEST_CASE("the README's bundle: an apkovl of each machine, and a depot by NFS") {
    const Lab lab;
    const std::string options =
        "ip=dhcp alpine_dev=nfs:10.0.0.1:/srv/nfs/depot apkovl=http://10.0.0.1/{MAC}.apkovl.tar.gz";
    const auto without = lab.plan(options);
    CHECK(without.stand_in == "52:54:00:12:34:56.apkovl.tar.gz");
    CHECK(without.mac == trial_mac);
    has(lab.notes(without),
        "apkovl=http://10.0.0.1/{MAC}.apkovl.tar.gz: the bundle has no such file of any machine: a "
        "small system stands in for it (name one 52:54:00:12:34:56.apkovl.tar.gz ");
    has(lab.notes(without),
        "alpine_dev=nfs:10.0.0.1:/srv/nfs/depot: a trial has no NFS server: the machine boots without it");
    has(without.script, " ip=dhcp  apkovl=http://10.0.0.1/secret/{MAC}.apkovl.tar.gz ${more} ");
    lab.dir.write("aa:bb:cc:dd:ee:01.apkovl.tar.gz", "x");
    lab.dir.write("x", "a root");
    lab.dir.write("mac/aa-bb-cc-dd-ee-01.ipxe", "#!ipxe\nset more root=http://10.0.0.1/x\n");
    const auto plan = lab.plan(options);
    CHECK(plan.stand_in.empty());
    CHECK(plan.mac == "aa:bb:cc:dd:ee:01");
    CHECK(plan.notes.size() == 1);
    CHECK(plan.texts.at("mac/aa-bb-cc-dd-ee-01.ipxe") == "#!ipxe\nset more root=http://10.0.0.1/secret/x\n");
}

TEST_CASE("what a trial does not have is named: other servers, media, disks, a proxy") {
    const Lab lab;
    const auto notes = [&](const std::string& options) { return lab.notes(lab.plan(options)); };
    has(notes("root=nfs:10.0.0.9:/srv/root"),
        "root=nfs:10.0.0.9:/srv/root: a trial has no NFS server, so the machine cannot");
    has(notes("root=http://other/x.squashfs"),
        "root=http://other/x.squashfs: is not a file of the bundle, and a trial reaches no other server\n");
    has(notes("root=http://10.0.0.1/x.squashfs"),
        "root=http://10.0.0.1/x.squashfs: the bundle has no x.squashfs\n");
    has(notes("root=sda1"), "root=/dev/sda1: the machine of a trial has no disk\n");
    has(notes("apkovl=http://10.0.0.1/{SERIAL}.tar.gz"), "has a name that only the machine knows");
    has(notes("root=sda1 alpine_repo=http://me:pass@mirror.example/main"),
        "alpine_repo=http://mirror.example/main: is not a file of the bundle");
    has(notes("root=sda1 mkpxerd.proxy=http://proxy:3128"),
        "mkpxerd.proxy=http://proxy:3128: a trial reaches no proxy\n");
    has(notes("root=sda1 mkpxerd.log=10.0.0.1"), "mkpxerd.log=10.0.0.1: a trial has no log server\n");
    has(notes("root=sda1 mkpxerd.report=http://10.0.0.1/report"),
        "mkpxerd.report=http://10.0.0.1/report: a trial takes no report\n");
}

TEST_CASE("what the script of the trial's machine adds is looked at as well") {
    const Lab lab;
    lab.dir.write(
        "mac/52-54-00-12-34-56.ipxe",
        "#!ipxe\nset more root=nfs:10.0.0.1:/srv/root modloop=${base}/absent alpine_dev=nfs:10.0.0.1:/d\n");
    const auto plan = lab.plan("ip=dhcp");
    has(lab.notes(plan), "root=nfs:10.0.0.1:/srv/root: a trial has no NFS server, so the machine cannot");
    has(lab.notes(plan), "modloop=http://10.0.0.1/absent: the bundle has no absent\n");
    has(lab.notes(plan),
        "alpine_dev=nfs:10.0.0.1:/d: a trial has no NFS server: the machine boots without it");
    CHECK(plan.texts.at("mac/52-54-00-12-34-56.ipxe").find("alpine_dev") == std::string::npos);
}

TEST_CASE("an archive of the trial's machine that the bundle lacks is named") {
    const Lab lab;
    lab.dir.write("x", "a root");
    lab.dir.write("mac/52-54-00-12-34-56.ipxe", "#!ipxe\nset archive host7\n");
    has(lab.notes(lab.plan("root=http://10.0.0.1/x")),
        "mac/52-54-00-12-34-56.ipxe: the bundle has no archive host7, for which iPXE asks again and again ");
    lab.dir.write("host7", "an archive");
    CHECK(lab.plan("root=http://10.0.0.1/x").notes.empty());
}

TEST_CASE("a machine whose script loads a kernel itself gets the options of the trial there") {
    const Lab lab;
    lab.dir.write("x", "a root");
    lab.dir.write("mac/52-54-00-12-34-56.ipxe",
                  "#!ipxe\nkernel ${base}/own root=nfs:10.0.0.1:/r || goto failed\nboot\n");
    const auto plan = lab.plan("root=http://10.0.0.1/x");
    CHECK(lab.notes(plan) ==
          "root=nfs:10.0.0.1:/r: a trial has no NFS server, so the machine cannot boot from there\n");
    CHECK(plan.texts.at("mac/52-54-00-12-34-56.ipxe") ==
          "#!ipxe\nkernel ${base}/own root=nfs:10.0.0.1:/r console=ttyS0 || goto failed\nboot\n");
    // Also where the owner of boot.ipxe has removed ${more}.
    lab.dir.write("boot.ipxe", "set base http://10.0.0.1\nkernel ${base}/vmlinuz quiet || shell\nboot\n");
    has(plan_trial({.directory = lab.dir.path(), .options = "a=b"}, "/s")->script,
        "/vmlinuz quiet a=b || shell\n");
}

TEST_CASE("a medium that no script names stays") {
    const Lab lab;
    lab.dir.write("x", "a root");
    const auto plan =
        lab.plan("root=http://10.0.0.1/x", "set base http://10.0.0.1", "alpine_dev=nfs:10.0.0.1:/d");
    CHECK(lab.notes(plan) ==
          "alpine_dev=nfs:10.0.0.1:/d: a trial has no NFS server, so the machine cannot boot from there\n");
}

TEST_CASE("options that are baked into the image lead to the trial as well") {
    const Lab lab;
    lab.dir.write("x.tar", "x");
    const auto plan = lab.plan("ip=dhcp", "set base http://10.0.0.1", "root=http://10.0.0.1/x.tar");
    CHECK(plan.notes.empty());
    has(plan.script, "${more} root=http://10.0.0.1/secret/x.tar console=ttyS0\n");
    CHECK_FALSE(lab.plan("ip=dhcp", "set base http://10.0.0.1", "quiet").script.find("quiet") !=
                std::string::npos);
    // A script that its owner changed has no ${more}.
    lab.dir.write("boot.ipxe", "set base http://10.0.0.1\nkernel ${base}/vmlinuz quiet\nboot\n");
    CHECK(plan_trial({.directory = lab.dir.path(), .options = "a=b"}, "/s")->script ==
          "set base http://10.0.0.1/s\nkernel ${base}/vmlinuz quiet a=b\nboot\n");
}

TEST_CASE("options of the trial come before the arguments of init") {
    const Lab lab;
    for (const char* line : {"kernel ${base}/vmlinuz quiet ${more} -- single",
                             "kernel ${base}/vmlinuz quiet -- single ${more}"}) {
        lab.dir.write("boot.ipxe", std::string("set base http://10.0.0.1\n") + line + "\nboot\n");
        const std::string script = plan_trial({.directory = lab.dir.path(), .options = "a=b"}, "/s")->script;
        CHECK(script.find("a=b -- single") != std::string::npos);
    }
}

TEST_CASE("a file of the bundle that this user cannot read is an error, with its mode") {
    const Lab lab;
    std::filesystem::permissions(lab.dir.path(), std::filesystem::perms(0755));
    for (const char* name : {"pxerd", "modloop"}) {
        lab.dir.write(name, "x");
        std::filesystem::permissions(lab.dir / name, std::filesystem::perms(0000));
    }
    lab.dir.write("boot.ipxe",
                  "set base http://10.0.0.1\nkernel ${base}/vmlinuz root=${base}/modloop ${more}\nboot\n");
    const test::Unprivileged nobody;
    const auto plan = plan_trial({.directory = lab.dir.path()}, "/s");
    REQUIRE_FALSE(plan);
    const std::string reason = ": has mode 0000: this user cannot read it, so a trial cannot serve it "
                               "(run try as a user that can read it)";
    CHECK(plan.error().text() ==
          (lab.dir / "modloop").string() + reason + "\n" + (lab.dir / "pxerd").string() + reason);
}

TEST_CASE("the machine's network has its server, and no way to another") {
    CHECK(trial_network("10.0.0.1", "'/x,y' 80") ==
          "restrict=on,ipv6=off,net=10.0.0.0/24,host=10.0.0.200,dns=10.0.0.201,dhcpstart=10.0.0.215,"
          "guestfwd=tcp:10.0.0.1:80-cmd:'/x,,y' 80");
    CHECK(trial_network("192.168.1.200", "r") ==
          "restrict=on,ipv6=off,net=192.168.1.0/"
          "24,host=192.168.1.100,dns=192.168.1.101,dhcpstart=192.168.1.115,"
          "guestfwd=tcp:192.168.1.200:80-cmd:r");
}
