// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/nfs_options.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("what neither mount(8) nor the kernel's NFS client knows is named") {
    using Words = std::vector<std::string>;
    CHECK(unknown_nfs_options("").empty());
    CHECK(unknown_nfs_options("ro,nolock,vers=3,_netdev,nofail,x-systemd.automount,fsc,fsc=a,v4.1,nconnect=4")
              .empty());
    CHECK(unknown_nfs_options("nolock,foo,bar=1,,ro") == Words{"foo", "bar=1"});
    CHECK(unknown_nfs_options("vers,nolock=1,Ro") == Words{"vers", "nolock=1", "Ro"});
    CHECK(is_nfs_flag("nolock"));
    CHECK_FALSE(is_nfs_flag("vers"));
}

TEST_CASE("Kerberos is known by its security flavors") {
    CHECK(wants_kerberos("ro,sec=krb5p"));
    CHECK(wants_kerberos("sec=krb5:sys"));
    CHECK_FALSE(wants_kerberos("sec=sys,nosec=krb5"));
}
