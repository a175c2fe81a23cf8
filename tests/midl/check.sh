#!/bin/sh
# Tests of the IDL compiler on the host. check.sh MIDL OUTDIR [update]
#   golden/NAME.idl: the format strings, as they are listed in the stub or the proxy file, are those of NAME.x64 and NAME.win32;
#     "midl: OPTIONS" in its first line are given to the compiler
#   errors/NAME.idl: refused with the messages of NAME.txt, status 2 and no file left behind
#   real/NAME.idl, golden, run: compile, and what comes out compiles with both mingw-w64 compilers
set -u
midl=$(realpath "$1") out=$2 update=${3-}
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
mkdir -p "$out" && out=$(realpath "$out")
passed=0 failed=0
good() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "$*"
}
# The two format strings of a stub, without the C around them.
listing() { sed -n '/FormatString =$/,/^    };/p' "$1" | sed '/^static const/s/.*__MIDL_/__MIDL_/'; }

# The C files of an IDL file: of COM interfaces the proxies and the identifiers, else the client's and the server's.
sides() { if [ -f "$1_p.c" ]; then echo p i; else echo c s; fi; }
stub() { if [ -f "$1_p.c" ]; then echo "$1_p.c"; else echo "$1_$2.c"; fi; }

options() { sed -n '1s/.*midl: \(.*\) \*\/$/\1/p' "$1"; }

golden() {
    for idl in "$here"/golden/*.idl; do
        name=$(basename "$idl" .idl)
        for env in x64 win32; do
            want=$here/golden/$name.$env
            timeout 20 "$midl" -nologo -env $env $(options "$idl") -out "$out/$env" "$idl" || { bad "$name.$env: not compiled" && continue; }
            listing "$(stub "$out/$env/$name" s)" >"$out/$env/$name.listing"
            [ -z "$update" ] || cp "$out/$env/$name.listing" "$want"
            if cmp -s "$out/$env/$name.listing" "$want"; then
                good
            else
                bad "$name.$env: the format strings differ"
                diff "$want" "$out/$env/$name.listing" | head -20
            fi
        done
    done
}

errors() {
    rm -rf "$out/errors"
    mkdir -p "$out/errors"
    for idl in "$here"/errors/*.idl; do
        name=$(basename "$idl" .idl)
        got=$out/$name.err
        (cd "$here/errors" && timeout 20 "$midl" -nologo -out "$out/errors" "$name.idl" 2>"$got") && status=0 || status=$?
        [ -z "$update" ] || cp "$got" "$here/errors/$name.txt"
        [ $status = 2 ] || bad "$name: status $status, not 2"
        [ -z "$(ls -A "$out/errors")" ] || bad "$name: left files behind"
        if cmp -s "$got" "$here/errors/$name.txt"; then
            good
        else
            bad "$name: the messages differ"
            diff "$here/errors/$name.txt" "$got"
        fi
    done
}

compile() { # idl [option]: through both compilers, warnings are errors
    name=$(basename "$1" .idl)
    for env in x64 win32; do
        cc=x86_64-w64-mingw32-gcc
        [ $env = x64 ] || cc=i686-w64-mingw32-gcc
        timeout 20 "$midl" -nologo -env $env $(options "$1") ${2-} -out "$out/$env" "$1" || { bad "$name.$env: not compiled" && continue; }
        for side in $(sides "$out/$env/$name"); do
            if $cc -std=gnu11 -O1 -Wall -Wextra -Werror -DWIN32_LEAN_AND_MEAN -DNOSERVICE -I"$root/include" -I"$here" -c -o "$out/$env/${name}_$side.o" \
                "$out/$env/${name}_$side.c"; then
                good
            else
                bad "$name.$env: ${name}_$side.c does not compile"
            fi
        done
    done
}

# Every option of the SDK's list is taken, with - and with /; others are refused by name, status 2.
option() {
    if timeout 20 "$midl" "$@" -out "$out/options" "$here/golden/base.idl" >/dev/null 2>"$out/options.err"; then
        good
    else
        bad "$*: $(head -1 "$out/options.err")"
    fi
}
no_option() { # message, options
    message=$1
    shift
    rm -rf "$out/options" && mkdir -p "$out/options"
    timeout 20 "$midl" "$@" -out "$out/options" "$here/golden/base.idl" 2>"$out/options.err" && status=0 || status=$?
    if [ $status = 2 ] && grep -q -e "$message" "$out/options.err" && [ -z "$(ls -A "$out/options")" ]; then
        good
    else
        bad "$*: status $status, $(head -1 "$out/options.err")"
    fi
}
options_taken() {
    mkdir -p "$out/options"
    echo "-nologo /env x64 -I \"$here/real\" -DX=1" >"$out/response"
    while read -r line; do
        option $line
        option /${line#-}
    done <<'END'
-iid i.c
-proxy p.c
-dlldata dlldata.c
-h base_.h
-header base_.h
-cstub c.c
-sstub s.c
-client none
-client stub
-server none
-server stub
-prefix client c_ server s_
-prefix all a_
-I /tmp
-I/tmp
-D NAME
-DNAME=1
-U NAME
-env win32
-env x64
-win32
-win64
-amd64
-target NT50
-target NT60
-target NT62
-Oi
-Oic
-Oif
-Oicf
-Os
-oldnames
-robust
-no_robust
-protocol dce
-protocol all
-W0
-W1
-W4
-warn3
-WX
-error all
-error none
-error bounds_check
-char signed
-char unsigned
-char ascii7
-ms_ext
-c_ext
-osf
-app_config
-nologo
-cpp_cmd cpp
-cpp_opt -E
-use_epv
-no_default_epv
-ms_union
-pack 4
-align 8
-Zp4
-Zp8
-syntax_check
-Zs
-no_def_idir
-no_format_opt
-rpcss
-savePP
-no_warn
-confirm
-no_stamp
-lcid 1033
-msc_ver 1900
-newtlb
-notlb
-mktyplib203
-new
-old
-oldtlb
-sal
-sal_local
END
    option "@$out/response"
    for sign in "signed unsigned_char_c small_i8" "unsigned char_c signed_small_i8" "ascii7 char_c small_i8"; do
        set -- $sign
        timeout 20 "$midl" -nologo -char $1 -out "$out/options" "$here/golden/base.idl"
        for name in $2 $3; do
            if grep -q "\*/ $(echo "$name" | tr _ ' ')," "$out/options/base.h"; then good; else bad "-char $1: no $name"; fi
        done
    done
    option -nocpp
    no_option "'-frobnicate'" -frobnicate
    no_option "'/Oz'" /Oz
    no_option "-pack.*'3'" -pack 3
    no_option "-target.*'XP'" -target XP
    no_option "-env.*'dos'" -env dos
    no_option "response file" "@$out/nowhere"
}

# The server's tables name every opnum of the documents, and those named here have the document's numbers.
opnums() { # interface file count NAME=OPNUM...
    n=$(sed -n "/^static const RPC_DISPATCH_TABLE $1_v/,/};/p" "$out/x64/$2_s.c" |
        sed -n 's/^    \([0-9]*\),$/\1/p' | sed -n '/^[1-9]/{p;q;}')
    if [ "$n" = "$3" ]; then good; else bad "$1: $n procedures, the document has $3"; fi
    file=$out/x64/$2_s.c
    shift 3
    for known; do
        n=$(sed -n 's,.*/\* Procedure \(.*\) \*/,\1,p' "$file" | sed -n "$((${known#*=} + 1))p")
        if [ "$n" = "${known%=*}" ]; then good; else bad "opnum ${known#*=} is $n, the document says ${known%=*}"; fi
    done
}

mkdir -p "$out/x64" "$out/win32"
golden
errors
options_taken
for idl in "$here"/real/*.idl "$here"/golden/*.idl "$here"/basic.idl "$here"/features.idl "$here"/bounds.idl; do
    # -Os stubs are not robust, which asynchronous interfaces need where what is [out] depends on what is [in]
    grep -q async_uuid "$idl" || compile "$idl" -Os
    compile "$idl"
done
while read -r interface file count known; do
    # shellcheck disable=SC2086
    opnums "$interface" "$file" "$count" $known
done <"$here/real/opnums.txt"
echo "midl: $passed passed, $failed failed"
[ $failed = 0 ]
