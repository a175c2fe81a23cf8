# A whole prefix on our DLL.

PREFIX_ACTION := $(BUILD)/$(ARCH)/prefix/action

$(PREFIX_ACTION).dll: tools/prefix/custom_action.c
	@mkdir -p $(@D)
	$(CC_$(ARCH)) $(CFLAGS) $(ARCHFLAGS_$(ARCH)) -shared -o $@ $< -Wl,--kill-at -static-libgcc -lmsi
$(PREFIX_ACTION).msi: $(PREFIX_ACTION).dll tools/prefix/package
	tools/prefix/package $< $@

.PHONY: check-prefix
check-prefix: build $(PREFIX_ACTION).msi
	tools/check-prefix

# The legs that `make check` does not run whole.
.PHONY: check-smoke
check-smoke: build
	@tools/prefix/smoke i686 8; first=$$?; tools/prefix/smoke x86_64 10 && [ $$first -eq 0 ]
