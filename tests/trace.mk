# What the debug channel and the capture file show of a run.
.PHONY: check-trace
check-wine: check-trace
check-trace: build
	tests/trace.sh
