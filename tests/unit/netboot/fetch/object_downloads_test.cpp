// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/object_downloads.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"
#include "signer.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("an object's URL is filled in, and the object lies below its directory under its name") {
    test::BootBench bench;
    bench.served["http://h/52-54-00-12-34-56/a.tar.gz"] = "bytes";
    const auto path = bench.run(bench.objects.fetch(
        "apkovl", test::BootBench::urls("http://h/{UUID}.tar.gz|http://h/{MAC}/a.tar.gz"), "/run/mkpxerd/d"));
    CHECK(path.value() == "/run/mkpxerd/d/apkovl/a.tar.gz");
    CHECK(bench.content(*path) == "bytes");
    CHECK(bench.says("apkovl: http://h/{UUID}.tar.gz"));
    CHECK(bench.objects.reports().at("apkovl").bytes == 5);
}

TEST_CASE("a URL without a file name gives the object its own") {
    test::BootBench bench;
    bench.served["http://h/"] = "bytes";
    CHECK(bench.run(bench.objects.fetch("root", test::BootBench::urls("http://h/"), "/run/d")).value() ==
          "/run/d/root/root");
}

TEST_CASE("an object is downloaded once, again after a failure, and again when it was of no use") {
    test::BootBench bench;
    const auto fetch = [&] {
        return bench.run(bench.objects.fetch("root", test::BootBench::urls("http://h/a"), "/run/d"));
    };
    CHECK(fetch().error().first().code == "MPX-HTTP-01");
    bench.served["http://h/a"] = "bytes";
    CHECK(fetch());
    CHECK(fetch());
    CHECK(bench.fetched.size() == 2);
    bench.objects.discard("root", "/run/d/root/a");
    CHECK_FALSE(bench.exists("/run/d/root/a"));
    CHECK(fetch());
    CHECK(bench.fetched.size() == 3);
}

TEST_CASE("what is wrong with a URL is told by the one who needs the object") {
    test::BootBench bench;
    bench.objects.start("root", test::BootBench::urls("http://h/{SERIAL}"), "/run/d");
    CHECK(bench.fetched.empty());
    const auto result =
        bench.run(bench.objects.fetch("root", test::BootBench::urls("http://h/{SERIAL}"), "/run/d"));
    CHECK(result.error().first().code == "MPX-URL-01");
}

TEST_CASE("pins go with the request, and keys forbid hosts that tell machines apart") {
    test::BootBench bench;
    bench.system.write("/etc/mkpxerd/keys/site.pem", test::Signer().public_key());
    const std::string hash(64, 'a');
    bench.trust = Trust::load(bench.system, {{"root", hash}}).value();
    bench.served["http://52-54-00-12-34-56/a"] = "bytes";
    CHECK(bench.run(bench.objects.fetch("root", test::BootBench::urls("http://{MAC}/a"), "/run/d")));
    CHECK(bench.fetched.back().sha256 == hash);
    const auto refused =
        bench.run(bench.objects.fetch("apkovl", test::BootBench::urls("http://{MAC}/a"), "/run/d"));
    CHECK(refused.error().first().code == "MPX-FETCH-13");
}

TEST_CASE("without a network an object by URL is an error, and starting one is not") {
    test::BootBench bench;
    ObjectDownloads objects(bench.io, bench.system, bench.log, {}, bench.machine, bench.trust, bench.time);
    objects.start("root", test::BootBench::urls("http://h/a"), "/run/d");
    CHECK(bench.run(objects.fetch("root", test::BootBench::urls("http://h/a"), "/run/d"))
              .error()
              .first()
              .code == "MPX-OPT-03");
}

TEST_CASE("a download gives its time back to the boot") {
    test::BootBench bench;
    bench.served["http://h/a"] = "bytes";
    const Deadline before = bench.time.deadline();
    CHECK_FALSE(bench.run(bench.objects.fetch("apkovl", test::BootBench::urls("http://h/b"), "/run/d")));
    CHECK(bench.time.deadline() == before);
    CHECK(bench.run(bench.objects.fetch("root", test::BootBench::urls("http://h/a"), "/run/d")));
    CHECK(bench.time.deadline() > before);
}
