# rpcrt4_winetest.exe: every .c file here, with the stubs of idl/test_*.idl, for both architectures.
# Server stubs and manager routines carry the prefix s_, so that both sides of an interface live in one program.

WINETEST_C     := $(wildcard winetest/*.c)
WINETEST_LIBS  := -ladvapi32 -luser32 -lws2_32 -lole32 -loleaut32 -luuid

# $(call winetest_rules,ARCH,MIDL environment)
define winetest_rules
WINETEST_OBJ_$(1) := $$(WINETEST_C:winetest/%.c=$(BUILD)/$(1)/winetest/%.o) \
    $$(foreach i,$$(IDL_TEST),$(BUILD)/$(1)/winetest/idl/$$(i)_c.o $(BUILD)/$(1)/winetest/idl/$$(i)_s.o)
WINETEST_H_$(1) := $$(IDL_TEST:%=$(BUILD)/$(1)/winetest/idl/%.h)
WINETEST_FLAGS_$(1) := $$(CFLAGS) $$(filter-out -D_RPCRT4_,$$(WINDEFS)) $$(ARCHFLAGS_$(1)) -D__USE_MINGW_ANSI_STDIO=1 \
    -Iinclude -Iwinetest -I$(BUILD)/$(1)/winetest/idl

$(BUILD)/$(1)/winetest/rpcrt4_winetest.exe: $$(WINETEST_OBJ_$(1)) $(BUILD)/$(1)/librpcrt4.a
	$$(CC_$(1)) -g -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) -static-libgcc $(WINETEST_LIBS)
$(BUILD)/$(1)/winetest/%.o: winetest/%.c | $$(WINETEST_H_$(1))
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(WINETEST_FLAGS_$(1)) -MMD -c -o $$@ $$<
$(BUILD)/$(1)/winetest/idl/%.o: $(BUILD)/$(1)/winetest/idl/%.c
	$$(CC_$(1)) $$(WINETEST_FLAGS_$(1)) -MMD -c -o $$@ $$<
$(BUILD)/$(1)/winetest/idl/%_c.c $(BUILD)/$(1)/winetest/idl/%_s.c $(BUILD)/$(1)/winetest/idl/%.h &: \
    idl/%.idl $$(wildcard idl/test_*.acf) $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -Oicf -robust -env $(2) -prefix server s_ -out $$(@D) $$<
ALL += $(BUILD)/$(1)/winetest/rpcrt4_winetest.exe
endef
$(eval $(call winetest_rules,x86_64,x64))
$(eval $(call winetest_rules,i686,win32))

.PHONY: check-imports
check-imports: build
	tools/check-imports $(ARCHS:%=$(BUILD)/%/rpcrt4.dll)
check-host: check-imports

check-wine: build
	tools/winetest $(BUILD)/$(ARCH)/winetest/rpcrt4_winetest.exe
