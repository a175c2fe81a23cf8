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
