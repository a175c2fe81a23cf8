# The benchmark's programs, for both architectures.

BENCH_IDL := bench bench_async bench_pipe bench_marshal

# $(call bench_rules,ARCH,MIDL environment,DIRECTORY)
define bench_rules
$(3)/client.exe: $(addprefix $(3)/,client.o common.o bench_c.o bench_async_c.o bench_pipe_c.o)
$(3)/server.exe: $(addprefix $(3)/,server.o common.o bench_s.o bench_async_s.o bench_pipe_s.o)
$(3)/load.exe: $(3)/load.o
$(3)/ole.exe: $(3)/ole.o
# Wine's own takes stack for each node of a list.
$(3)/marshal.exe: $(3)/marshal.o $(3)/bench_marshal_c.o
$(3)/marshal.exe: BENCH_LINK := -Wl,--stack,0x8000000
$(3)/%.exe: $(BUILD)/$(1)/librpcrt4.a
	$$(CC_$(1)) -g -o $$@ $$(filter %.o,$$^) $$(if $$(filter load ole,$$*),,$(BUILD)/$(1)/librpcrt4.a) -static-libgcc -lpsapi \
	    $$(if $$(filter ole,$$*),-lole32 -luuid) $$(BENCH_LINK)
$(3)/%.o: tools/bench/%.c $(BENCH_IDL:%=$(3)/%.h)
	$$(CC_$(1)) $$(BENCH_FLAGS) -I$(3) -MMD -c -o $$@ $$<
# Of an interface without procedures the format string of its procedures is unused.
$(3)/bench_%.o: $(3)/bench_%.c
	$$(CC_$(1)) $$(BENCH_FLAGS) -I$(3) -Wno-unused-const-variable -MMD -c -o $$@ $$<
$(3)/%_c.c $(3)/%_s.c $(3)/%.h &: idl/%.idl $$(wildcard idl/bench*.acf) $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -Oicf -robust -env $(2) -out $$(@D) $$<
ALL += $(addprefix $(3)/,client.exe server.exe load.exe ole.exe marshal.exe)
endef
BENCH_FLAGS := $(CFLAGS) -D_WIN32_WINNT=0x0a00 -Iinclude -Itools/bench
$(eval $(call bench_rules,x86_64,x64,$(BUILD)/x86_64/bench))
$(eval $(call bench_rules,i686,win32,$(BUILD)/i686/bench))

bench: build
	tools/bench/run $(BUILD)/$(ARCH)/bench
