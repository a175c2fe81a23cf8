# The DLL against its table of exports, and the table against what every module of the Wines here asks for.
WINE_MODULES := $(wildcard /usr/lib/*/wine/*-windows $(or $(RPCRT4_ROOTS),$(BUILD)/roots)/*/usr/lib/*/wine/*-windows)

.PHONY: check-exports
check-host: check-exports
check-exports: build
	@for arch in $(ARCHS); do tools/check-exports dll $$arch $(BUILD)/$$arch/rpcrt4.dll || exit; done
	@tools/check-exports modules $(WINE_MODULES)
