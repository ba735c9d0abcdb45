// SPDX-License-Identifier: MIT
// Everything that one attempt of a download needs, in a temporary directory. Time is that of the attempt:
// nothing waits.
#pragma once

#include <string>
#include <vector>

#include "memory_log.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"
#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "temp_dir.hpp"

namespace mkpxerd::test {

class TransferBench {
  public:
    // ca: the certificates that are trusted, in PEM.
    explicit TransferBench(const std::string& ca = "")
        : tls_(io, log, {directory.write("ca.pem", ca)}, {},
               std::make_shared<netboot::TimeOfDay>([] { return std::int64_t{1750000000}; },
                                                    [](std::int64_t) { return true; })) {}

    TempDir directory;
    MemoryLog log;
    boost::asio::io_context io{1};

  private:
    netboot::TlsPreparer tls_;

  public:
    netboot::Transfer transfer{.file = netboot::DownloadFile::create(directory / "object").value(),
                               .progress = netboot::DownloadProgress(log, "object")};
    netboot::TransferContext context{.io = io,
                                     .dns = {},
                                     .deadline = netboot::Clock::now() + std::chrono::seconds(20),
                                     .tls = tls_,
                                     .proxy = {}};

    // As if an earlier attempt had fetched so much of this version.
    void begun(std::string_view bytes, std::string validator) {
        REQUIRE(transfer.write(std::span<const char>(bytes)));
        transfer.validator = std::move(validator);
    }
    // The object so far.
    std::string content() const { return read_file(transfer.file.path()).value(); }
};

} // namespace mkpxerd::test
