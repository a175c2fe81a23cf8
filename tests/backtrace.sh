#!/bin/bash
# A crash inside our DLL: winedbg's backtrace names our functions and lines.
# usage: tests/backtrace.sh; closing line "N passed, N failed".
cd "$(dirname "$0")/.." || exit 2
arch=${ARCH:-x86_64} work=build/backtrace-test passed=0 failed=0
rm -rf "$work"
mkdir -p "$work"

# ok WHAT COMMAND...: the command must succeed.
ok() {
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "tests/backtrace.sh: failed: $what" >&2; fi
}

cat > "$work/crash.c" << 'END'
#include <rpc.h>
int main(void)
{
    RPC_CSTR text;
    return UuidToStringA((UUID *)16, &text);
}
END
ok "the program is made" "$arch-w64-mingw32-gcc" -g -gdwarf-4 "$work/crash.c" -o "$work/crash.exe" -Lbuild/"$arch" -lrpcrt4
# winedbg prints the backtrace by itself when the program that it continues faults.
WINEDEBUG=-all timeout 120 tools/run 'C:\windows\system32\winedbg.exe' --command cont "$work/crash.exe" \
    > "$work/out" 2>&1 < /dev/null
frame='in rpcrt4 \('
ok "the exported function with its line" grep -qaE 'UuidToStringA.*\[.*rpcrt4[\\/]api[\\/]uuid\.c:[0-9]+\] '"$frame" "$work/out"
ok "the function that faults with its line" \
    grep -qaE '=>0 .*\[.*rpcrt4[\\/][a-z]+[\\/][a-z_]+\.c:[0-9]+\] '"$frame" "$work/out"
ok "the caller below it" grep -qaE ' main(\+0x[0-9a-f]+)?\(.*crash\.c:[56]\] in crash' "$work/out"
[ $failed -eq 0 ] || cat "$work/out" >&2
rm -rf "$work"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
