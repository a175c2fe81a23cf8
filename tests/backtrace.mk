# What winedbg says about a crash inside the DLL.
.PHONY: check-backtrace
check-wine: check-backtrace
check-backtrace: build
	tests/backtrace.sh
