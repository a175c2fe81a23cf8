# The DLL against its table of exports; the table against what every module of the Wines here asks for, and against what is
# called by the programs that check-wine and check-demo run.
# Looked for when they are asked for: `make check` makes the roots meanwhile, each at once (ROOT.new is none yet).
WINE_MODULES = $(wildcard /usr/lib/*/wine/*-windows $(foreach r,i686-8 x86_64-10 i686-10,\
    $(or $(RPCRT4_ROOTS),$(BUILD)/roots)/$r/usr/lib/*/wine/*-windows))
CALLERS  = winetest/rpcrt4_winetest demo/client demo/server $(foreach p,$(MIDL_PROGRAMS),midl/$(p) midl/$(p)_os)

.PHONY: check-exports
check-host: check-exports
check-exports: build
	@for arch in $(ARCHS); do \
	    tools/check-exports dll $$arch $(BUILD)/$$arch/rpcrt4.dll || exit; \
	    tools/check-exports called $$arch $(CALLERS:%=$(BUILD)/$$arch/%.exe) || exit; done
	@tools/check-exports modules $(WINE_MODULES)
