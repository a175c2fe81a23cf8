"""impacket as a client of our server over TCP: bind, request, fragments, alter_context, faults.

usage: impacket_client.py PORT, of a running `rpcrt4_winetest.exe --peer interop_server`
"""
import struct
import sys

from impacket.dcerpc.v5 import transport
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.uuid import uuidtup_to_bin

SYNC = ("6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5e01", "1.2")
IMPLICIT = ("6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5e03", "3.1")
UNKNOWN = ("12345678-1234-5678-0102-030405060708", "1.0")
# Opnums by the order of the procedures in idl/test_sync.idl and idl/test_implicit.idl.
SYNC_ADD, SYNC_NEGATE, SYNC_ARRAY_IN, IMPLICIT_ADD = 1, 5, 27, 0


def connect(port):
    dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:127.0.0.1[{port}]").get_dce_rpc()
    dce.connect()
    return dce


def call(dce, opnum, stub):
    dce.call(opnum, stub)
    return dce.recv()


def expect_error(what, action, text):
    try:
        action()
    except DCERPCException as error:
        assert text in str(error), f"{what}: got {error}, expected {text}"
        return
    raise AssertionError(f"{what}: no error")


def main(port):
    dce = connect(port)
    dce.bind(uuidtup_to_bin(SYNC))
    assert struct.unpack("<l", call(dce, SYNC_ADD, struct.pack("<ll", 40, 2))[:4]) == (42,), "sum"
    assert struct.unpack("<q", call(dce, SYNC_NEGATE, struct.pack("<q", -5))[:8]) == (5,), "hyper"

    # A request in many fragments: 20,000 longs, each fragment as small as impacket is told to make it.
    dce.set_max_fragment_size(1000)
    longs = range(20000)
    stub = struct.pack("<lL", len(longs), len(longs)) + struct.pack(f"<{len(longs)}l", *longs)
    assert struct.unpack("<l", call(dce, SYNC_ARRAY_IN, stub)[:4]) == (sum(longs),), "fragmented request"

    other = dce.alter_ctx(uuidtup_to_bin(IMPLICIT))
    assert struct.unpack("<l", call(other, IMPLICIT_ADD, struct.pack("<ll", -1, 3))[:4]) == (2,), "altered context"
    assert struct.unpack("<l", call(dce, SYNC_ADD, struct.pack("<ll", 1, 1))[:4]) == (2,), "first context again"

    expect_error("opnum out of range", lambda: call(dce, 500, b""), "nca_s_op_rng_error")
    assert struct.unpack("<l", call(dce, SYNC_ADD, struct.pack("<ll", 2, 2))[:4]) == (4,), "after a fault"
    dce.disconnect()

    dce = connect(port)
    expect_error("unknown interface", lambda: dce.bind(uuidtup_to_bin(UNKNOWN)), "abstract_syntax_not_supported")
    dce.disconnect()
    return 0


if len(sys.argv) != 2:
    print("usage: impacket_client.py PORT", file=sys.stderr)
    sys.exit(2)
sys.exit(main(sys.argv[1]))
