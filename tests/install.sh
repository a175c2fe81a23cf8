#!/bin/bash
# tools/install against made-up prefixes (every case of what may have stood there before) and against a real one.
# usage: tests/install.sh; closing line "N passed, N failed".
cd "$(dirname "$0")/.." || exit 2
work=build/install-test passed=0 failed=0
rm -rf "$work"

# ok WHAT COMMAND...: the command must succeed.
ok() {
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "tests/install.sh: failed: $what" >&2; fi
}

# prefix NAME ARCH OVERRIDE: a directory with what tools/install looks at; OVERRIDE "" for none, "-" for no section.
prefix() {
    local p=$work/$1
    mkdir -p "$p/drive_c/windows/system32"
    printf 'WINE REGISTRY Version 2\n\n#arch=%s\n' "$2" > "$p/system.reg"
    {
        printf 'WINE REGISTRY Version 2\n\n[Software\\\\Wine] 1\n"a"="b"\n\n'
        [ "$3" = - ] || printf '[Software\\\\Wine\\\\DllOverrides] 2\n"aaa"="native"\n%s"zzz"="builtin"\n\n' "$3"
        printf '[Software\\\\Wine\\\\X11 Driver] 3\n"rpcrt4"="no override"\n'
    } > "$p/user.reg"
    echo "what was there" > "$p/drive_c/windows/system32/rpcrt4.dll"
}

overrides() { awk '/DllOverrides\]/ { inside = 1; next } /^\[/ { inside = 0 } inside && /rpcrt4/' "$work/$1/user.reg"; }
has() { [ "$(overrides "$1")" = "$2" ]; }
same() { cmp -s "$1" "$work/$2"; }
quiet() { "$@" > "$work/out" 2>&1; }
refuses() {
    quiet "$@"
    [ $? -eq 2 ] && [ "$(wc -l < "$work/out")" -eq 1 ] && grep -q '^tools/' "$work/out"
}
mkdir -p "$work"

system32=drive_c/windows/system32/rpcrt4.dll syswow64=drive_c/windows/syswow64/rpcrt4.dll
number=0
for old in '"rpcrt4"="builtin"
' '' -; do
    for arch in win64 win32; do
        p=case$((++number)) main=build/x86_64/rpcrt4.dll
        [ $arch = win64 ] || main=build/i686/rpcrt4.dll
        prefix $p $arch "$old"
        [ $arch = win32 ] || mkdir "$work/$p/drive_c/windows/syswow64"
        cp "$work/$p/user.reg" "$work/before"
        ok "$p install" quiet tools/install "$work/$p"
        ok "$p DLL" same $main $p/$system32
        ok "$p override" has $p '"rpcrt4"="native,builtin"'
        [ $arch = win32 ] || ok "$p 32-bit DLL" same build/i686/rpcrt4.dll $p/$syswow64
        ok "$p install again" quiet tools/install "$work/$p"
        ok "$p override again" has $p '"rpcrt4"="native,builtin"'
        ok "$p uninstall" quiet tools/install --uninstall "$work/$p"
        ok "$p DLL restored" test "$(cat "$work/$p/$system32")" = "what was there"
        ok "$p no 32-bit DLL left" test ! -e "$work/$p/$syswow64"
        line=${old%$'\n'}
        ok "$p override restored" has $p "${line#-}"
        [ "$old" = - ] || ok "$p user.reg restored" same "$work/before" $p/user.reg
        ok "$p nothing left" test ! -e "$work/$p/rpcrt4-saved"
        ok "$p uninstall twice" refuses tools/install --uninstall "$work/$p"
    done
done
ok "no directory" refuses tools/install "$work/nowhere"
ok "no prefix" refuses tools/install "$work"
ok "no argument" refuses tools/install
ok "empty argument" refuses tools/install ''

# What the program itself loaded sorts last: the machinery around it stays on Wine's own.
# The real thing: a prefix of Wine's making (its files are links, its registry a copy), with nothing in the environment.
real=$PWD/$work/real
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
[ -x "$wine" ] || wine=wine
loaded() {
    WINEPREFIX=$real WINEDEBUG=+loaddll WINELOADER=$wine timeout 60 "$wine" build/x86_64/winetest/rpcrt4_winetest.exe --list \
        < /dev/null 2>&1 | grep -ai 'rpcrt4.dll' | grep -oE '(native|builtin)$' | sort -u | tail -1
    WINEPREFIX=$real wineserver -k
    WINEPREFIX=$real wineserver -w
}
tools/run --builtin cmd /c exit
mkdir "$real"
cp build/prefix/*.reg build/prefix/.update-timestamp "$real"
cp -al build/prefix/drive_c "$real"
cp -a build/prefix/dosdevices "$real"
rm -f "$real/$system32"
cp /usr/lib/x86_64-linux-gnu/wine/x86_64-windows/rpcrt4.dll "$real/$system32"
sed -i '/^\[Software\\\\Wine\\\\DllOverrides\]/,/^$/ { /^"rpcrt4"/d }' "$real/user.reg"
ok "before: Wine's own" test "$(loaded)" = builtin
ok "install" quiet tools/install "$real"
ok "after install: ours" test "$(loaded)" = native
ok "uninstall" quiet tools/install --uninstall "$real"
ok "after uninstall: Wine's own" test "$(loaded)" = builtin
WINEPREFIX=$real wineserver -p10
ok "in use" refuses tools/install "$real"
WINEPREFIX=$real wineserver -k
rm -rf "$work"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
