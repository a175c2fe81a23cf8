# The types half of the NDR engine, natively: mingw-w64's rpcndr.h over the Windows types of tests/host.

NDR_TYPES := walk direct type simple pointer struct shape shape_out shape_in listed array string union correlation fullptr transmit usermarshal interface \
    represent convert export partial
NDR_MODEL := tests/host/model.c tests/host/model_format.c tests/host/model_value.c tests/host/model_encode.c \
    tests/host/model_routine.c
HOST_SRC  += $(NDR_TYPES:%=rpcrt4/ndr/%.c) tests/host/host.c tests/host/stub.c $(NDR_MODEL)
# Of the procedures half: what needs neither registers nor the runtime. Managers are called by tests/host/channel.c.
NDR_PROCS := proc call client server buffer init outinit binding pipe pipe_read pipe_write pipe_side
HOST_SRC  += $(NDR_PROCS:%=rpcrt4/ndr/%.c) tests/host/channel.c
HOST_SRC  += tests/host/proc_case.c tests/host/model_proc.c
TEST_AID  += tests/host/ndr_case.c
NDR_HOST  := -Itests/host -idirafter /usr/share/mingw-w64/include -Wno-unknown-pragmas
NDR_OBJ   := $(foreach d,$(BUILD)/host/tests $(BUILD)/host/fuzz,$d/rpcrt4/ndr/%.o $d/tests/host/%.o $d/tests/check_ndr_%.o \
    $d/tests/fuzz_ndr_%.o)
$(NDR_OBJ): HOST_FLAGS += $(NDR_HOST)
# What makes types and messages is not what is to be covered.
$(BUILD)/host/fuzz/tests/host/%.o: FUZZ_COVER :=

# The same suites as a 32-bit program, where pointers can be part of block-copied types (gcc-multilib). Windows aligns
# hyper to 8 there too.
M32      := $(BUILD)/host/m32
M32_TESTS := basic layout random rare represent settled special types
M32_SRC  := $(NDR_TYPES:%=rpcrt4/ndr/%.c) $(M32_TESTS:%=tests/check_ndr_%.c) tests/host/host.c tests/host/stub.c \
    $(NDR_MODEL) tests/host/ndr_case.c tests/m32/main.c
M32_OBJ  := $(M32_SRC:%.c=$(M32)/%.o)
$(M32)/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) -m32 -malign-double -O1 $(HOST_BASE) -Itests/m32 $(NDR_HOST) $(SANITIZE) -MMD -c -o $@ $<
$(M32)/tests/m32/main.o: NDR_HOST += '-DSUITES=${M32_TESTS:%=X(%)}'
$(M32)/tests/m32/main.o: tests/ndr.mk
$(M32)/unit: $(M32_OBJ)
	$(HOSTCC) -m32 $(SANITIZE) -o $@ $^
.PHONY: check-m32
check-m32: $(M32)/unit
	$(M32)/unit
ifneq ($(wildcard /usr/lib/gcc/*/*/32/libgcc.a),)
check-host: check-m32
endif

# The format characters that ndr/ names, for check_ndr_types.c: each has to have its test there.
NDR_NAMES := $(BUILD)/host/fc_names.h
$(NDR_NAMES): $(wildcard rpcrt4/ndr/*.c)
	@mkdir -p $(@D)
	@grep -oh '\<FC_[A-Z0-9_]*\>' $^ | sort -u | sed 's/.*/"&",/' > $@
$(foreach d,$(BUILD)/host/tests $(M32),$d/tests/check_ndr_types.o): $(NDR_NAMES)
$(foreach d,$(BUILD)/host/tests $(M32),$d/tests/check_ndr_types.o): NDR_HOST += -I$(BUILD)/host
