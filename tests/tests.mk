# Native unit tests: tests/check_*.c, each with `Suite *suite_NAME(void)`, linked into one program with what they
# test, under ASan and UBSan. tests/fuzz_*.c: libFuzzer targets, each with a corpus in tests/corpus/NAME.
#
# A fragment beside this one (tests/NAME.mk) may add to HOST_SRC, and set HOST_FLAGS for its own objects
# ($(HOST)/rpcrt4/ndr/%.o: HOST_FLAGS += ...).

HOST       := $(BUILD)/host/tests
FUZZDIR    := $(BUILD)/host/fuzz
HOST_BASE  := -std=gnu11 -g $(WARN) -fno-strict-aliasing -Irpcrt4 -Itests
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HOST_FLAGS  =
FUZZ_COVER  = -fsanitize=fuzzer-no-link
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)
FUZZCC     ?= clang

HOST_SRC   += $(wildcard rpcrt4/wire/*.c)
HOST_OBJ    = $(HOST_SRC:%.c=$(HOST)/%.o)
FUZZ_OBJ    = $(HOST_SRC:%.c=$(FUZZDIR)/%.o)
TEST_SRC   := $(wildcard tests/check_*.c)
TEST_AID   += tests/pdu_samples.c
AID_OBJ     = $(TEST_AID:%.c=$(HOST)/%.o)
FUZZ_ALL   := $(patsubst tests/fuzz_%.c,%,$(wildcard tests/fuzz_*.c))
# `make fuzz FUZZ=pdu RUNS=1000000`; RUNS=-1 runs until stopped.
FUZZ       ?= pdu
RUNS       ?= 1000000
FUZZ_RUNS  ?= 20000

# HOST_SRC is whole only after every fragment was read.
.SECONDEXPANSION:
$(HOST)/unit: $$(HOST_OBJ) $(TEST_SRC:%.c=$(HOST)/%.o) $$(AID_OBJ) $(HOST)/main.o
	$(HOSTCC) $(SANITIZE) -o $@ $^ $(CHECK_LIBS)
$(HOST)/main.c: $(TEST_SRC) tests/tests.mk
	@mkdir -p $(@D)
	@{ echo '#include "check_main.h"'; for t in $(TEST_SRC:tests/check_%.c=%); do echo "SUITE($$t)"; done; \
	   echo 'MAIN_BEGIN'; for t in $(TEST_SRC:tests/check_%.c=%); do echo "ADD($$t)"; done; echo 'MAIN_END'; } > $@
$(HOST)/main.o: $(HOST)/main.c
	$(HOSTCC) $(HOST_BASE) $(SANITIZE) -MMD -c -o $@ $<
$(HOST)/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) -O1 $(HOST_BASE) $(HOST_FLAGS) $(SANITIZE) -MMD -c -o $@ $<

$(FUZZDIR)/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZCC) -O1 $(HOST_BASE) $(HOST_FLAGS) $(SANITIZE) $(FUZZ_COVER) -MMD -c -o $@ $<
$(FUZZDIR)/fuzz_%: $(FUZZDIR)/tests/fuzz_%.o $$(FUZZ_OBJ)
	$(FUZZCC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^

.PHONY: check-host check-fuzz fuzz
check-host: $(HOST)/unit check-fuzz
	$(HOST)/unit

# A short run over the kept corpus; what it finds new stays in build/.
check-fuzz: $(FUZZ_ALL:%=check-fuzz-%)
check-fuzz-%: $(FUZZDIR)/fuzz_%
	@mkdir -p $(FUZZDIR)/new/$*
	@$< -runs=$(FUZZ_RUNS) -seed=1 -max_len=4096 -verbosity=0 -artifact_prefix=$(FUZZDIR)/ $(FUZZDIR)/new/$* \
	    $(wildcard tests/corpus/$*) && echo "fuzz $*: $(FUZZ_RUNS) runs, nothing found"
fuzz: $(FUZZDIR)/fuzz_$(FUZZ)
	@mkdir -p $(FUZZDIR)/new/$(FUZZ)
	$< -runs=$(RUNS) -entropic=0 -max_len=4096 -artifact_prefix=$(FUZZDIR)/ $(FUZZDIR)/new/$(FUZZ) $(wildcard tests/corpus/$(FUZZ))
