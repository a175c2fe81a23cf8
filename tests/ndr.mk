# The types half of the NDR engine, natively: mingw-w64's rpcndr.h over the Windows types of tests/host.

NDR_TYPES := walk type simple pointer struct shape array string union correlation fullptr transmit usermarshal interface \
    represent convert export
HOST_SRC  += $(NDR_TYPES:%=rpcrt4/ndr/%.c) tests/host/host.c tests/host/stub.c tests/host/model.c
TEST_AID  += tests/host/ndr_case.c
NDR_HOST  := -Itests/host -idirafter /usr/share/mingw-w64/include -Wno-unknown-pragmas
NDR_OBJ   := $(foreach d,$(BUILD)/host/tests $(BUILD)/host/fuzz,$d/rpcrt4/ndr/%.o $d/tests/host/%.o $d/tests/check_ndr_%.o \
    $d/tests/fuzz_ndr_%.o)
$(NDR_OBJ): HOST_FLAGS += $(NDR_HOST)
