.PHONY: check-interop
check-interop: build
	tools/interop/run $(BUILD)/$(ARCH)/winetest/rpcrt4_winetest.exe
	tools/interop/types $(BUILD)/$(ARCH)/winetest/rpcrt4_winetest.exe

.PHONY: check-smbtorture
check-smbtorture: build
	tools/interop/smbtorture $(BUILD)/$(ARCH)/winetest/rpcrt4_winetest.exe
