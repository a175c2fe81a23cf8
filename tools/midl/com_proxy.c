/* The files beside the header for COM interfaces: NAME_p.c with the tables from which the runtime makes
 * proxies and stubs, NAME_i.c with the interface identifiers, and dlldata.c, where one is asked for, with the
 * entry points of a proxy DLL. Source: MIDL's output, rpcproxy.h; SDK, "/dlldata switch", "/proxy switch",
 * "/iid switch". */
#include "wire.h"

static void offsets(struct text *t, struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    text_add(t, "static const unsigned short %s_FormatStringOffsetTable[] =\n    {\n", i->name);
    for (k = 0; k < n; k++)
        text_add(t, "    %d%s\n", all[k]->wire->fmt, k + 1 < n ? "," : "");
    text_add(t, "%s    };\n\n", n ? "" : "    0\n");
}

static void thunks(struct text *t, struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    if (!com_has_thunks(i))
        return;
    text_add(t, "static const STUB_THUNK %s_StubThunkTable[] =\n    {\n", i->name);
    for (k = 0; k < n; k++)
        text_add(t, "    %s%s\n", com_thunk(all[k]) ? com_thunk(all[k]) : "0", k + 1 < n ? "," : "");
    text_add(t, "    };\n\n");
}

/* The runtime wants to be able to count methods from IUnknown's on. */
static void infos(struct text *t, struct interface *i)
{
    text_add(t,
             "static const MIDL_STUBLESS_PROXY_INFO %s_ProxyInfo =\n    {\n    &Object_StubDesc,\n"
             "    %s__MIDL_ProcFormatString.Format,\n    &%s_FormatStringOffsetTable[-3],\n"
             "    0,\n    0,\n    0\n    };\n\n",
             i->name, unit_name(), i->name);
    text_add(t,
             "static const MIDL_SERVER_INFO %s_ServerInfo =\n    {\n    &Object_StubDesc,\n    0,\n"
             "    %s__MIDL_ProcFormatString.Format,\n    &%s_FormatStringOffsetTable[-3],\n"
             "    %s,\n    0,\n    0,\n    0\n    };\n\n",
             i->name, unit_name(), i->name,
             com_has_thunks(i) ? mem_print("&%s_StubThunkTable[-3]", i->name) : "0");
}

static void tables(struct text *t, struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    text_add(t,
             "static CINTERFACE_PROXY_VTABLE(%d) _%sProxyVtbl =\n{\n    { &%s_ProxyInfo, &IID_%s },\n    {\n"
             "    (void *) IUnknown_QueryInterface_Proxy,\n    (void *) IUnknown_AddRef_Proxy,\n"
             "    (void *) IUnknown_Release_Proxy",
             n + 3, i->name, i->name, i->name);
    for (k = 0; k < n; k++)
        if (all[k]->shown)
            text_add(t, ",\n    (void *) %s_%s_Proxy", all[k]->iface->name, all[k]->shown->decl->name);
        else
            text_add(t, ",\n    (void *) (INT_PTR) -1 /* %s::%s */", i->name, all[k]->decl->name);
    text_add(t, "\n    }\n};\n\n");
    text_add(t,
             "static %sCInterfaceStubVtbl _%sStubVtbl =\n{\n    { &IID_%s, &%s_ServerInfo, %d, 0 },\n"
             "    { CStd%sStubBuffer_METHODS }\n};\n\n",
             i->is_async ? "" : "const ", i->name, i->name, i->name, n + 3, i->is_async ? "Async" : "");
}

static void stub_description(struct text *t)
{
    text_add(t,
             "static const MIDL_STUB_DESC Object_StubDesc =\n    {\n    0,\n    NdrOleAllocate,\n"
             "    NdrOleFree,\n    { 0 },\n    0,\n    0,\n    %s,\n    %s,\n"
             "    %s__MIDL_TypeFormatString.Format,\n    1, /* -error bounds_check flag */\n"
             "    0x%x, /* Ndr library version */\n    0,\n    0x801026e, /* MIDL Version 8.1.622 */\n"
             "    0,\n    %s,\n    0,  /* notify & notify_flag routine table */\n    0x1, /* MIDL flag */\n"
             "    0, /* cs routines */\n    0,   /* proxy/server info */\n    0\n    };\n\n",
             n_eval ? "ExprEvalRoutines" : "0", n_xmit ? "TransmitAsRoutines" : "0", unit_name(),
             opt.robust ? 0x60001 : 0x50002, n_user ? "UserMarshalRoutines" : "0");
}

static void list(struct text *t, const char *declaration, const char *name, const char *before,
                 const char *after)
{
    struct interface *i;

    text_add(t, "static %s _%s_%s[] =\n{\n", declaration, unit_name(), name);
    for (i = unit.interfaces; i; i = i->next)
        if (com_marshalled(i))
            text_add(t, "    %s%s%s,\n", before, i->name, after);
    text_add(t, "    0\n};\n\n");
}

/* By index of the lists: the asynchronous interface, -1 for one itself. */
static void asynchronous(struct text *t)
{
    struct interface *i;

    text_add(t, "static const IID * const _AsyncInterfaceTable[] =\n{\n");
    for (i = unit.interfaces; i; i = i->next)
        if (com_marshalled(i) && i->is_async)
            text_add(t, "    (const IID*) (LONG_PTR) -1,\n");
        else if (com_marshalled(i))
            text_add(t, "    &IID_%s,\n", i->async->name);
    text_add(t, "    0\n};\n\n");
}

static void file_info(struct text *t)
{
    const char *u = unit_name();
    struct interface *i;
    int n = 0;

    for (i = unit.interfaces; i; i = i->next)
        n += com_marshalled(i);
    list(t, "const CInterfaceProxyVtbl * const", "ProxyVtblList", "( CInterfaceProxyVtbl * ) &_",
         "ProxyVtbl");
    list(t, "const CInterfaceStubVtbl * const", "StubVtblList", "( CInterfaceStubVtbl * ) &_", "StubVtbl");
    list(t, "PCInterfaceName const", "InterfaceNamesList", "\"", "\"");
    text_add(t,
             "static int __stdcall _%s_IID_Lookup( const IID * pIID, int * pIndex )\n{\n"
             "    for ( *pIndex = 0; *pIndex < %d; ++*pIndex )\n"
             "        if ( !IID_GENERIC_CHECK_IID( _%s, pIID, *pIndex ) )\n            return 1;\n"
             "    return 0;\n}\n\n",
             u, n, u);
    asynchronous(t);
    text_add(t,
             "const ExtendedProxyFileInfo %s_ProxyFileInfo =\n{\n"
             "    (PCInterfaceProxyVtblList *) & _%s_ProxyVtblList,\n"
             "    (PCInterfaceStubVtblList *) & _%s_StubVtblList,\n"
             "    (const PCInterfaceName * ) & _%s_InterfaceNamesList,\n    0, /* no delegation */\n"
             "    & _%s_IID_Lookup,\n    %d,\n    6,\n"
             "    (const IID**) &_AsyncInterfaceTable[0], /* table of [async_uuid] interfaces */\n"
             "    0, /* Filler1 */\n    0, /* Filler2 */\n    0  /* Filler3 */\n};\n",
             u, u, u, u, u, n);
}

void make_proxy(struct text *t)
{
    const char *u = unit_name();
    struct interface *i;

    text_add(t, "#define USE_STUBLESS_PROXY\n\n#include \"rpcproxy.h\"\n");
    stub_begin(t, "proxy and stub", opt.header_name);
    /* mingw-w64's unknwn.h has them for C++ alone. */
    text_add(t, "HRESULT STDMETHODCALLTYPE IUnknown_QueryInterface_Proxy( IUnknown *, REFIID, void ** );\n"
                "ULONG STDMETHODCALLTYPE IUnknown_AddRef_Proxy( IUnknown * );\n"
                "ULONG STDMETHODCALLTYPE IUnknown_Release_Proxy( IUnknown * );\n\n");
    text_add(t,
             "static const %s_MIDL_TYPE_FORMAT_STRING %s__MIDL_TypeFormatString;\n"
             "static const %s_MIDL_PROC_FORMAT_STRING %s__MIDL_ProcFormatString;\n"
             "static const MIDL_STUB_DESC Object_StubDesc;\n\n",
             u, u, u, u);
    stub_formats(t, true);
    stub_tables(t, false);
    for (i = unit.interfaces; i; i = i->next)
        if (com_described(i))
            com_call_as_routines(t, i);
    for (i = unit.interfaces; i; i = i->next) {
        if (!com_marshalled(i))
            continue;
        text_add(t, "/* Object interface: %s, GUID=%s */\n\n", i->name, iface_uuid(i));
        offsets(t, i);
        thunks(t, i);
        infos(t, i);
        tables(t, i);
    }
    stub_description(t);
    file_info(t);
}

void make_iids(struct text *t)
{
    struct interface *i;

    text_add(t, "/* this ALWAYS GENERATED file contains the IIDs */\n\n"
                "/* File created by the MIDL-compatible compiler of rpcrt4 */\n\n"
                "#include <rpc.h>\n#include <rpcndr.h>\n\n"
                "#ifdef __cplusplus\nextern \"C\"{\n#endif\n\n");
    for (i = unit.interfaces; i; i = i->next)
        if (com_here(i))
            text_add(t, "extern const IID IID_%s;\nconst IID IID_%s = %s;\n\n", i->name, i->name,
                     iface_uuid(i));
    text_add(t, "#ifdef __cplusplus\n}\n#endif\n");
}

void make_dlldata(struct text *t)
{
    const char *u = unit_name();

    text_add(t,
             "/* DllData file -- generated by the MIDL-compatible compiler of rpcrt4 */\n\n"
             "#include <objbase.h>\n#include <rpcproxy.h>\n\n"
             "#ifdef __cplusplus\nextern \"C\"   {\n#endif\n\nEXTERN_PROXY_FILE( %s )\n\n"
             "PROXYFILE_LIST_START\n  REFERENCE_PROXY_FILE( %s ),\nPROXYFILE_LIST_END\n\n"
             "DLLDATA_ROUTINES( aProxyFileList, GET_DLL_CLSID )\n\n#ifdef __cplusplus\n}\n#endif\n",
             u, u);
}
