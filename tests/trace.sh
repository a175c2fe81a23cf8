#!/bin/bash
# What can be seen from outside: RPCRT4_PCAP's file through tshark, and WINEDEBUG=+rpc.
# usage: tests/trace.sh; closing line "N passed, N failed".
cd "$(dirname "$0")/.." || exit 2
work=build/trace-test passed=0 failed=0
rm -rf "$work"
mkdir -p "$work"
program=build/${ARCH:-x86_64}/winetest/rpcrt4_winetest.exe

# ok WHAT COMMAND...: the command must succeed.
ok() {
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "tests/trace.sh: failed: $what" >&2; fi
}
# packets FILE FILTER: how many packets of a capture match.
packets() { tshark -r "$1" -Y "$2" 2> /dev/null | wc -l; }
run() { timeout 120 tools/run "$program" "$1" > "$work/out" 2>&1 < /dev/null; }

# A topic that goes over every transport and knows calls, faults and cancels.
RPCRT4_PCAP=$PWD/$work/%p.pcap WINEDEBUG=+rpc ok "the topic passes" run async_abort
files=("$work"/*.pcap)
ok "a capture for each process" test -s "${files[0]}"
count=0
for file in "${files[@]}"; do
    ok "$file: nothing malformed" test "$(packets "$file" '_ws.malformed')" -eq 0
    ok "$file: no gap" test "$(packets "$file" 'tcp.analysis.flags && !tcp.analysis.push_bytes_sent')" -eq 0
    ok "$file: every packet is a PDU or a full part of one" test "$(packets "$file" '!dcerpc && tcp.len != 32768')" -eq 0
    for type in 0 2 3 11 12; do
        ok "$file: PDUs of type $type" test "$(packets "$file" "dcerpc.pkt_type == $type")" -gt 0
    done
    ok "$file: one bind a connection" test \
        "$(tshark -r "$file" -T fields -e tcp.stream 2> /dev/null | sort -u | wc -l)" -eq "$(packets "$file" 'dcerpc.pkt_type == 11')"
    count=$((count + 1))
done
ok "lines in Wine's format" grep -qaE '^[0-9a-f]{4}:trace:rpc:[A-Za-z_0-9]+ ' "$work/out"
ok "no other form of line" test "$(grep -aE 'trace:rpc' "$work/out" | grep -avcE '(^|[^0-9a-f])[0-9a-f]{4}:trace:rpc:[A-Za-z_0-9]+ ')" -eq 0

RPCRT4_PCAP=$PWD/$work/one.pcap ok "one name for all" run async_abort
ok "one name, one whole file" test "$(packets "$work/one.pcap" '_ws.malformed')" -eq 0
ok "silent unless asked" test "$(grep -acE ':(trace|warn):rpc:' "$work/out")" -eq 0
RPCRT4_PCAP=/nowhere/at/all.pcap ok "no file, no harm" run async_abort
ok "but a word about it" grep -qaE ':err:rpc:.*cannot write' "$work/out"
rm -rf "$work"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
