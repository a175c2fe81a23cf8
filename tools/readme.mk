# README.md's table of exports comes from rpcrt4/rpcrt4.spec.
.PHONY: readme check-readme
readme:
	tools/readme
check-host: check-readme
check-readme:
	@tools/readme --check
