// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/ftp_reply.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// Every reply in a text that is fed byte by byte; the last is the error's code, if one came.
std::vector<std::string> replies(std::string_view text) {
    FtpReplyReader reader;
    std::vector<std::string> out;
    for (const char c : text) {
        if (const Result<void> fed = reader.feed({&c, 1}); !fed)
            return out.push_back(std::string(code_text(fed.error().first().code))), out;
        const Result<std::optional<FtpReply>> reply = reader.next();
        if (!reply) return out.push_back(std::string(code_text(reply.error().first().code))), out;
        if (*reply) out.push_back(std::to_string((*reply)->code) + " " + (*reply)->text);
    }
    return out;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("replies of one and of several lines are told apart") {
    CHECK(replies("220 ready\r\n331 password, please\r\n") == Texts{"220 ready", "331 password, please"});
    CHECK(replies("220-hello\r\n 220 not yet\r\n220-nor now\r\n221 nor this\r\n220 ready\r\n230 in\r\n") ==
          Texts{"220 ready", "230 in"});
    CHECK(replies("220\n") == Texts{"220 "});
    CHECK(replies("220 re") == Texts{});
    CHECK(replies("220 a\x1b[2Jb\r\n") == Texts{"220 a?[2Jb"});
}

TEST_CASE("a server that does not speak FTP is refused") {
    for (const char* text :
         {"HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n", "99 low\r\n", "620 high\r\n", "2200 long\r\n", "\r\n"})
        CHECK(replies(text) == Texts{"MPX-FTP-04"});
    CHECK(replies(std::string(70000, '2')) == Texts{"MPX-FTP-04"});
}

TEST_CASE("the port of passive mode is found in what servers write") {
    CHECK(parse_epsv("Entering Extended Passive Mode (|||6446|)") == 6446);
    CHECK(parse_epsv("(!!!1!)") == 1);
    for (const char* bad :
         {"", "(|||)", "(|||0|)", "(|||65536|)", "(|||6446|", "(||6446|)", "(|1|10.0.0.1|6446|)", "(111641)"})
        CHECK_FALSE(parse_epsv(bad));
    CHECK(parse_pasv("Entering Passive Mode (10,0,0,1,25,46)") == 25 * 256 + 46);
    CHECK(parse_pasv("Entering Passive Mode. 10,0,0,1,0,21") == 21);
    for (const char* bad :
         {"", "(10,0,0,1,25)", "(10,0,0,1,25,46,1)", "(10,0,0,1,256,1)", "(10,0,0,1,0,0)", "no numbers"})
        CHECK_FALSE(parse_pasv(bad));
}

TEST_CASE("the path of an FTP URL begins where the login leads") {
    CHECK(ftp_path("/a/b") == "a/b");
    CHECK(ftp_path("/%2Fsrv/a%20b;type=i") == "/srv/a b");
    CHECK(ftp_path("/a?b") == "a?b");
    for (const char* bad : {"/", "", "/a/", "/a%0d%0aDELE b", "/a%00"})
        CHECK_FALSE(ftp_path(bad));
}
