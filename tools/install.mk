# Our DLL into a Wine prefix of the user's and back out; the zip to carry the tests to Windows.

PREFIX ?=
DIST   := $(BUILD)/rpcrt4-winetest.zip

.PHONY: install uninstall dist check-install
install: $(ARCHS:%=$(BUILD)/%/rpcrt4.dll)
	@tools/install "$(PREFIX)"
uninstall:
	@tools/install --uninstall "$(PREFIX)"
check-host: check-install
check-install: build
	tests/install.sh

# The conformance tests alone: on Windows they run against the rpcrt4.dll of the system.
dist: $(ARCHS:%=$(BUILD)/%/winetest/rpcrt4_winetest.exe)
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist $(ARCHS:%=$(BUILD)/dist/%)
	@for arch in $(ARCHS); do cp $(BUILD)/$$arch/winetest/rpcrt4_winetest.exe $(BUILD)/dist/$$arch/; done
	@cp COPYING $(BUILD)/dist/
	@sed -n '/^## On Windows/,/^## /{/^## On Windows/p;/^## /!p}' README.md > $(BUILD)/dist/README.md
	@rm -f $(DIST) && cd $(BUILD)/dist && zip -qr ../$(notdir $(DIST)) .
	@echo "$(DIST)"
