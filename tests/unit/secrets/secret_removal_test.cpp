// SPDX-License-Identifier: MIT
#include "mkpxerd/secrets/secret_removal.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

constexpr const char* conf = "etc/mkinitfs/mkinitfs.conf";

} // namespace

TEST_CASE("options lose logins, queries and passwords, and nothing else") {
    CHECK(without_secrets("quiet ip=dhcp  root=LABEL=x") == "quiet ip=dhcp  root=LABEL=x");
    CHECK(without_secrets("apkovl=http://u:s3cret@h/x.tar.gz?token=s3cret quiet") ==
          "apkovl=http://***@h/x.tar.gz?token=*** quiet");
    CHECK(without_secrets("quiet rd.iscsi.password=s3cret ip=dhcp") == "quiet rd.iscsi.password=*** ip=dhcp");
    CHECK(without_secrets("rootflags=rw,password=s3cret quiet") == "rootflags=*** quiet");
    CHECK(without_secrets("-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA\n"
                          "-----END PRIVATE KEY-----")
              .find("MIIB") == std::string::npos);
    CHECK(without_secrets("").empty());
}

TEST_CASE("a file loses the lines with secrets, also those that are commented out") {
    CHECK(text_without_secrets(conf, "features=\"base nfs\"\n") == "features=\"base nfs\"\n");
    CHECK(text_without_secrets(conf, "a=1\npassword=s3cret\n# password=s3cret\nb=2\n") ==
          "a=1\n# left out: the line has a password\n# left out: the line has a password\nb=2\n");
    CHECK(text_without_secrets("p.yaml", "cmdline: quiet apkovl=ftp://u:s3cret@h/x\n") ==
          "cmdline: quiet apkovl=ftp://***@h/x\n");
    // A hidden login is not one, so the rest of the line stays.
    CHECK(text_without_secrets("p.yaml", "cmdline: \"mkpxerd.proxy=http://u:s3cret@h:3128 quiet\"\n") ==
          "cmdline: \"mkpxerd.proxy=http://***@h:3128 quiet\"\n");
}

TEST_CASE("a file with a secret of several lines has no form without it") {
    const std::string key = "-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA\n"
                            "-----END PRIVATE KEY-----\n";
    CHECK_FALSE(text_without_secrets("x", "a=1\n" + key));
    CHECK_FALSE(text_without_secrets("x", "# -----BEGIN PRIVATE KEY-----\n"
                                          "# MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA\n"
                                          "# -----END PRIVATE KEY-----\n"));
    CHECK_FALSE(text_without_secrets(
        conf, "[Interface]\nPrivateKey = 2AtmB2FOH2pO1uDLmz5s1jqMSUdLiSCS6JLUUhd2Hns=\n"));
    CHECK_FALSE(text_without_secrets("x", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
                                          "-----END OPENSSH PRIVATE KEY-----\n"));
}
