#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: repro_test.sh MKPXERD
# --repro on a real kernel: depmod's lists are in it unchanged, secrets, modules and files of the system are not, a failed
# build leaves it as well, and the build can be done again from it.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$source_dir/tests/support/shell.sh"
mkpxerd=$(realpath "$1")
find_test_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME=$work/cache
unset SOURCE_DATE_EPOCH

cat >site.yaml <<'EOF'
extends: network
# mkpxerd.proxy=http://old:s3cret@proxy
cmdline: "apkovl=http://user:s3cret@boot/x.tar.gz?token=s3cret netcons.password=s3cret quiet"
EOF
printf '%s\n' '-----BEGIN CERTIFICATE-----' s3cret '-----END CERTIFICATE-----' >ca.pem
echo s3cret >site.apkovl.tar.gz
echo "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00" >host.modalias
build=("$mkpxerd" -q -p ./site.yaml --kernel-root "$kernel_root" --hardware host.modalias --ca ca.pem
    --pin apkovl=site.apkovl.tar.gz)

"${build[@]}" -o image --repro repro.tar "$kernel_version"
[[ $(stat -c %a repro.tar) == 600 ]] || fail "mode $(stat -c %a repro.tar)"
tar --numeric-owner --utc -tvf repro.tar >list
! grep -v ' 0/0 .* 1970-01-01 ' list || fail "members of another owner or time"
! grep -E '\.ko(\.[a-z]+)?$|/etc/(passwd|shadow)$|ca\.pem|apkovl\.tar' list || fail "files that nobody needs"
tar -xf repro.tar
cd mkpxerd-repro
! grep -ra s3cret . || fail "a secret"
for file in README request.json profile.yaml report.json "files$work/site.yaml" "files$work/host.modalias"; do
    [[ -s $file ]] || fail "no $file"
done
lists=0
for list in "$kernel_root/lib/modules/$kernel_version"/modules.{dep,alias,softdep,builtin,builtin.modinfo,order,dep.bin,alias.bin}; do
    [[ -e $list ]] || continue
    cmp "$list" "files$(realpath "$list")" || cmp "$list" "files$list" || fail "$list"
    lists=$((lists + 1))
done
((lists >= 6)) || fail "only $lists lists of depmod"
find files -name network.yaml | grep . >list || fail "no profile network.yaml"
[[ $(find files -name '*.modules' | wc -l) -gt 10 ]] || fail "no feature lists"
cd ..

# Again: the same bytes; from the profile in it: the same image but for the cleaned options.
cp repro.tar before.tar
"${build[@]}" -o image --repro repro.tar "$kernel_version"
cmp repro.tar before.tar || fail "the same build writes another file"
"$mkpxerd" -q -p mkpxerd-repro/profile.yaml --cmdline quiet -o again "$kernel_version"
"${build[@]}" --cmdline quiet -o image "$kernel_version"
cmp image again || fail "another image"

# Confined to other directories, and after a failure.
mkdir other
"${build[@]}" -F "base unknown-feature" -o image --repro other/repro.tar "$kernel_version" 2>errors && fail "exit code 0"
tar -xOf other/repro.tar mkpxerd-repro/report.json | grep "unknown feature 'unknown-feature'" >list || fail "no error in report.json"
tar -tf other/repro.tar | grep '/modules.dep$' >list || fail "no lists after a failure"
! grep -q s3cret errors || fail "a secret in the errors"
[[ $(ls other) == repro.tar ]] || fail "left behind: $(ls other)"
echo "--repro has what $lists lists and a build read"
