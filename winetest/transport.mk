# transport_test.exe: winetest/internal/, linked with the objects of rpcrt4/os and rpcrt4/transport, which it calls
# below the API. Not part of the program that runs on other runtimes.

INTERNAL_C := $(wildcard winetest/internal/*.c)
INTERNAL_DLL_C := $(wildcard rpcrt4/os/*.c rpcrt4/transport/*.c)
INTERNAL_DLL_S := $(wildcard rpcrt4/os/*.S)

# $(call internal_rules,ARCH)
define internal_rules
INTERNAL_OBJ_$(1) := $$(INTERNAL_C:winetest/%.c=$(BUILD)/$(1)/winetest/%.o) $(BUILD)/$(1)/winetest/main.o $(BUILD)/$(1)/winetest/hang.o \
    $$(INTERNAL_DLL_C:%.c=$(BUILD)/$(1)/obj/%.o) $$(INTERNAL_DLL_S:%.S=$(BUILD)/$(1)/obj/%.o)
$(BUILD)/$(1)/winetest/transport_test.exe: $$(INTERNAL_OBJ_$(1))
	$$(CC_$(1)) -g -o $$@ $$^ -static-libgcc -lntdll -ladvapi32 -lws2_32
ALL += $(BUILD)/$(1)/winetest/transport_test.exe
endef
$(foreach a,$(ARCHS),$(eval $(call internal_rules,$(a))))

.PHONY: check-transport
check-transport: build
	WINETEST_OURS_ONLY=1 tools/winetest $(BUILD)/$(ARCH)/winetest/transport_test.exe
