.PHONY: check-interop
check-interop: build
	tools/interop/run $(BUILD)/$(ARCH)/winetest/rpcrt4_winetest.exe
check: check-interop
