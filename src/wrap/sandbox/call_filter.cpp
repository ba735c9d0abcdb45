// SPDX-License-Identifier: MIT
// Refuses a list of dangerous system calls. There is no list of allowed ones, because the needs of the C
// library change from version to version. New system calls pass the filter; no_new_privs, capabilities and
// Landlock still apply to them.
#include "call_filter.hpp"

#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace mkpxerd::wrap {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t own_architecture = AUDIT_ARCH_RISCV64;
#else
constexpr std::uint32_t own_architecture =
    0; // no filter: on other architectures, one call may stand for many
#endif

// The same everywhere since Linux 5.1; headers may be older.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

constexpr unsigned always_refused[] = {
    // Other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_pidfd_open, SYS_pidfd_getfd,
    SYS_pidfd_send_signal, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_perf_event_open, SYS_migrate_pages,
    SYS_move_pages,
    // The machine.
    SYS_reboot, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
    SYS_bpf, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_syslog,
    SYS_acct, SYS_swapon, SYS_swapoff, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
    SYS_sethostname, SYS_setdomainname, SYS_vhangup, SYS_personality, SYS_quotactl, SYS_fanotify_init,
    SYS_open_by_handle_at, SYS_add_key, SYS_request_key, SYS_keyctl,
    // Mounts and namespaces.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_move_mount, SYS_open_tree,
    SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
#ifdef SYS_mount_setattr
    SYS_mount_setattr,
#endif
    // Credentials.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups,
    SYS_setfsuid, SYS_setfsgid, SYS_capset};
// Needed only for starting programs. tkill reaches a thread of any process; tgkill is limited to our own
// below.
constexpr unsigned of_programs[] = {SYS_execve,
                                    SYS_execveat,
                                    SYS_kill,
                                    SYS_tkill,
                                    SYS_setpriority,
                                    SYS_ioprio_set,
                                    SYS_sched_setparam,
                                    SYS_sched_setattr,
                                    SYS_sched_setscheduler,
                                    SYS_sched_setaffinity,
                                    SYS_setpgid,
                                    SYS_process_madvise};
// An inherited socket can still be used by write(2).
constexpr unsigned of_sockets[] = {SYS_socketpair, SYS_bind, SYS_listen, SYS_accept, SYS_accept4};

constexpr std::uint32_t namespace_flags =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// A BPF program of tests, first to last; allows every call that none of them refuses.
class CallFilter {
  public:
    CallFilter() {
        load(offsetof(seccomp_data, arch));
        add(BPF_JMP | BPF_JEQ | BPF_K, own_architecture, 1, 0);
        add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
        constexpr std::uint32_t x32 = 0x40000000; // the same calls by other numbers
        add(BPF_JMP | BPF_JGE | BPF_K, x32, 0, 1);
        refuse_now(EPERM);
#endif
    }
    void refuse(unsigned call, unsigned error = EPERM) {
        add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
        refuse_now(error);
    }
    template <std::size_t N>
    void refuse_all(const unsigned (&calls)[N]) {
        for (const unsigned call : calls)
            refuse(call);
    }
    // Refuses if the low half of an argument is this value, or has one of these bits.
    void refuse_value(unsigned call, unsigned argument, std::uint32_t value, bool bits = false) {
        when(call, argument, bits ? BPF_JSET : BPF_JEQ, value, true);
    }
    // Refuses if it is any other value.
    void refuse_but(unsigned call, unsigned argument, std::uint32_t value) {
        when(call, argument, BPF_JEQ, value, false);
    }
    // Later threads inherit it.
    bool install() {
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        const sock_fprog filter{static_cast<unsigned short>(program_.size()), program_.data()};
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
    }

  private:
    void add(unsigned code, std::uint32_t value, unsigned if_true = 0, unsigned if_false = 0) {
        program_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_true),
                            static_cast<std::uint8_t>(if_false), value});
    }
    void load(std::size_t offset) {
        add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
    }
    void refuse_now(unsigned error) {
        add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    void when(unsigned call, unsigned argument, unsigned test, std::uint32_t value, bool refused) {
        add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
        load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t)); // little-endian: the low half
        add(BPF_JMP | test | BPF_K, value, refused ? 0 : 1, refused ? 1 : 0);
        refuse_now(EPERM);
        load(offsetof(seccomp_data, nr));
    }
    std::vector<sock_filter> program_;
};

void refuse_sockets(CallFilter& filter, Network network) {
    if (network == Network::Any) return;
    filter.refuse_all(of_sockets);
    if (network == Network::Local) {
        filter.refuse_but(SYS_socket, 0, AF_UNIX);
    } else {
        filter.refuse(SYS_socket);
        filter.refuse(SYS_connect);
    }
}

} // namespace

bool filter_calls(const Powers& powers) {
    if (own_architecture == 0) return false;
    CallFilter filter;
    filter.refuse_all(always_refused);
    if (!powers.programs) {
        filter.refuse_all(of_programs);
        filter.refuse_but(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid())); // raise(3), abort(3)
        filter.refuse_but(SYS_prlimit64, 0, 0); // getrlimit(3), setrlimit(3)
    }
    refuse_sockets(filter, powers.network);
    filter.refuse_value(SYS_clone, 0, namespace_flags, true);
    filter.refuse(SYS_clone3,
                  ENOSYS); // its flags are in memory, out of reach; the C library falls back to clone
    // Both can type commands into the terminal of the shell.
    filter.refuse_value(SYS_ioctl, 1, TIOCSTI);
    filter.refuse_value(SYS_ioctl, 1, TIOCLINUX);
    return filter.install();
}

void drop_network() {
    if (own_architecture == 0) return;
    CallFilter filter;
    refuse_sockets(filter, Network::None);
    (void)filter.install();
}

} // namespace mkpxerd::wrap
