#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: sandbox_test.sh MKPXERD INTRUDER
# The program itself, with a library inside that tries what a parser could that somebody has taken over: what it reads,
# writes, starts and reaches. And the bounds of memory and time, which name their options.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
need cpio cpio
mkpxerd=$(realpath "$1")
intruder=$(realpath "$2")
work=$(mktemp -d)
outside=$(mktemp -d)
trap 'rm -rf "$work" "$outside"' EXIT
export XDG_CACHE_HOME=$work/cache LC_ALL=C
cd "$work"
grep -q '^Seccomp:' /proc/self/status || skip "this kernel has no seccomp"

# A tree with one kernel, and an image.
mkdir -p tree/lib/modules/1 tree/etc/apk/keys tree/boot features files
touch tree/lib/modules/1/modules.{dep,builtin,order,alias,softdep,symbols,builtin.modinfo}
echo text >tree/etc/file
echo /etc/file >features/one.files
head -c 3000000 /dev/urandom >files/large
(cd files && echo large | cpio --quiet -o -H newc) >image.cpio

# intrude NAME AT COMMAND...: runs the command, and leaves what the intruder achieved in NAME.
intrude() {
    local name=$1 at=$2
    shift 2
    rm -f "$outside/new"
    touch "$outside/old"
    INTRUDER_AT=$at INTRUDER_REPORT=$work/$name INTRUDER_OUTSIDE=$outside LD_PRELOAD=$intruder "$@" \
        >"$name.out" 2>"$name.err" || [[ $name == lint && $? == 1 ]] || fail "$name with an intruder: $(cat "$name.err")"
    [[ -s $name ]] || fail "$name: the intruder never came to $at"
}
# achieves NAME [WHAT...]: that, and nothing else.
achieves() {
    local name=$1 found
    shift
    found=$(sed -n 's/: done$//p' "$name" | sort)
    [[ $found == "$(printf '%s\n' "$@" | sort)" ]] || fail "$name: an intruder achieves: $found"
}
# Each part counts where the kernel has it.
landlocked=no
grep -q Landlock <<<"$("$mkpxerd" -v -n -b tree -P features -F one -o probe 2>&1)" || landlocked=yes
writes_anywhere=() reads_anywhere=()
[[ $landlocked == yes ]] || writes_anywhere=(write remove) reads_anywhere=(read)
makes_code=(code)
! printf '6.3\n%s\n' "$(uname -r)" | sort -V -C || makes_code=()

reads=("${reads_anywhere[@]}" "${writes_anywhere[@]}" "${makes_code[@]}")
for words in "ls -" "ls --json -" "cat - large" "size -" "lint quiet -" "diff - $work/image.cpio"; do
    name=${words%% *}
    # shellcheck disable=SC2086  # words
    intrude "$name" memfd_create "$mkpxerd" $words < <(cat image.cpio)
    achieves "$name" "${reads[@]}"
done
intrude extract fchmod "$mkpxerd" extract -C into image.cpio
achieves extract "${reads[@]}"
! "$mkpxerd" extract -C empty none.cpio 2>err || fail "extract of a missing image succeeds"
[[ ! -e empty ]] || fail "extract of a missing image leaves its directory"
! "$mkpxerd" extract -C empty "$mkpxerd" 2>err || fail "extract of a program succeeds"
[[ ! -e empty ]] || fail "extract of what is no image leaves its directory"
cmp files/large into/large || fail "extract wrote something else"
build=(-P features -F one -b tree -n)
for words in "why etc/file" "-l" "-L"; do
    # shellcheck disable=SC2086  # words
    intrude planned readdir "$mkpxerd" $words "${build[@]}"
    achieves planned read "${writes_anywhere[@]}" "${makes_code[@]}"
done
ln -s target/image link
mkdir target
for output in built target/built link; do
    intrude build fchmod "$mkpxerd" "${build[@]}" -o "$output"
    achieves build read "${writes_anywhere[@]}" "${makes_code[@]}"
    [[ -s $output ]] || fail "nothing was built: $output"
done
intrude build fchmod "$mkpxerd" "${build[@]}"
achieves build read "${writes_anywhere[@]}" "${makes_code[@]}"
[[ -s tree/boot/initramfs-generic ]] || fail "nothing was built into the tree"
intrude overlay fchmod "$mkpxerd" overlay -o over files
achieves overlay read "${writes_anywhere[@]}" "${makes_code[@]}"

# What was done before is done now: streams of all kinds, and a local socket.
"$mkpxerd" -q "${build[@]}" -o - >streamed
cmp streamed built || fail "-o - differs"
"$mkpxerd" -q "${build[@]}" -o /dev/null
mkfifo pipe
cat pipe >streamed &
"$mkpxerd" -q "${build[@]}" -o pipe
wait $!
cmp streamed built || fail "a pipe differs"
if command -v python3 >/dev/null; then
    python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX); server.bind("socket"); server.listen(); open("ready", "w").close()
peer = server.accept()[0]
with open("streamed", "wb") as file:
    while piece := peer.recv(65536): file.write(piece)' &
    while [[ ! -e ready ]]; do kill -0 $! || fail "no socket"; done
    "$mkpxerd" -q "${build[@]}" -o socket
    wait $!
    cmp streamed built || fail "a socket differs"
fi
# Bounds.
python3 - <<'EOF' >entries.cpio || skip "python3 is missing (Debian package python3)"
import sys
for i in range(200000):
    name = b"a-long-name-of-a-file-in-an-image-of-many-entries-%d\0" % i
    head = b"070701%08x%s%08x%s" % (i + 1, b"000081a4" + b"0" * 16 + b"00000001" + b"0" * 8 + b"0" * 8 + b"0" * 32, len(name), b"0" * 8)
    sys.stdout.buffer.write(head + name + b"\0" * (-(len(head) + len(name)) % 4))
name = b"TRAILER!!!\0"
head = b"070701" + b"0" * 88 + b"%08x" % len(name) + b"0" * 8
sys.stdout.buffer.write(head + name + b"\0" * (-(len(head) + len(name)) % 4))
EOF
"$mkpxerd" ls entries.cpio >names || fail "an image of many entries cannot be read"
(($(wc -l <names) == 200001)) || fail "an image of many entries: $(wc -l <names) lines"
status=0
"$mkpxerd" ls --max-memory 20M entries.cpio >/dev/null 2>err || status=$?
[[ $status == 1 && $(cat err) == "mkpxerd: memory: more than 20 MiB are needed (--max-memory SIZE raises the limit"* ]] ||
    fail "--max-memory 20M: $status: $(cat err)"
"$mkpxerd" ls --max-memory 0 --max-time 0 entries.cpio >/dev/null || fail "without bounds"
"$mkpxerd" ls --max-memory much entries.cpio >/dev/null 2>err && fail "a wrong size is taken"
grep -q "much is not a size" err || fail "--max-memory much: $(cat err)"
echo "an intruder in eleven commands achieves nothing; Landlock: $landlocked"
