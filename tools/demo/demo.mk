# The demo: plain programs from idl/asyncrpc.idl and .acf, as any user of the SDK would build them.

# $(call demo_rules,ARCH,MIDL environment)
define demo_rules
DEMO_FLAGS_$(1) := $$(CFLAGS) -D_WIN32_WINNT=0x0a00 $$(ARCHFLAGS_$(1)) -Iinclude -I$(BUILD)/$(1)/demo

$(BUILD)/$(1)/demo/client.exe: $(BUILD)/$(1)/demo/client.o $(BUILD)/$(1)/demo/asyncrpc_c.o $(BUILD)/$(1)/librpcrt4.a
	$$(CC_$(1)) -g -o $$@ $$^ -static-libgcc -luser32
$(BUILD)/$(1)/demo/server.exe: $(BUILD)/$(1)/demo/server.o $(BUILD)/$(1)/demo/asyncrpc_s.o $(BUILD)/$(1)/librpcrt4.a
	$$(CC_$(1)) -g -o $$@ $$^ -static-libgcc -luser32
$(BUILD)/$(1)/demo/%.o: tools/demo/%.c $(BUILD)/$(1)/demo/asyncrpc.h
	$$(CC_$(1)) $$(DEMO_FLAGS_$(1)) -MMD -c -o $$@ $$<
$(BUILD)/$(1)/demo/asyncrpc_%.o: $(BUILD)/$(1)/demo/asyncrpc_%.c
	$$(CC_$(1)) $$(DEMO_FLAGS_$(1)) -MMD -c -o $$@ $$<
$(BUILD)/$(1)/demo/asyncrpc_c.c $(BUILD)/$(1)/demo/asyncrpc_s.c $(BUILD)/$(1)/demo/asyncrpc.h &: \
    idl/asyncrpc.idl idl/asyncrpc.acf $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -Oicf -robust -env $(2) -out $$(@D) $$<
ALL += $(BUILD)/$(1)/demo/client.exe $(BUILD)/$(1)/demo/server.exe
endef
$(eval $(call demo_rules,x86_64,x64))
$(eval $(call demo_rules,i686,win32))

demo:
	tools/setup
	$(MAKE) -s build
	tools/demo/run $(BUILD)/$(ARCH)/demo

# The same without the words, for every leg of `make check`.
.PHONY: check-demo
check-demo: build
	@tools/demo/run $(BUILD)/$(ARCH)/demo > $(BUILD)/demo.log 2>&1; status=$$?; \
	sed -n '/^What was shown/,$$p' $(BUILD)/demo.log; [ $$status -eq 0 ] || tail -n 60 $(BUILD)/demo.log; exit $$status
