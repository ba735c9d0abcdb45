// SPDX-License-Identifier: MIT
// Both ends of a SOCK_SEQPACKET pair: one message is one call, or one answer.
#include "mkpxerd/netboot/drivers/loader_process.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/netboot/drivers/loader_threads.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t longest_message = 16384; // a kernel command line has at most 4096
constexpr int gentle_nice = 10;

template <class Head>
std::string pack(const Head& head, std::string_view text) {
    std::string message(sizeof head, '\0');
    std::memcpy(message.data(), &head, sizeof head);
    return message.append(text);
}

// nullopt: shorter than its head.
template <class Head>
std::optional<std::pair<Head, std::string_view>> unpack(std::string_view message) {
    Head head;
    if (message.size() < sizeof head) return std::nullopt;
    std::memcpy(&head, message.data(), sizeof head);
    return std::pair(head, message.substr(sizeof head));
}

struct CallHead {
    std::uint32_t number;
    std::uint32_t gentle;
};

struct AnswerHead {
    std::uint32_t number;
    std::int32_t error; // errno
};

std::string pack_call(const ModuleCall& call) {
    return pack(CallHead{call.number, call.gentle ? 1U : 0U}, call.path + '\0' + call.parameters);
}

std::optional<ModuleCall> unpack_call(std::string_view message) {
    const auto parts = unpack<CallHead>(message);
    if (!parts) return std::nullopt;
    const auto& [head, text] = *parts;
    const std::size_t end = std::min(text.find('\0'), text.size());
    return ModuleCall{head.number, head.gentle != 0, std::string(text.substr(0, end)),
                      std::string(text.substr(std::min(end + 1, text.size())))};
}

std::optional<NumberedAnswer> unpack_answer(std::string_view message) {
    const auto parts = unpack<AnswerHead>(message);
    if (!parts) return std::nullopt;
    const auto& [head, text] = *parts;
    return NumberedAnswer{head.number,
                          {std::error_code(head.error, std::generic_category()), std::string(text)}};
}

// Standard input and output stay valid without holding the console.
void keep_only(int& socket) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (null >= 0) ::dup2(null, number);
    socket = ::dup2(socket, STDERR_FILENO + 1);
    (void)::syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0); // Linux 5.9; before, they stay open
}

// What a thread needed for an unpacked module is the kernel's again when it is loaded.
void return_memory_at_once() {
#ifdef M_MMAP_THRESHOLD
    ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

void perform(System& system, int socket, const ModuleCall& call) {
    ::setpriority(PRIO_PROCESS, 0, call.gentle ? gentle_nice : 0); // of this thread only: setpriority(2)
    const ModuleAnswer answer = system.load_module(call.path, call.parameters);
    const std::string message = pack(AnswerHead{call.number, answer.error.value()},
                                     std::string_view(answer.detail).substr(0, longest_message / 2));
    // After the hand-over nobody reads it.
    (void)!::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
}

} // namespace

int run_loader(System& system, int socket) {
    keep_only(socket);
    return_memory_at_once();
    LoaderThreads threads;
    std::array<char, longest_message> buffer{};
    while (true) {
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (auto call = unpack_call({buffer.data(), static_cast<std::size_t>(got)}))
            threads.run([&system, socket, call = std::move(*call)] { perform(system, socket, call); });
    }
    threads.finish();
    return 0;
}

Result<std::unique_ptr<LoaderProcess>> LoaderProcess::start(boost::asio::io_context& io, System& system,
                                                            Taker taker) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("loader", "cannot create a socket", errno);
    UniqueFd own(ends[0]);
    const UniqueFd others(ends[1]);
    MKPXERD_TRY(system.start_process([&] {
        own.reset(); // so that the socket can end
        return run_loader(system, others.get());
    }));
    MKPXERD_TRY_ASSIGN(auto socket, watched(io, std::move(own), "loader"));
    auto link = std::make_shared<Link>(Link{std::move(socket), std::move(taker)});
    listen(link);
    return std::unique_ptr<LoaderProcess>(new LoaderProcess(std::move(link)));
}

LoaderProcess::~LoaderProcess() {
    link_->taker = nullptr;
    boost::system::error_code ignored;
    link_->socket.close(ignored);
}

std::error_code LoaderProcess::send(const ModuleCall& call) {
    const std::string message = pack_call(call);
    if (message.size() > longest_message) return std::make_error_code(std::errc::argument_list_too_long);
    const ssize_t sent =
        ::send(link_->socket.native_handle(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
}

void LoaderProcess::listen(const std::shared_ptr<Link>& link) {
    link->socket.async_wait(boost::asio::posix::stream_descriptor::wait_read, [link](const auto& error) {
        std::array<char, longest_message> buffer{};
        while (!error && link->taker) {
            const Taker taker = link->taker; // which may end this process
            const ssize_t got =
                ::recv(link->socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            // ECONNRESET comes once, before the last answers: the process ended with calls that it had not
            // read.
            if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return listen(link);
            if (got <= 0) return taker(std::nullopt);
            if (auto answer = unpack_answer({buffer.data(), static_cast<std::size_t>(got)}))
                taker(std::move(answer));
        }
    });
}

} // namespace mkpxerd::netboot
