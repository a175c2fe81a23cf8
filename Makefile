# rpcrt4: the build. `make demo` and `make check` are all that most people need.
#
# Objects mirror the tree below build/ARCH/; sources are found by wildcard, so a new file needs no line here.

# What these need is installed first, before anything below looks for it.
ifneq ($(filter check check-% demo bench dist,$(MAKECMDGOALS)),)
ifneq ($(shell tools/setup >&2 && echo ready),ready)
$(error tools/setup failed)
endif
endif

ARCHS   := x86_64 i686
BUILD   := build
# One architecture for the check targets that run programs; `build` always makes both.
ARCH    ?= x86_64
CC_x86_64 := x86_64-w64-mingw32-gcc
CC_i686   := i686-w64-mingw32-gcc
HOSTCC  ?= cc

WARN    := -Wall -Wextra -Werror
CFLAGS  := -std=gnu11 -O2 -g -gdwarf-4 $(WARN) -fno-strict-aliasing
WINDEFS := -D_WIN32_WINNT=0x0a00 -DWIN32_LEAN_AND_MEAN -D_RPCRT4_ -DUNICODE -D_UNICODE
# i686: callers of a DLL may hand over a stack aligned to 4 only.
ARCHFLAGS_x86_64 :=
ARCHFLAGS_i686   := -mstackrealign -mpreferred-stack-boundary=4

MIDL := $(BUILD)/host/midl

# What is compiled from idl/: interfaces the runtime itself speaks, those of the tests, of the demo and of the benchmark.
IDL_RUNTIME :=
IDL_TEST    := $(patsubst idl/%.idl,%,$(wildcard idl/test_*.idl))

.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

DLL_C   := $(wildcard rpcrt4/*.c rpcrt4/*/*.c rpcrt4/ndr/ndr64/*.c)
DLL_ASM := $(wildcard rpcrt4/*/*.S)

# The DLL's own debug information is functions and lines, what a backtrace shows: every process of a prefix maps it. To look
# at variables in a debugger, make DLL_DEBUG=-g.
DLL_DEBUG := -g1

# i686's ld drops a thunk that only its own import slot refers to, and the slot is then 0.
ADVAPI32_THUNKS := $(shell sed -n 's/^\(.*@.*\)/-Wl,-u,_\1/p' rpcrt4/os/advapi32.def)

# $(call arch_rules,ARCH)
define arch_rules
DLL_OBJ_$(1) := $$(DLL_C:%.c=$(BUILD)/$(1)/obj/%.o) $$(DLL_ASM:%.S=$(BUILD)/$(1)/obj/%.o) \
    $(BUILD)/$(1)/gen/stubs.o $$(IDL_RUNTIME:%=$(BUILD)/$(1)/gen/%_c.o) $$(IDL_RUNTIME:%=$(BUILD)/$(1)/gen/%_s.o)
DLL_FLAGS_$(1) := $$(CFLAGS) $(DLL_DEBUG) $$(WINDEFS) $$(ARCHFLAGS_$(1)) -Iinclude -Irpcrt4 -I$(BUILD)/$(1)/gen

# Sections lie in the file as they do in memory, so that Wine maps them instead of reading them, debug information included.
$(BUILD)/$(1)/rpcrt4.dll: $$(DLL_OBJ_$(1)) $(BUILD)/$(1)/rpcrt4.def $(BUILD)/$(1)/gen/libadvapi32.a
	$$(CC_$(1)) -shared -g -o $$@ $$^ -Wl,--kill-at -Wl,--enable-stdcall-fixup -static-libgcc \
	    -Wl,--image-base,$$(if $$(filter i686,$(1)),0x6ee00000,0x6ee000000) -Wl,--no-insert-timestamp \
	    -Wl,--file-alignment,4096 $$(if $$(filter i686,$(1)),$$(ADVAPI32_THUNKS)) -ldelayimp -lsynchronization -lntdll -lkernel32
$(BUILD)/$(1)/gen/libadvapi32.a: rpcrt4/os/advapi32.def
	@mkdir -p $$(@D)
	sed $$(if $$(filter x86_64,$(1)),'s/@.*//','') $$< > $$(@:.a=.def)
	$(1)-w64-mingw32-dlltool -k -d $$(@:.a=.def) -y $$@
$(BUILD)/$(1)/rpcrt4.def: rpcrt4/rpcrt4.spec tools/spec
	@mkdir -p $$(@D)
	tools/spec def $(1) $$< > $$@
$(BUILD)/$(1)/librpcrt4.a: $(BUILD)/$(1)/rpcrt4.def
	$(1)-w64-mingw32-dlltool -k -d $$< -l $$@
$(BUILD)/$(1)/gen/stubs.c: rpcrt4/rpcrt4.spec tools/spec
	@mkdir -p $$(@D)
	tools/spec stubs $(1) $$< > $$@
$(BUILD)/$(1)/gen/%.o: $(BUILD)/$(1)/gen/%.c
	$$(CC_$(1)) $$(DLL_FLAGS_$(1)) -MMD -c -o $$@ $$<
# The engine's loops over members and arrays gain a tenth by it. Its stub messages and states of a call are too short for
# what the compiler clears memory with ("rep stos", which takes longer to begin than to do).
$(BUILD)/$(1)/obj/rpcrt4/ndr/%.o: DLL_FLAGS_$(1) += -O3 -mmemset-strategy=vector_loop:1024:noalign,libcall:-1:noalign
$(BUILD)/$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(DLL_FLAGS_$(1)) -MMD -c -o $$@ $$<
$(BUILD)/$(1)/obj/%.o: %.S
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(ARCHFLAGS_$(1)) -g -MMD -c -o $$@ $$<
$(BUILD)/$(1)/gen/%_c.c $(BUILD)/$(1)/gen/%_s.c $(BUILD)/$(1)/gen/%.h &: idl/%.idl $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -Oicf -robust -env $$(if $$(filter i686,$(1)),win32,x64) -out $$(@D) $$<
ALL += $(BUILD)/$(1)/rpcrt4.dll $(BUILD)/$(1)/librpcrt4.a
endef
$(foreach a,$(ARCHS),$(eval $(call arch_rules,$(a))))

# Pieces with rules of their own: tools/midl, winetest, tests, tools (each a fragment beside its sources).
-include $(wildcard tools/*/*.mk tools/*.mk winetest/*.mk tests/*.mk)

.PHONY: build check check-host check-wine check-style demo bench clean
build: $(ALL)

STYLE_FILES = $(shell git ls-files '*.c' '*.h')
check-style:
	@clang-format --dry-run --Werror $(STYLE_FILES)

# In this order. ARCH=i686 and WINE=10 are legs of their own (tools/root): what does not run there is not checked again.
CHECK_WINE := check-demo check-interop check-smbtorture check-prefix check-wine
CHECK_HOST :=
ifeq ($(filter-out x86_64,$(ARCH))$(filter 10,$(WINE)),)
CHECK_HOST += check-host
CHECK_WINE += check-smoke
endif
check:
	@MAKE="$(MAKE)" tools/check "$(CHECK_HOST)" "$(CHECK_WINE)"

clean:
	-@tools/run --stop
	-@[ ! -d $(BUILD)/prefix-i686-8 ] || ARCH=i686 tools/run --stop
	-@[ ! -d $(BUILD)/prefix-x86_64-10 ] || WINE=10 tools/run --stop
	rm -rf $(BUILD)

-include $(shell find $(BUILD) \( -path $(BUILD)/roots -o -path '$(BUILD)/prefix*' \) -prune -o -type f -name '*.d' -print 2>/dev/null)
