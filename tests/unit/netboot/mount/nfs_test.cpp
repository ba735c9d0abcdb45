// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/nfs.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>
#include <cerrno>
#include <sys/mount.h>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

const NfsMount plain{{"server", "/srv/root"}, "10.0.0.1", "10.0.0.9", "/newroot", true, ""};

NfsAnswer answer(int number, bool version_3 = false) {
    return classify_nfs_error(std::error_code(number, std::generic_category()), version_3);
}

} // namespace

TEST_CASE("versions are tried from the newest to the oldest") {
    const auto attempts = nfs_attempts(plain);
    REQUIRE(attempts.size() == 4);
    CHECK(attempts[0].call == MountCall{"server:/srv/root", "/newroot", "nfs", MS_RDONLY,
                                        "vers=4.2,addr=10.0.0.1,clientaddr=10.0.0.9"});
    CHECK(attempts[2].version == "4.0");
    CHECK(attempts[3].call.data == "vers=3,nolock,proto=tcp,mountproto=tcp,addr=10.0.0.1");
}

TEST_CASE("a version that the options name is the only one") {
    for (const char* options : {"vers=3,rsize=8192", "nfsvers=4.1", "v4.2", "vers=4,minorversion=1"}) {
        NfsMount mount = plain;
        mount.options = options;
        const auto attempts = nfs_attempts(mount);
        REQUIRE(attempts.size() == 1);
        CHECK(attempts[0].call.data.starts_with(options));
    }
}

TEST_CASE("version 4 without a minor one is the newest that both sides have") {
    for (const char* options : {"vers=4,rsize=8192", "rsize=8192,v4", "nfsvers=4,rsize=8192"}) {
        NfsMount mount = plain;
        mount.options = options;
        const auto attempts = nfs_attempts(mount);
        REQUIRE(attempts.size() == 3);
        CHECK(attempts[0].call.data == "vers=4.2,rsize=8192,addr=10.0.0.1,clientaddr=10.0.0.9");
        CHECK(attempts[2].version == "4.0");
    }
}

TEST_CASE("options of the caller stay, and flags are taken out of them") {
    NfsMount mount = plain;
    mount.options = "rw,nosuid,lock,mountproto=udp,port=20490";
    const auto attempts = nfs_attempts(mount);
    CHECK(attempts[0].call.flags == MS_NOSUID);
    CHECK(attempts[3].call.data == "vers=3,lock,mountproto=udp,port=20490,proto=tcp,addr=10.0.0.1");
    CHECK(nfs_port(mount.options) == 20490);
    CHECK(nfs_port(plain.options) == 2049);
    mount.options = "port=99999";
    CHECK(nfs_port(mount.options) == 2049);
}

TEST_CASE("errors of mount(2) are told apart") {
    CHECK(answer(EACCES) == NfsAnswer::Denied);
    CHECK(answer(EPERM) == NfsAnswer::WrongSecurity);
    CHECK(answer(EPERM, true) == NfsAnswer::Denied);
    CHECK(answer(ENOENT) == NfsAnswer::NoExport);
    CHECK(answer(EPROTONOSUPPORT) == NfsAnswer::NotVersion);
    CHECK(answer(EINVAL) == NfsAnswer::NotVersion);
    CHECK(answer(ETIMEDOUT) == NfsAnswer::NoAnswer);
    CHECK(answer(ECONNREFUSED) == NfsAnswer::NoAnswer);
    CHECK(answer(ENODEV) == NfsAnswer::NoKernel);
    CHECK(answer(EIO) == NfsAnswer::Other);
}

TEST_CASE("each answer has its code, and the export is named") {
    const std::error_code error(EACCES, std::generic_category());
    std::vector<std::string> codes;
    for (const auto kind :
         {NfsAnswer::Denied, NfsAnswer::NoExport, NfsAnswer::NoAnswer, NfsAnswer::NotVersion,
          NfsAnswer::NoKernel, NfsAnswer::Other, NfsAnswer::WrongSecurity}) {
        const auto problem = nfs_problem(plain, kind, error);
        CHECK(problem.object == "nfs:server:/srv/root");
        codes.emplace_back(code_text(problem.code));
    }
    CHECK(codes == std::vector<std::string>{"MPX-NFS-01", "MPX-NFS-02", "MPX-NFS-03", "MPX-NFS-04",
                                            "MPX-NFS-05", "MPX-NFS-06", "MPX-NFS-07"});
    CHECK(nfs_problem(plain, NfsAnswer::Denied, error).text == "access denied by server");
}

TEST_CASE("the kernel's EINVAL is laid to an option that it does not know, not to the versions") {
    NfsMount mount = plain;
    const std::error_code invalid(EINVAL, std::generic_category());
    CHECK(nfs_problem(mount, NfsAnswer::NotVersion, invalid)
              .text.starts_with("client and server have no NFS version"));
    mount.options = "nolock,foo";
    const auto refused = nfs_problem(mount, NfsAnswer::NotVersion, invalid);
    CHECK(refused.text == "the kernel refuses the mount options: Invalid argument");
    CHECK(refused.hint == "'foo' is not one of NFS");
    CHECK(refused.code == "MPX-NFS-06");
    const std::error_code no_version(EPROTONOSUPPORT, std::generic_category());
    CHECK(nfs_problem(mount, NfsAnswer::NotVersion, no_version).code == "MPX-NFS-04");
}

TEST_CASE("version 3 goes without a lock daemon, also when it is the only one asked for") {
    for (const char* options : {"vers=3", "nfsvers=3", "v3"}) {
        NfsMount mount{{"h", "/p"}, "10.0.0.1", "10.0.0.9", "/newroot", true, options};
        CHECK(wants_nfs3(options));
        REQUIRE(nfs_attempts(mount).size() == 1);
        CHECK(nfs_attempts(mount)[0].call.data ==
              std::string(options) + ",nolock,proto=tcp,mountproto=tcp,addr=10.0.0.1");
    }
    CHECK_FALSE(wants_nfs3("ro,vers=4.2"));
    CHECK_FALSE(wants_nfs3(""));
}

TEST_CASE("Kerberos is named, with what the server offers") {
    const auto offered = kerberos_problem(plain, {390003, 390005, 6});
    CHECK(offered.code == "MPX-NFS-07");
    CHECK(offered.text ==
          "the server offers sec=krb5,krb5p,flavor 6 only, and this init supports only sec=sys");
    CHECK(kerberos_problem(plain, {}).text == "sec=krb5 asks for Kerberos, which this init does not support");
    CHECK(kerberos_problem(plain, {0}).hint.starts_with("add sec=none"));
}
