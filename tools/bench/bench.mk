# The benchmark's programs, x86_64 only: they are for this machine.

BENCH := $(BUILD)/x86_64/bench
BENCH_FLAGS := $(CFLAGS) -D_WIN32_WINNT=0x0a00 -Iinclude -Itools/bench -I$(BENCH)

$(BENCH)/client.exe: $(BENCH)/client.o $(BENCH)/common.o $(BENCH)/bench_c.o $(BENCH)/bench_async_c.o $(BENCH)/bench_pipe_c.o
$(BENCH)/server.exe: $(BENCH)/server.o $(BENCH)/common.o $(BENCH)/bench_s.o $(BENCH)/bench_async_s.o $(BENCH)/bench_pipe_s.o
$(BENCH)/load.exe: $(BENCH)/load.o
$(BENCH)/ole.exe: $(BENCH)/ole.o
# Wine's own takes stack for each node of a list.
$(BENCH)/marshal.exe: $(BENCH)/marshal.o $(BENCH)/bench_marshal_c.o
$(BENCH)/marshal.exe: BENCH_LINK := -Wl,--stack,0x8000000
$(BENCH)/%.exe: $(BUILD)/x86_64/librpcrt4.a
	$(CC_x86_64) -g -o $@ $(filter %.o,$^) $(if $(filter load ole,$*),,$(BUILD)/x86_64/librpcrt4.a) -static-libgcc -lpsapi \
	    $(if $(filter ole,$*),-lole32 -luuid) $(BENCH_LINK)
$(BENCH)/%.o: tools/bench/%.c $(BENCH)/bench.h $(BENCH)/bench_async.h $(BENCH)/bench_pipe.h $(BENCH)/bench_marshal.h
	$(CC_x86_64) $(BENCH_FLAGS) -MMD -c -o $@ $<
# Of an interface without procedures the format string of its procedures is unused.
$(BENCH)/bench_%.o: $(BENCH)/bench_%.c
	$(CC_x86_64) $(BENCH_FLAGS) -Wno-unused-const-variable -MMD -c -o $@ $<
$(BENCH)/bench_c.c $(BENCH)/bench_s.c $(BENCH)/bench.h &: idl/bench.idl $(MIDL)
	@mkdir -p $(@D)
	$(MIDL) -nologo -Oicf -robust -env x64 -out $(@D) $<
$(BENCH)/bench_async_c.c $(BENCH)/bench_async_s.c $(BENCH)/bench_async.h &: idl/bench_async.idl idl/bench_async.acf $(MIDL)
	@mkdir -p $(@D)
	$(MIDL) -nologo -Oicf -robust -env x64 -out $(@D) $<
$(BENCH)/bench_pipe_c.c $(BENCH)/bench_pipe_s.c $(BENCH)/bench_pipe.h &: idl/bench_pipe.idl $(MIDL)
	@mkdir -p $(@D)
	$(MIDL) -nologo -Oicf -robust -env x64 -out $(@D) $<
$(BENCH)/bench_marshal_c.c $(BENCH)/bench_marshal.h &: idl/bench_marshal.idl idl/bench_marshal.acf $(MIDL)
	@mkdir -p $(@D)
	$(MIDL) -nologo -Oicf -robust -env x64 -out $(@D) $<
ALL += $(BENCH)/client.exe $(BENCH)/server.exe $(BENCH)/load.exe $(BENCH)/ole.exe $(BENCH)/marshal.exe

bench: build
	tools/bench/run $(BENCH)
