// SPDX-License-Identifier: MIT
// RFC 959, with SIZE, MDTM and REST (RFC 3659) and EPSV (RFC 2428) where the server supports them.
#include "mkpxerd/netboot/fetch/ftp_download.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/fetch/ftp_reply.hpp"
#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;

constexpr std::size_t buffer_size = 64 * 1024;

class FtpSession {
  public:
    FtpSession(const TransferContext& context, const Url& url, Transfer& transfer)
        : context_(context), url_(url), transfer_(transfer), timer_(context.deadline, transfer.patience) {}

    asio::awaitable<AttemptEnd> run();

  private:
    Deadline stall_deadline() { return timer_.next(received_, Clock::now()); }
    void abort();
    Task<void> fetch(const std::string& path);
    Task<void> log_in();
    Task<void> resume_or_restart(const std::string& path);
    Task<void> open_data();
    Task<void> receive();
    Task<FtpReply> reply();
    Task<FtpReply> command(std::string line);
    Error refused(std::string_view step, const FtpReply& reply, Failure code) const;
    AttemptEnd ended_by(const Error& error) const;

    const TransferContext& context_;
    const Url& url_;
    Transfer& transfer_;
    std::unique_ptr<Stream> control_;
    std::unique_ptr<Stream> data_;
    FtpReplyReader reader_;
    StallTimer timer_;
    std::uint64_t received_ = 0;     // bytes of the object, in this attempt
    std::optional<Interrupt> stall_; // from the first connection on
};

void FtpSession::abort() {
    if (control_) control_->abort();
    if (data_) data_->abort();
}

Error FtpSession::refused(std::string_view step, const FtpReply& answer, Failure code) const {
    return Error(Problem{.object = url_.redacted(),
                         .text = fmt::format("{}: {} {}", step, answer.code, answer.text),
                         .code = code});
}

// The next reply.
Task<FtpReply> FtpSession::reply() {
    for (;;) {
        MKPXERD_CO_TRY_ASSIGN(std::optional<FtpReply> next, reader_.next());
        if (next) co_return std::move(*next);
        std::vector<char> buffer(4096);
        MKPXERD_CO_TRY_ASSIGN(const std::size_t length, co_await control_->read_some(buffer));
        if (length == 0)
            co_return fail(url_.redacted(), "the server closed the connection", {}, Failure::CutOff);
        stall_->postpone(stall_deadline());
        MKPXERD_CO_TRY(reader_.feed({buffer.data(), length}));
    }
}

Task<FtpReply> FtpSession::command(std::string line) {
    line += "\r\n";
    MKPXERD_CO_TRY(co_await control_->write_all(line));
    co_return co_await reply();
}

Task<void> FtpSession::log_in() {
    MKPXERD_CO_TRY_ASSIGN(FtpReply answer, co_await reply());
    if (answer.code == 120) { // "ready in a few minutes"
        MKPXERD_CO_TRY_ASSIGN(answer, co_await reply());
    }
    if (answer.code != 220) co_return fail(refused("greeting", answer, Failure::FtpRefused));
    const bool anonymous = url_.user.empty();
    const std::string user = anonymous ? "anonymous" : url_.user;
    const std::string password = anonymous ? "mkpxerd@" : url_.password;
    MKPXERD_CO_TRY_ASSIGN(answer, co_await command("USER " + user));
    if (answer.code == 331) {
        MKPXERD_CO_TRY_ASSIGN(answer, co_await command("PASS " + password));
    }
    if (answer.code / 100 != 2)
        co_return fail(refused("login", answer,
                               answer.code / 100 == 5 ? Failure::FtpLoginRefused : Failure::FtpRefused));
    MKPXERD_CO_TRY_ASSIGN(answer, co_await command("TYPE I"));
    if (answer.code / 100 != 2) co_return fail(refused("binary mode", answer, Failure::FtpRefused));
    co_return Result<void>{};
}

// Asks for size and time of the object: together they show whether the bytes in the file still belong to it.
Task<void> FtpSession::resume_or_restart(const std::string& path) {
    MKPXERD_CO_TRY_ASSIGN(const FtpReply size, co_await command("SIZE " + path));
    MKPXERD_CO_TRY_ASSIGN(const FtpReply time, co_await command("MDTM " + path));
    std::string validator;
    transfer_.total.reset();
    if (size.code == 213) {
        transfer_.total = parse_number(trim(size.text));
        if (transfer_.total) MKPXERD_CO_TRY(transfer_.file.expect(*transfer_.total));
        if (time.code == 213) validator = size.text + " " + time.text;
    }
    bool resumes = !validator.empty() && validator == transfer_.validator && transfer_.file.size() > 0;
    if (resumes) {
        MKPXERD_CO_TRY_ASSIGN(const FtpReply rest,
                              co_await command(fmt::format("REST {}", transfer_.file.size())));
        resumes = rest.code == 350;
    }
    if (!resumes) MKPXERD_CO_TRY(transfer_.file.restart());
    transfer_.validator = validator;
    co_return Result<void>{};
}

Task<void> FtpSession::open_data() {
    MKPXERD_CO_TRY_ASSIGN(FtpReply answer, co_await command("EPSV"));
    std::optional<std::uint16_t> port = answer.code == 229 ? parse_epsv(answer.text) : std::nullopt;
    if (!port) {
        MKPXERD_CO_TRY_ASSIGN(answer, co_await command("PASV"));
        port = answer.code == 227 ? parse_pasv(answer.text) : std::nullopt;
    }
    if (!port) co_return fail(refused("passive mode", answer, Failure::FtpRefused));
    MKPXERD_CO_TRY_ASSIGN(data_, co_await connect_tcp(context_.io, context_.dns, control_->peer_address(),
                                                      *port, context_.deadline,
                                                      {.small_segments = transfer_.small_segments}));
    co_return Result<void>{};
}

Task<void> FtpSession::receive() {
    std::vector<char> buffer(buffer_size);
    for (;;) {
        MKPXERD_CO_TRY_ASSIGN(const std::size_t length, co_await data_->read_some(buffer));
        if (length == 0) break;
        received_ += length;
        stall_->postpone(stall_deadline());
        MKPXERD_CO_TRY(transfer_.write(std::span<const char>(buffer).first(length)));
    }
    data_.reset();
    MKPXERD_CO_TRY_ASSIGN(const FtpReply answer, co_await reply());
    if (answer.code / 100 != 2) co_return fail(refused("transfer", answer, Failure::CutOff));
    if (transfer_.total && *transfer_.total != transfer_.file.size())
        co_return fail(url_.redacted(), "the object is not as long as announced", {}, Failure::CutOff);
    co_return Result<void>{};
}

Task<void> FtpSession::fetch(const std::string& path) {
    MKPXERD_CO_TRY_ASSIGN(control_, co_await connect_tcp(context_.io, context_.dns, url_.host, url_.port,
                                                         context_.deadline,
                                                         {.small_segments = transfer_.small_segments}));
    stall_.emplace(context_.io, stall_deadline(), std::stop_token(), [this] { abort(); });
    MKPXERD_CO_TRY(co_await log_in());
    MKPXERD_CO_TRY(co_await open_data());
    MKPXERD_CO_TRY(co_await resume_or_restart(path)); // REST must come right before RETR
    MKPXERD_CO_TRY_ASSIGN(const FtpReply answer, co_await command("RETR " + path));
    if (answer.code == 550) co_return fail(refused("no such object", answer, Failure::FtpNotFound));
    if (answer.code / 100 != 1) co_return fail(refused("RETR", answer, Failure::FtpRefused));
    co_return co_await receive();
}

AttemptEnd FtpSession::ended_by(const Error& error) const {
    if (stall_ && stall_->fired())
        return AttemptEnd::broken(timer_.failure(url_, transfer_, received_, Clock::now()), url_, transfer_);
    if (error.first().code == Failure::FtpNotFound) return AttemptEnd::not_found(error);
    if (error.first().code == Failure::FtpLoginRefused) return AttemptEnd::definite(error);
    return AttemptEnd::broken(error, url_, transfer_);
}

asio::awaitable<AttemptEnd> FtpSession::run() {
    const std::optional<std::string> path = ftp_path(url_.target);
    if (!path)
        co_return AttemptEnd::definite(
            Problem{.object = url_.redacted(), .text = "does not name a file", .code = Failure::BadUrl});
    const Result<void> fetched = co_await fetch(*path);
    if (!fetched) co_return ended_by(fetched.error());
    co_return AttemptEnd{};
}

} // namespace

asio::awaitable<AttemptEnd> ftp_attempt(const TransferContext& context, const Url& url, Transfer& transfer) {
    FtpSession session(context, url, transfer);
    co_return co_await session.run();
}

} // namespace mkpxerd::netboot
