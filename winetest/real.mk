# The interfaces of tests/midl/real in the test program, a topic each (winetest/real_NAME.c): client procedures carry the
# interface's name, and servers call what a topic puts into the entry point vector, so that not every procedure of every
# document needs a manager here.

REAL_IDL := $(patsubst winetest/real_%.c,%,$(wildcard winetest/real_*.c))

# $(call real_rules,ARCH,MIDL environment)
define real_rules
REAL_DIR_$(1) := $(BUILD)/$(1)/winetest/real
$(BUILD)/$(1)/winetest/rpcrt4_winetest.exe: $$(foreach i,$$(REAL_IDL),$$(REAL_DIR_$(1))/$$(i)_c.o $$(REAL_DIR_$(1))/$$(i)_s.o)
REAL_OBJ_$(1) := $$(patsubst winetest/%.c,$(BUILD)/$(1)/winetest/%.o,$$(wildcard winetest/real*.c))
$$(REAL_OBJ_$(1)): $$(REAL_IDL:%=$$(REAL_DIR_$(1))/%.h)
$$(REAL_OBJ_$(1)): WINETEST_FLAGS_$(1) += -DNOSERVICE -Itests/midl -I$$(REAL_DIR_$(1))
$$(REAL_DIR_$(1))/%.o: $$(REAL_DIR_$(1))/%.c
	$$(CC_$(1)) $$(WINETEST_FLAGS_$(1)) -DNOSERVICE -Itests/midl -MMD -c -o $$@ $$<
$$(REAL_DIR_$(1))/%_c.c $$(REAL_DIR_$(1))/%_s.c $$(REAL_DIR_$(1))/%.h &: tests/midl/real/%.idl tests/midl/dtyp.idl \
    $$(wildcard tests/midl/real/*.acf) $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -Oicf -robust -env $(2) -use_epv -no_default_epv -prefix client $$*_ -out $$(@D) $$<
endef
$(eval $(call real_rules,x86_64,x64))
$(eval $(call real_rules,i686,win32))
