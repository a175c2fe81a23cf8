# A whole prefix on our DLL.

.PHONY: check-prefix
check-prefix: build
	tools/check-prefix
