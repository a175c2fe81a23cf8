# The IDL compiler: a host program.
MIDL_GEN := $(BUILD)/host/midl-gen
MIDL_C   := $(wildcard tools/midl/*.c)
MIDL_OBJ := $(MIDL_C:tools/midl/%.c=$(MIDL_GEN)/%.o) $(MIDL_GEN)/idl.tab.o $(MIDL_GEN)/lex.yy.o
MIDL_CFLAGS := -std=gnu11 -O2 -g $(WARN) -D_GNU_SOURCE -Itools/midl -I$(MIDL_GEN)

$(BUILD)/host/midl: $(MIDL_OBJ)
	$(HOSTCC) -g -o $@ $^
$(MIDL_GEN)/idl.tab.c $(MIDL_GEN)/idl.tab.h &: tools/midl/idl.y
	@mkdir -p $(@D)
	bison -Werror --header=$(MIDL_GEN)/idl.tab.h -o $(MIDL_GEN)/idl.tab.c $<
$(MIDL_GEN)/lex.yy.c: tools/midl/idl.l
	@mkdir -p $(@D)
	flex -o $@ $<
$(MIDL_GEN)/%.o: tools/midl/%.c $(MIDL_GEN)/idl.tab.h
	@mkdir -p $(@D)
	$(HOSTCC) $(MIDL_CFLAGS) -MMD -c -o $@ $<
$(MIDL_GEN)/idl.tab.o $(MIDL_GEN)/lex.yy.o: $(MIDL_GEN)/%.o: $(MIDL_GEN)/%.c $(MIDL_GEN)/idl.tab.h
	$(HOSTCC) $(MIDL_CFLAGS) -Wno-unused-function -MMD -c -o $@ $<

ALL += $(BUILD)/host/midl

# The fuzzer: `make fuzz-midl RUNS=1000000`; check-midl does a short run.
MIDL_FUZZ     := $(BUILD)/host/midl-fuzz
MIDL_FUZZ_SRC := $(filter-out tools/midl/main.c,$(MIDL_C)) $(MIDL_GEN)/idl.tab.c $(MIDL_GEN)/lex.yy.c tests/midl/fuzz_midl.c
$(MIDL_FUZZ)/fuzz_midl: $(MIDL_FUZZ_SRC) tools/midl/midl.h tools/midl/wire.h tools/midl/attrs.def
	@mkdir -p $(@D)
	clang -O1 -g -std=gnu11 -D_GNU_SOURCE -DMIDL_FUZZ -Itools/midl -I$(MIDL_GEN) -fsanitize=address,undefined,fuzzer \
	    -fno-sanitize-recover=undefined -o $@ $(MIDL_FUZZ_SRC)
.PHONY: fuzz-midl
fuzz-midl: $(MIDL_FUZZ)/fuzz_midl
	@mkdir -p $(MIDL_FUZZ)/corpus
	$< -runs=$(RUNS) -max_len=3000 -dict=tests/midl/idl.dict -artifact_prefix=$(MIDL_FUZZ)/ -close_fd_mask=0 \
	    $(MIDL_FUZZ)/corpus $(wildcard tests/midl/seeds)

# check-midl: format strings, error messages and the documents' interfaces; check-midl-wine: what the stubs do.
.PHONY: check-midl check-midl-wine
check-midl: $(BUILD)/host/midl
	@tests/midl/check.sh $(BUILD)/host/midl $(BUILD)/host/midl-check
check-host: check-midl

# Programs that run what midl makes, each a tests/midl/NAME.c and .idl. NAME_os.exe is the same with -Os stubs,
# bounds_epv.exe with -Os -use_epv ones, NAME_widl.exe with widl's, for interfaces that widl knows.
# $(call midl_run,ARCH,MIDL environment,NAME,_os or nothing,option,NAME of the IDL file)
define midl_run
$(BUILD)/$(1)/midl/$(3)$(4)/$(3)_c.c $(BUILD)/$(1)/midl/$(3)$(4)/$(3)_s.c $(BUILD)/$(1)/midl/$(3)$(4)/$(3).h &: \
    tests/midl/$(3).idl $$(wildcard tests/midl/$(3).acf) $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -env $(2) $(5) -prefix server s_ -out $$(@D) $$<
$(call midl_link,$(1),$(3),$(4))
endef

# $(call midl_link,ARCH,NAME,SUFFIX)
define midl_link
$(BUILD)/$(1)/midl/$(2)$(3).exe: tests/midl/$(2).c tests/midl/pair.c tests/midl/pair.h $(BUILD)/$(1)/midl/$(2)$(3)/$(2)_c.c \
    $(BUILD)/$(1)/midl/$(2)$(3)/$(2)_s.c $(BUILD)/$(1)/librpcrt4.a
	$$(CC_$(1)) $$(CFLAGS) $$(if $$(filter _widl,$(3)),-w -DUSE_COMPILER_EXCEPTIONS -DWIDL_STUBS -D$(2)_v1_0_s_ifspec=s_$(2)_v1_0_s_ifspec) -Wno-unused-parameter -D_WIN32_WINNT=0x0a00 -Iinclude -Itests/midl -I$$(@D)/$(2)$(3) -static-libgcc -o $$@ \
	    $$(filter %.c,$$^) $(BUILD)/$(1)/librpcrt4.a -lole32 -luuid
ALL += $(BUILD)/$(1)/midl/$(2)$(3).exe
endef

# $(call midl_widl,ARCH,NAME)
define midl_widl
$(BUILD)/$(1)/midl/$(2)_widl/$(2)_c.c $(BUILD)/$(1)/midl/$(2)_widl/$(2)_s.c &: tests/midl/$(2).idl
	@mkdir -p $$(@D)
	$(1)-w64-mingw32-widl --prefix-server=s_ -h -o $$(@D)/$(2).h $$<
	$(1)-w64-mingw32-widl --prefix-server=s_ -c -o $$(@D)/$(2)_c.c $$<
	$(1)-w64-mingw32-widl --prefix-server=s_ -s -o $$(@D)/$(2)_s.c $$<
$(call midl_link,$(1),$(2),_widl)
endef
MIDL_PROGRAMS := basic features more bounds
MIDL_OPTIONS_bounds := -target NT60
$(foreach p,$(MIDL_PROGRAMS),$(eval $(call midl_run,x86_64,x64,$(p),,$(MIDL_OPTIONS_$(p))))$(eval $(call midl_run,i686,win32,$(p),,$(MIDL_OPTIONS_$(p)))))
$(foreach p,$(MIDL_PROGRAMS),$(eval $(call midl_run,x86_64,x64,$(p),_os,-Os))$(eval $(call midl_run,i686,win32,$(p),_os,-Os)))
$(foreach e,x86_64-x64 i686-win32,$(eval $(call midl_run,$(word 1,$(subst -, ,$(e))),$(word 2,$(subst -, ,$(e))),bounds,_epv,-Os -use_epv)))
$(foreach p,basic,$(eval $(call midl_widl,x86_64,$(p)))$(eval $(call midl_widl,i686,$(p))))

# In one process and in two; interpreted stubs against -Os stubs and against widl's, either way round.
MIDL_EXE = $(BUILD)/$(ARCH)/midl
check-midl-wine: build
	for p in $(MIDL_PROGRAMS); do tools/run $(MIDL_EXE)/$$p.exe && tools/run $(MIDL_EXE)/$${p}_os.exe && \
	    tools/run $(MIDL_EXE)/$$p.exe apart && tools/run $(MIDL_EXE)/$$p.exe apart $(MIDL_EXE)/$${p}_os.exe && \
	    tools/run $(MIDL_EXE)/$${p}_os.exe apart $(MIDL_EXE)/$$p.exe || exit 1; done
	tools/run $(MIDL_EXE)/bounds_epv.exe
	tools/run $(MIDL_EXE)/bounds.exe apart $(MIDL_EXE)/bounds_epv.exe
	tools/run $(MIDL_EXE)/basic.exe apart $(MIDL_EXE)/basic_widl.exe
	tools/run $(MIDL_EXE)/basic_widl.exe apart $(MIDL_EXE)/basic.exe
	tools/run --builtin $(MIDL_EXE)/basic.exe
check-wine: check-midl-wine
