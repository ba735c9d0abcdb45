// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/cmdline.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

BootOptions parse(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    auto options = parse_boot_options(sources);
    REQUIRE(options);
    return *options;
}

std::string refusal(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    const auto options = parse_boot_options(sources);
    REQUIRE_FALSE(options);
    CHECK(options.error().first().code == "MPX-OPT-02");
    return options.error().text();
}

} // namespace

TEST_CASE("the guide's command line is understood as a whole") {
    const auto options =
        parse("BOOT_IMAGE=vmlinuz ip=dhcp alpine_dev=nfs:192.168.1.1:/srv/boot/alpine "
              "modloop=http://192.168.1.1/modloop-grsec nomodeset quiet "
              "modules=loop,squashfs,sd-mod,usb-storage apkovl=\"http://h/{MAC}.apkovl.tar.gz\"\n");
    CHECK(options.ip == std::vector<std::string>{"dhcp"});
    CHECK(options.alpine_dev == "nfs:192.168.1.1:/srv/boot/alpine");
    CHECK(options.modloop == "http://192.168.1.1/modloop-grsec");
    CHECK(options.apkovl == "http://h/{MAC}.apkovl.tar.gz");
    CHECK(options.quiet);
    REQUIRE(options.modules.size() == 4);
    CHECK(options.modules[2] == ModuleRequest{"sd-mod", ""});
    CHECK(options.warnings.empty());
}

TEST_CASE("without options the defaults hold") {
    const auto options = parse("");
    CHECK(options.init == "/sbin/init");
    CHECK(options.on_fail == OnFail{OnFail::Kind::Countdown, 30, true});
    CHECK_FALSE(options.quiet);
    CHECK_FALSE(options.read_write);
    CHECK(options.ip.empty());
}

TEST_CASE("later sources win, and each value keeps where it was said") {
    const std::vector<CmdlineSource> sources = {{"boot.conf", "root=nfs:a:/x ip=dhcp quiet"},
                                                {"kernel command line", "root=nfs:b:/y ip=off noquiet"}};
    const auto options = parse_boot_options(sources).value();
    CHECK(options.root == "nfs:b:/y");
    CHECK(options.ip == std::vector<std::string>{"off"});
    CHECK_FALSE(options.quiet);
    const BootSetting root{"root", "nfs:b:/y", "kernel command line"};
    CHECK(std::count(options.settings.begin(), options.settings.end(), root) == 1);
    CHECK(std::count_if(options.settings.begin(), options.settings.end(),
                        [](const auto& s) { return s.name == "root"; }) == 1);
}

TEST_CASE("ip and console of one source add up") {
    const auto options = parse("ip=10.0.0.2::10.0.0.1:24::eth0: ip=dhcp console=tty0 console=ttyS0,115200n8");
    CHECK(options.ip.size() == 2);
    CHECK(options.consoles == std::vector<std::string>{"tty0", "ttyS0"});
}

TEST_CASE("flags are said, denied and valued") {
    CHECK(parse("overlaytmpfs").overlay);
    CHECK(parse("overlaytmpfs=yes").overlay);
    CHECK_FALSE(parse("overlaytmpfs=no").overlay);
    CHECK_FALSE(parse("overlaytmpfs nooverlaytmpfs").overlay);
    CHECK(parse("s").single);
    CHECK(parse("1").single);
    CHECK(parse("single").single);
    CHECK(parse("ro rw").read_write);
    CHECK_FALSE(parse("rw ro").read_write);
}

TEST_CASE("a misspelt option is named with what was meant") {
    const auto options = parse("modlop=http://h/m apkvol=http://h/a");
    REQUIRE(options.warnings.size() == 2);
    CHECK(to_text(options.warnings[0]) == "modlop: unknown option (did you mean modloop?)");
    CHECK(options.warnings[1].hint == "did you mean apkovl?");
    CHECK(options.modloop.empty());
}

TEST_CASE("debug_init asks for all details, for those of some subjects, or for none") {
    CHECK(parse("quiet").details.empty());
    for (const char* all : {"debug_init", "debug_init=yes", "debug_init=1", "nodebug_init debug_init=on"})
        CHECK(parse(all).details == LogSubjects::all());
    for (const char* none :
         {"debug_init nodebug_init", "debug_init debug_init=no", "debug_init=0", "debug_init="})
        CHECK(parse(none).details.empty());
    const auto options = parse("debug_init=dhcp,fetch");
    LogSubjects both;
    both.add(LogSubject::Dhcp);
    both.add(LogSubject::Fetch);
    CHECK(options.details == both);
    CHECK(options.warnings.empty());
}

TEST_CASE("a subject that debug_init does not know is named with all that it knows") {
    const auto options = parse("debug_init=dhcp,dsn,");
    LogSubjects dhcp;
    dhcp.add(LogSubject::Dhcp);
    CHECK(options.details == dhcp);
    REQUIRE(options.warnings.size() == 1);
    CHECK(to_text(options.warnings[0]) ==
          "debug_init: unknown subject 'dsn' (the subjects are " + log_subject_names() + ")");
    // A boot that somebody wants to see is not shown less than before.
    const auto useless = parse("debug_init=x,y");
    CHECK(useless.details == LogSubjects::all());
    REQUIRE(useless.warnings.size() == 1);
    CHECK(useless.warnings[0].text == "unknown subject 'x', 'y': every detail is shown");
}

TEST_CASE("options of the kernel, of modules and of other programs are no mistakes") {
    CHECK(
        parse("mitigations=off nvme_core.io_timeout=1 e1000.debug=3 foo xyzzy=1 rd.luks=0").warnings.empty());
}

TEST_CASE("options of mkinitfs that are not supported are named in one line") {
    const auto options = parse("cryptroot=/dev/sda nbd=h:1 chart=no");
    REQUIRE(options.warnings.size() == 1);
    CHECK(options.warnings[0].object == "cryptroot, nbd");
}

TEST_CASE("a spelling of another program is answered with ours") {
    const auto options = parse("rd.break rd.neednet=1 rd.neednet=0 rd.net.timeout.dhcp=9");
    REQUIRE(options.warnings.size() == 3);
    CHECK(to_text(options.warnings[0]) == "rd.break: is not used by this init (write single)");
    CHECK(options.warnings[2].hint.find("mkpxerd.timeout") != std::string::npos);
}

TEST_CASE("fetch= is another name of root=, and nfsroot= is kept for the plan") {
    CHECK(parse("boot=live fetch=http://h/x.squashfs").root == "http://h/x.squashfs");
    CHECK(parse("root=/dev/nfs nfsroot=10.0.0.1:/srv,vers=3").nfsroot == "10.0.0.1:/srv,vers=3");
    CHECK(refusal("root=/dev/sda1 fetch=http://h/x").find("contradicts root=") != std::string::npos);
}

TEST_CASE("what promises verification, another root or another network is refused with its source") {
    for (const char* word :
         {"roothash=00ff", "systemd.verity=yes", "systemd.verity_root_data=/dev/sda1", "verify-checksums",
          "dm-mod.create=\"root,,,ro,0 1 verity 1\"", "rd.live.check", "boot=live", "boot=casper",
          "netboot=nfs", "overlayroot=tmpfs", "bond=bond0:eth0,eth1", "vlan=eth0.5:eth0",
          "rd.route=10.0.0.0/8", "VLAN=eth0.5"}) {
        INFO(word);
        const std::vector<CmdlineSource> sources = {
            {"kernel command line", std::string("root=/dev/sda1 ") + word}};
        const auto options = parse_boot_options(sources);
        REQUIRE_FALSE(options);
        CHECK(options.error().first().code == "MPX-OPT-04");
        CHECK(options.error().text().find("(kernel command line)") != std::string::npos);
    }
    CHECK(parse("root=/dev/sda1 systemd.verity=no rd.live.check=0 verify=n boot=local").root == "/dev/sda1");
}

TEST_CASE("a cut line and an open quote are told") {
    CHECK(parse("apkovl=\"http://h/x").warnings.front().text == "a quote is not closed");
    CHECK(parse("x=" + std::string(2045, 'y')).warnings.at(0).text.starts_with("2047 characters"));
    CHECK(parse("x=" + std::string(2044, 'y')).warnings.empty());
    CHECK(parse("x=" + std::string(2046, 'y')).warnings.empty()); // of a file
}

TEST_CASE("what follows a failure") {
    CHECK(parse("mkpxerd.onfail=shell").on_fail.kind == OnFail::Kind::Shell);
    CHECK(parse("mkpxerd.onfail=poweroff").on_fail.kind == OnFail::Kind::PowerOff);
    CHECK(parse("mkpxerd.onfail=retry").on_fail.kind == OnFail::Kind::Retry);
    CHECK(parse("mkpxerd.onfail=reboot:5").on_fail == OnFail{OnFail::Kind::Countdown, 5, true});
    CHECK(parse("panic=7").on_fail == OnFail{OnFail::Kind::Countdown, 7, false});
    CHECK(parse("panic=0").on_fail.seconds < 0);
    CHECK(parse("panic=-1").on_fail.seconds == 0);
    CHECK(parse("panic=7 mkpxerd.onfail=reboot").on_fail.seconds == 7);
    CHECK(refusal("mkpxerd.onfail=explode").find("mkpxerd.onfail=explode") == 0);
    CHECK(refusal("mkpxerd.onfail=reboot:soon").find("'soon' is not a number") != std::string::npos);
    CHECK(refusal("mkpxerd.onfail=shell:x").find("must be shell, reboot[:seconds]") != std::string::npos);
    CHECK(refusal("panic=soon").find("not a number") != std::string::npos);
}

TEST_CASE("a number outside the bound of its option is refused, with the bound") {
    CHECK(refusal("mkpxerd.timeout=99999999") == "mkpxerd.timeout=99999999: is not within 1 to 86400 seconds "
                                                 "(kernel command line) (see docs/cmdline.md)");
    CHECK(refusal("mkpxerd.timeout=0").find("1 to 86400 seconds") != std::string::npos);
    CHECK(parse("mkpxerd.timeout=86400").timeout == 86400);
    CHECK(refusal("usbdelay=3601").find("0 to 3600 seconds") != std::string::npos);
    CHECK(refusal("uevent_buf_size=0").find("1 to 1073741824 bytes") != std::string::npos);
    CHECK(refusal("resume_offset=-1").find("pages") != std::string::npos);
    CHECK(refusal("mkpxerd.onfail=reboot:86401").find("'86401' is not within 0 to 86400 seconds") !=
          std::string::npos);
}

TEST_CASE("a panic= with a bad number still takes the shell away") {
    for (const char* line : {"panic=soon", "panic=99999999999", "panic="}) {
        INFO(line);
        const std::vector<CmdlineSource> sources = {{"kernel command line", line}};
        CHECK_FALSE(parse_on_fail_options(sources).shell);
    }
}

TEST_CASE("bad values are refused together, each with its source") {
    const std::vector<CmdlineSource> sources = {
        {"boot.conf", "mkpxerd.timeout=long"},
        {"kernel command line", "init=sbin/init mkpxerd.optional=apkovl,cake"}};
    const auto options = parse_boot_options(sources);
    REQUIRE_FALSE(options);
    REQUIRE(options.error().problems().size() == 3);
    CHECK(options.error().text().find("mkpxerd.timeout=long: is not a number (boot.conf)") !=
          std::string::npos);
    CHECK(options.error().text().find("'cake'") != std::string::npos);
    CHECK(options.error().text().find("init=sbin/init: is not an absolute path") != std::string::npos);
}

TEST_CASE("arguments after two dashes are for the new init") {
    const auto options = parse("init=/bin/x init_args=\"-a -b\" -- single quiet");
    CHECK(options.init_arguments == std::vector<std::string>{"single", "quiet"});
    CHECK(options.init_args == std::vector<std::string>{"-a", "-b"});
    CHECK_FALSE(options.quiet);
}

TEST_CASE("the options about failures are read whatever else is wrong") {
    const std::vector<CmdlineSource> sources = {
        {"kernel command line", "usbdelay=x mkpxerd.onfail=poweroff mkpxerd.optional=all"}};
    CHECK_FALSE(parse_boot_options(sources));
    CHECK(parse_on_fail_options(sources).kind == OnFail::Kind::PowerOff);
    const std::vector<CmdlineSource> wrong = {{"kernel command line", "mkpxerd.onfail=dance"}};
    CHECK(parse_on_fail_options(wrong) == OnFail{});
}

TEST_CASE("noresume takes back a resume= before it") {
    CHECK(parse("resume=/dev/sda2 noresume").resume.empty());
    CHECK(parse("noresume resume=/dev/sda2").resume == "/dev/sda2");
    CHECK(parse("noresume").warnings.empty());
}
