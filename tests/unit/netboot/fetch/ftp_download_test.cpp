// SPDX-License-Identifier: MIT
// Attempts against a server on the loopback interface that answers command by command.
#include "mkpxerd/netboot/fetch/ftp_download.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>

#include "failure_text.hpp"
#include "run_task.hpp"
#include "scripted_server.hpp"
#include "transfer_bench.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Kind = AttemptEnd::Kind;

struct Lab : test::TransferBench {
    std::vector<std::string> commands;
    std::string greeting = "220 ready";
    // By the verb of the command; {port} is the port of the data connection. Empty: the server closes.
    std::map<std::string, std::string> replies = {
        {"USER", "331 password"}, {"PASS", "230 welcome"},
        {"TYPE", "200 binary"},   {"EPSV", "229 passive (|||{port}|)"},
        {"SIZE", "213 5"},        {"MDTM", "213 20260101000000"},
        {"REST", "350 go on"},    {"RETR", "150 here"},
    };
    std::string object = "hello"; // what the data connection carries
    std::string last = "226 done";

    AttemptEnd attempt(const std::string& path = "/dir/object", const std::string& login = "") {
        commands.clear();
        const auto sent = std::make_shared<Notifier>(io);
        const auto asked = std::make_shared<bool>(false);
        const test::ScriptedServer data(
            io, {[this, sent, asked](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                while (!*asked)
                    co_await sent->wait(Deadline::max());
                co_await end.write(object);
            }});
        const test::ScriptedServer control(
            io,
            {[this, sent, asked, port = data.port()](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                co_await end.write(greeting + "\r\n");
                for (;;) {
                    std::string line = co_await end.read_until("\r\n");
                    if (line.empty()) co_return;
                    line.resize(line.size() - 2);
                    commands.push_back(line);
                    const std::string verb = line.substr(0, line.find(' '));
                    std::string reply = replies[verb];
                    if (reply.empty()) co_return;
                    if (const std::size_t at = reply.find("{port}"); at != std::string::npos)
                        reply.replace(at, 6, std::to_string(port));
                    if (const std::size_t at = reply.find("{bytes}"); at != std::string::npos)
                        reply.replace(at, 7, fmt::format("{},{}", port / 256, port % 256));
                    co_await end.write(reply + "\r\n");
                    if (verb != "RETR" || !reply.starts_with("1")) continue;
                    *asked = true;
                    sent->notify();
                    co_await end.write(last + "\r\n");
                }
            }});
        const Url url = parse_url(fmt::format("ftp://{}127.0.0.1:{}{}", login, control.port(), path)).value();
        return test::run(io, ftp_attempt(context, url, transfer));
    }
};

} // namespace

TEST_CASE("an object arrives by anonymous FTP, passive and binary") {
    Lab lab;
    CHECK(lab.attempt().kind == Kind::Complete);
    CHECK(lab.content() == "hello");
    CHECK(lab.transfer.total == 5);
    CHECK(lab.transfer.validator == "5 20260101000000");
    CHECK(lab.commands == std::vector<std::string>{"USER anonymous", "PASS mkpxerd@", "TYPE I", "EPSV",
                                                   "SIZE dir/object", "MDTM dir/object", "RETR dir/object"});
}

TEST_CASE("the login of the URL is used, and a server may want no password") {
    Lab lab;
    lab.replies["USER"] = "230 welcome";
    CHECK(lab.attempt("/object", "me:secret@").kind == Kind::Complete);
    CHECK(lab.commands[0] == "USER me");
    CHECK(lab.commands[1] == "TYPE I");
    lab.replies["USER"] = "331 password";
    lab.replies["PASS"] = "530 no";
    const AttemptEnd end = lab.attempt("/object", "me:secret@");
    CHECK(lab.commands[1] == "PASS secret");
    CHECK(end.kind == Kind::Definite);
    CHECK(end.error->first().code == "MPX-FTP-02");
    CHECK_THAT(end.error->text(), Catch::Contains("login: 530 no") && !Catch::Contains("secret"));
}

TEST_CASE("a server that is busy may have room later") {
    Lab lab;
    lab.replies["PASS"] = "421 too many users";
    const AttemptEnd end = lab.attempt();
    CHECK(end.kind == Kind::Again);
    CHECK(end.error->first().code == "MPX-FTP-03");
    lab.greeting = "421 too many users";
    CHECK(lab.attempt().kind == Kind::Again);
    CHECK(lab.commands.empty());
    lab.replies["PASS"] = "230 welcome";
    lab.greeting = "120 a moment\r\n220-welcome\r\n220 ready";
    CHECK(lab.attempt().kind == Kind::Complete);
}

TEST_CASE("without EPSV, PASV does, whatever address it names") {
    Lab lab;
    lab.replies["EPSV"] = "500 what";
    lab.replies["PASV"] = "227 passive (192,0,2,1,{bytes})";
    CHECK(lab.attempt().kind == Kind::Complete);
    CHECK(lab.content() == "hello");
    lab.replies["PASV"] = "502 no";
    const AttemptEnd end = lab.attempt();
    CHECK(end.error->first().code == "MPX-FTP-03");
    CHECK_THAT(end.error->text(), Catch::Contains("passive mode: 502 no"));
}

TEST_CASE("an unchanged object is resumed, right before RETR") {
    Lab lab;
    lab.begun("he", "5 20260101000000");
    lab.object = "llo";
    CHECK(lab.attempt().kind == Kind::Complete);
    CHECK(lab.content() == "hello");
    CHECK(lab.commands[lab.commands.size() - 2] == "REST 2");
}

TEST_CASE("an object begins anew when it has changed, or the server cannot tell or resume") {
    Lab lab;
    lab.begun("xx", "5 20260101000000");
    SECTION("it has another time") {
        lab.replies["MDTM"] = "213 20260202000000";
    }
    SECTION("it has another size") {
        lab.replies["SIZE"] = "213 6";
        lab.object = "hello!";
    }
    SECTION("the server knows no times") {
        lab.replies["MDTM"] = "500 what";
    }
    SECTION("the server knows no sizes") {
        lab.replies["SIZE"] = "500 what";
    }
    SECTION("the server cannot resume") {
        lab.replies["REST"] = "502 no";
    }
    CHECK(lab.attempt().kind == Kind::Complete);
    CHECK(lab.content() == lab.object);
}

TEST_CASE("an object that is absent is not tried again") {
    Lab lab;
    lab.replies["RETR"] = "550 no such file";
    const AttemptEnd end = lab.attempt();
    CHECK(end.kind == Kind::NotFound);
    CHECK(end.error->first().code == "MPX-FTP-01");
    lab.replies["RETR"] = "450 busy";
    CHECK(lab.attempt().kind == Kind::Again);
}

TEST_CASE("a transfer that ends early is cut off") {
    Lab lab;
    SECTION("by the length") {
        lab.object = "hell";
    }
    SECTION("by the server's word") {
        lab.last = "426 aborted";
    }
    SECTION("by the connection") {
        lab.replies["TYPE"] = "";
    }
    const AttemptEnd end = lab.attempt();
    CHECK(end.kind == Kind::Again);
    CHECK(end.error->first().code == "MPX-FETCH-07");
}

TEST_CASE("a server that does not speak FTP, or refuses binary mode, is named") {
    Lab lab;
    lab.greeting = "HTTP/1.1 400 Bad Request";
    CHECK(lab.attempt().error->first().code == "MPX-FTP-04");
    lab.greeting = "220 ready";
    lab.replies["TYPE"] = "504 no";
    CHECK(lab.attempt().error->first().code == "MPX-FTP-03");
}

TEST_CASE("a URL of a directory, or with a line break, is refused before any connection") {
    for (const char* path : {"/dir/", "/a%0d%0aDELE%20b"}) {
        Lab lab;
        const AttemptEnd end = lab.attempt(path);
        CHECK(end.kind == Kind::Definite);
        CHECK(end.error->first().code == "MPX-FETCH-01");
        CHECK(lab.commands.empty());
    }
}

TEST_CASE("an FTP port where nothing listens is worth another attempt") {
    Lab lab;
    const Url url = parse_url(fmt::format("ftp://127.0.0.1:{}/object", test::closed_port(lab.io))).value();
    const AttemptEnd refused = test::run(lab.io, ftp_attempt(lab.context, url, lab.transfer));
    CHECK(refused.kind == Kind::Again);
    CHECK(refused.error->first().code == "MPX-FETCH-04");
}
