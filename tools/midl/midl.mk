# The IDL compiler: a host program.
MIDL_GEN := $(BUILD)/host/midl-gen
MIDL_C   := $(wildcard tools/midl/*.c)
MIDL_OBJ := $(MIDL_C:tools/midl/%.c=$(MIDL_GEN)/%.o) $(MIDL_GEN)/idl.tab.o $(MIDL_GEN)/lex.yy.o
MIDL_CFLAGS := -std=gnu11 -O2 -g $(WARN) -D_GNU_SOURCE -Itools/midl -I$(MIDL_GEN)

$(BUILD)/host/midl: $(MIDL_OBJ)
	$(HOSTCC) -g -o $@ $^
$(MIDL_GEN)/idl.tab.c $(MIDL_GEN)/idl.tab.h &: tools/midl/idl.y
	@mkdir -p $(@D)
	bison -Werror --header=$(MIDL_GEN)/idl.tab.h -o $(MIDL_GEN)/idl.tab.c $<
$(MIDL_GEN)/lex.yy.c: tools/midl/idl.l
	@mkdir -p $(@D)
	flex -o $@ $<
$(MIDL_GEN)/%.o: tools/midl/%.c $(MIDL_GEN)/idl.tab.h
	@mkdir -p $(@D)
	$(HOSTCC) $(MIDL_CFLAGS) -MMD -c -o $@ $<
$(MIDL_GEN)/idl.tab.o $(MIDL_GEN)/lex.yy.o: $(MIDL_GEN)/%.o: $(MIDL_GEN)/%.c $(MIDL_GEN)/idl.tab.h
	$(HOSTCC) $(MIDL_CFLAGS) -Wno-unused-function -MMD -c -o $@ $<

ALL += $(BUILD)/host/midl

# The fuzzer: `make fuzz-midl RUNS=1000000`; check-midl does a short run.
MIDL_FUZZ     := $(BUILD)/host/midl-fuzz
MIDL_FUZZ_SRC := $(filter-out tools/midl/main.c,$(MIDL_C)) $(MIDL_GEN)/idl.tab.c $(MIDL_GEN)/lex.yy.c tests/midl/fuzz_midl.c
$(MIDL_FUZZ)/fuzz_midl: $(MIDL_FUZZ_SRC) tools/midl/midl.h tools/midl/wire.h tools/midl/attrs.def
	@mkdir -p $(@D)
	clang -O1 -g -std=gnu11 -D_GNU_SOURCE -DMIDL_FUZZ -Itools/midl -I$(MIDL_GEN) -fsanitize=address,undefined,fuzzer \
	    -fno-sanitize-recover=undefined -o $@ $(MIDL_FUZZ_SRC)
.PHONY: fuzz-midl
fuzz-midl: $(MIDL_FUZZ)/fuzz_midl
	@mkdir -p $(MIDL_FUZZ)/corpus
	$< -runs=$(RUNS) -max_len=3000 -dict=tests/midl/idl.dict -artifact_prefix=$(MIDL_FUZZ)/ -close_fd_mask=0 \
	    $(MIDL_FUZZ)/corpus $(wildcard tests/midl/seeds)

# check-midl: format strings, error messages and the documents' interfaces; check-midl-wine: what the stubs do.
.PHONY: check-midl check-midl-wine
check-midl: $(BUILD)/host/midl
	@tests/midl/check.sh $(BUILD)/host/midl $(BUILD)/host/midl-check
check-host: check-midl

# $(call midl_run,ARCH,MIDL environment,PROGRAM)
define midl_run
$(BUILD)/$(1)/midl/$(3).exe: tests/midl/$(3).c tests/midl/$(3).idl $$(wildcard tests/midl/$(3).acf) $(BUILD)/host/midl $(BUILD)/$(1)/librpcrt4.a
	@mkdir -p $$(@D)
	$(BUILD)/host/midl -nologo -env $(2) -prefix server s_ -out $$(@D) tests/midl/$(3).idl
	$$(CC_$(1)) $$(CFLAGS) -Wno-unused-parameter -D_WIN32_WINNT=0x0a00 -Iinclude -I$$(@D) -static-libgcc -o $$@ $$< \
	    $$(@D)/$(3)_c.c $$(@D)/$(3)_s.c $(BUILD)/$(1)/librpcrt4.a
ALL += $(BUILD)/$(1)/midl/$(3).exe
endef
$(foreach p,basic features,$(eval $(call midl_run,x86_64,x64,$(p)))$(eval $(call midl_run,i686,win32,$(p))))

check-midl-wine: build
	tools/run $(BUILD)/$(ARCH)/midl/basic.exe
	tools/run $(BUILD)/$(ARCH)/midl/features.exe
	tools/run --builtin $(BUILD)/$(ARCH)/midl/basic.exe
check-wine: check-midl-wine
