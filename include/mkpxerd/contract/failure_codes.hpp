// SPDX-License-Identifier: MIT
// Every way in which a boot can fail: one table for the init, which reports the code and acts on it, for
// `mkpxerd explain`, which prints the page, and for docs/failures.md. A code never changes its meaning; one
// that is no longer used stays unused.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

// In the order of their codes.
enum class Failure : std::uint8_t {
    None, // a problem without a code: it explains the one before it, or comes from the generator
    // MPX-BUG
    InitBroke,
    // MPX-DEV
    NoDevice,
    // MPX-DHCP
    NoOffer,
    LeaseRefused,
    NoAcknowledgement,
    UnreadableDhcp,
    LeaseLost,
    // MPX-DNS
    NoSuchName,
    DnsSilent,
    NoDnsServer,
    DnsFailed,
    NoIpv4Address,
    // MPX-FETCH
    BadUrl,
    CannotStore,
    ConnectionRefused,
    HostSilent,
    Stalled,
    CutOff,
    WrongHash,
    BadSignature,
    NotSigned,
    BadKey,
    TooLarge,
    Unverifiable,
    PinNotTaken,
    // MPX-FILE
    FileAbsent,
    // MPX-FTP
    FtpNotFound,
    FtpLoginRefused,
    FtpRefused,
    NotFtp,
    // MPX-HTTP
    HttpNotFound,
    HttpRefused,
    HttpServerError,
    NotHttp,
    BadRedirect,
    WrongRange,
    ProxyLogin,
    ProxyRefused,
    UnwantedEncoding,
    // MPX-INIT
    ImageIncomplete,
    BadBootConfig,
    NoKernelMounts,
    // MPX-LOOP
    WrongModloopKernel,
    NotModloop,
    CannotPlaceModloop,
    // MPX-MNT
    MountFailed,
    UnknownFilesystem,
    // MPX-MOD
    NoModule,
    ModuleRefused,
    // MPX-NET
    NetworkOff,
    NoNetworkCard,
    NoInterface,
    NoCarrier,
    NoFirmware,
    CannotConfigure,
    NoPacketSockets,
    BadIpOption,
    CannotBringUp,
    InfinibandDhcp,
    // MPX-NFS
    NfsDenied,
    NoExport,
    NfsSilent,
    NoNfsVersion,
    NoNfsClient,
    NfsFailed,
    NfsAuthentication,
    // MPX-NTP
    NtpSilent,
    // MPX-OPT
    NothingToBoot,
    BadOption,
    ConflictingOptions,
    ForeignOption,
    // MPX-OVL
    Encrypted,
    // MPX-PKG
    NoApk,
    ApkFailed,
    NoPackage,
    UntrustedPackage,
    BadRepository,
    NoSpaceForPackages,
    NoRepository,
    // MPX-ROOT
    NoInit,
    CannotExecuteInit,
    NoInterpreter,
    WrongMachine,
    NoMountPoint,
    CannotEnterRoot,
    CannotFillRoot,
    // MPX-SYS
    SystemCallFailed,
    CannotStartProgram,
    ProgramTimeout,
    InitBlocked,
    // MPX-TAR
    DamagedArchive,
    ArchiveEscapes,
    NoSpaceToUnpack,
    CannotUnpack,
    OtherCompression,
    NoSafeUnpacking,
    ExcessiveArchive,
    // MPX-TLS
    CertificateExpired,
    CertificateNotYetValid,
    UnknownIssuer,
    WrongHostCertificate,
    TlsFailed,
    NoAuthorities,
    // MPX-URL
    UnknownPlaceholder,
};

struct FailureCode {
    Failure failure = Failure::None;
    std::string_view code = {};    // MPX-DHCP-01
    std::string_view meaning = {}; // one line
    std::string_view reason = {};  // why it happens, a sentence or two
    std::string_view remedy = {};  // what to do
    bool permanent = false;        // another attempt at the same download fails as well
    bool silent = false;           // nothing came in time: any other failure of the same object tells more
    bool absent = false;           // the object does not exist, which mkpxerd.optional= allows for
    int rank = 0;                  // how near an interface came to an address: the highest one is reported
};

// Sorted by code.
std::span<const FailureCode> failure_codes();
// The page of a code, as printed.
std::string failure_page(const FailureCode& code);

// MPX-DHCP-01; empty for Failure::None.
std::string_view code_text(Failure failure);
bool is_permanent(Failure failure);
bool is_absence(Failure failure);
bool is_silence(Failure failure);
// Replaces a failure of the same object by the next one, unless that is only silence after an answer.
void keep_more_telling(std::optional<Error>& kept, Error next);
int rank(Failure failure);

// to_text() after the code, if the problem has one.
std::string coded_text(const Problem& problem);

} // namespace mkpxerd
