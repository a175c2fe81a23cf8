# idl/com_*.idl: COM interfaces of the tests, most by widl: header, identifiers, proxies, stubs and type library (a resource).

COM_IDL := $(patsubst idl/%.idl,%,$(wildcard idl/com_*.idl))
# By our own compiler: widl refuses it.
COM_OWN := com_async_split
# A program has one type library.
COM_TLB := com_test
WIDL    ?= widl
WINDRES_x86_64 := x86_64-w64-mingw32-windres
WINDRES_i686   := i686-w64-mingw32-windres
# mingw-w64 and Wine bring the IDL files that these import.
COM_INC := -I/usr/share/mingw-w64/include -I/usr/include/wine/wine/windows

# $(call com_rules,ARCH,widl's option)
define com_rules
COM_DIR_$(1) := $(BUILD)/$(1)/winetest/com
$(BUILD)/$(1)/winetest/rpcrt4_winetest.exe: $$(foreach i,$$(COM_IDL),$$(COM_DIR_$(1))/$$(i)_p.o $$(COM_DIR_$(1))/$$(i)_i.o) $$(COM_DIR_$(1))/$(COM_TLB)_t.o
COM_OBJ_$(1) := $$(patsubst winetest/%.c,$(BUILD)/$(1)/winetest/%.o,$$(wildcard winetest/com*.c))
$$(COM_OBJ_$(1)): $$(COM_IDL:%=$$(COM_DIR_$(1))/%.h)
$$(COM_OBJ_$(1)): WINETEST_FLAGS_$(1) += -I$$(COM_DIR_$(1))
$$(COM_DIR_$(1))/%.o: $$(COM_DIR_$(1))/%.c
	$$(CC_$(1)) -std=gnu11 -O2 -g -w $$(filter-out -D_RPCRT4_ -DWIN32_LEAN_AND_MEAN,$$(WINDEFS)) $$(ARCHFLAGS_$(1)) \
	    -I$$(COM_DIR_$(1)) -include winetest/com_unknown.h -c -o $$@ $$<
$$(COM_DIR_$(1))/%_t.o: $$(COM_DIR_$(1))/%.tlb
	echo '1 TYPELIB "$$<"' | $$(WINDRES_$(1)) -O coff -o $$@
$$(COM_DIR_$(1))/%.tlb: idl/%.idl
	@mkdir -p $$(@D)
	$(WIDL) $(2) $(COM_INC) -L /usr/lib/x86_64-linux-gnu/wine/x86_64-windows -t -o $$@ $$<
$$(COM_DIR_$(1))/%_p.c $$(COM_DIR_$(1))/%_i.c $$(COM_DIR_$(1))/%.h &: idl/%.idl
	@mkdir -p $$(@D)
	$(WIDL) $(2) $(COM_INC) -h -o $$(COM_DIR_$(1))/$$*.h $$<
	$(WIDL) -Oicf $(2) $(COM_INC) -p -o $$(COM_DIR_$(1))/$$*_p.c $$<
	$(WIDL) $(2) $(COM_INC) -u -o $$(COM_DIR_$(1))/$$*_i.c $$<
$$(foreach s,_p.c _i.c .h,$$(COM_DIR_$(1))/$(COM_OWN)$$(s)) &: idl/$(COM_OWN).idl $$(MIDL)
	@mkdir -p $$(@D)
	$$(MIDL) -nologo -env $(3) $(COM_INC) -out $$(@D) $$<
endef
$(eval $(call com_rules,x86_64,--win64,x64))
$(eval $(call com_rules,i686,--win32,win32))
