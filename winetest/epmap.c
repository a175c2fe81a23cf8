/*
 * The endpoint mapper: SDK pages RpcEpRegister, RpcEpRegisterNoReplace, RpcEpUnregister, RpcEpResolveBinding,
 * RpcMgmtEpEltInqBegin, RpcMgmtEpEltInqNext, RpcMgmtEpEltInqDone; RpcNetworkInqProtseqs and its kin beside
 * them.
 */
#include "winetest.h"

#include <rpcdcep.h>

#define NDR                                                                                                  \
    {                                                                                                        \
        {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},                      \
        {                                                                                                    \
            2, 0                                                                                             \
        }                                                                                                    \
    }

static RPC_SERVER_INTERFACE served = {
    .Length = sizeof(served),
    .InterfaceId = {{0, 0x1b2c, 0x4d3e, {0x8f, 1, 2, 3, 4, 5, 6, 8}}, {3, 2}},
    .TransferSyntax = NDR,
};
static RPC_CLIENT_INTERFACE wanted = {
    .Length = sizeof(wanted),
    .InterfaceId = {{0, 0x1b2c, 0x4d3e, {0x8f, 1, 2, 3, 4, 5, 6, 8}}, {3, 2}},
    .TransferSyntax = NDR,
};

/* The endpoint that a binding has; the caller frees it. */
static RPC_CSTR endpoint_of(RPC_BINDING_HANDLE binding)
{
    RPC_CSTR text = NULL, endpoint = NULL;

    ok_status(RpcBindingToStringBindingA(binding, &text), RPC_S_OK, "RpcBindingToStringBinding");
    RpcStringBindingParseA(text, NULL, NULL, NULL, &endpoint, NULL);
    RpcStringFreeA(&text);
    return endpoint;
}

static RPC_STATUS resolve(const char *text, RPC_CSTR *endpoint)
{
    RPC_BINDING_HANDLE binding = NULL;
    RPC_STATUS status;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR)text, &binding), RPC_S_OK, text);
    status = RpcEpResolveBinding(binding, &wanted);
    *endpoint = endpoint_of(binding);
    RpcBindingFree(&binding);
    return status;
}

/* Is the endpoint one of those of the vector? */
static BOOL is_ours(RPC_BINDING_VECTOR *bindings, RPC_CSTR endpoint)
{
    BOOL found = FALSE;
    unsigned long i;

    for (i = 0; i < bindings->Count && !found; i++) {
        RPC_CSTR own = endpoint_of(bindings->BindingH[i]);

        found = own && endpoint && *endpoint && !strcmp((char *)own, (char *)endpoint);
        RpcStringFreeA(&own);
    }
    return found;
}

static void test_register(RPC_BINDING_VECTOR *bindings)
{
    RPC_CSTR endpoint;

    ok_status(resolve("ncalrpc:", &endpoint), EPT_S_NOT_REGISTERED, "nothing is registered");
    RpcStringFreeA(&endpoint);
    ok_status(RpcEpRegisterA(&served, bindings, NULL, (RPC_CSTR) "rpcrt4 test"), RPC_S_OK, "RpcEpRegister");
    ok_status(resolve("ncalrpc:", &endpoint), RPC_S_OK, "RpcEpResolveBinding, ncalrpc");
    ok(is_ours(bindings, endpoint), "resolved to %s\n", endpoint);
    RpcStringFreeA(&endpoint);
    ok_status(resolve("ncacn_np:", &endpoint), RPC_S_OK, "RpcEpResolveBinding, ncacn_np");
    ok(is_ours(bindings, endpoint), "resolved to %s\n", endpoint);
    RpcStringFreeA(&endpoint);
    ok_status(resolve("ncalrpc:[given]", &endpoint), RPC_S_OK, "a binding that has an endpoint");
    ok(endpoint && !strcmp((char *)endpoint, "given"), "it was changed to %s\n", endpoint);
    RpcStringFreeA(&endpoint);
    ok_status(RpcEpRegisterW(&served, bindings, NULL, NULL), RPC_S_OK, "RpcEpRegister again");
    ok_status(RpcEpUnregister(&served, bindings, NULL), RPC_S_OK, "RpcEpUnregister");
    ok_status(resolve("ncalrpc:", &endpoint), EPT_S_NOT_REGISTERED, "nothing is registered any more");
    RpcStringFreeA(&endpoint);
}

static void test_objects(RPC_BINDING_VECTOR *bindings)
{
    UUID object = served.InterfaceId.SyntaxGUID;
    UUID_VECTOR objects = {1, {&object}};

    object.Data2 = 1;
    ok_status(RpcEpRegisterNoReplaceA(&served, bindings, &objects, (RPC_CSTR) "with an object"), RPC_S_OK,
              "RpcEpRegisterNoReplace");
    ok_status(RpcEpUnregister(&served, bindings, &objects), RPC_S_OK, "RpcEpUnregister");
    ok_status(RpcEpRegisterNoReplaceW(&served, bindings, &objects, (RPC_WSTR)L"with an object"), RPC_S_OK,
              "RpcEpRegisterNoReplaceW");
    ok_status(RpcEpUnregister(&served, bindings, &objects), RPC_S_OK, "RpcEpUnregister");
    ok_status(RpcEpRegisterNoReplaceW(&served, NULL, NULL, NULL), RPC_S_NO_BINDINGS, "no bindings");
    ok_status(RpcEpRegisterA(&served, NULL, NULL, NULL), RPC_S_NO_BINDINGS, "no bindings");
}

/* Wine's rpcss answers that it cannot. */
static void test_inquiry(RPC_BINDING_VECTOR *bindings)
{
    RPC_EP_INQ_HANDLE inquiry = NULL;
    RPC_BINDING_HANDLE binding;
    RPC_CSTR annotation, endpoint;
    RPC_STATUS status;
    RPC_IF_ID id, match;
    UUID object;
    unsigned found = 0;

    ok_status(RpcIfInqId(&served, &match), RPC_S_OK, "RpcIfInqId");
    ok_status(RpcMgmtEpEltInqBegin(NULL, 9, NULL, 0, NULL, &inquiry), RPC_S_INVALID_ARG, "no such inquiry");
    ok_status(RpcEpRegisterA(&served, bindings, NULL, (RPC_CSTR) "rpcrt4 test"), RPC_S_OK, "RpcEpRegister");
    ok_status(RpcMgmtEpEltInqBegin(NULL, RPC_C_EP_MATCH_BY_IF, &match, RPC_C_VERS_EXACT, NULL, &inquiry),
              RPC_S_OK, "RpcMgmtEpEltInqBegin");
    while (!(status = RpcMgmtEpEltInqNextA(inquiry, &id, &binding, &object, &annotation))) {
        ok(!memcmp(&id, &match, sizeof(id)), "another interface\n");
        ok(!strcmp((char *)annotation, "rpcrt4 test"), "annotation %s\n", annotation);
        endpoint = endpoint_of(binding);
        ok(is_ours(bindings, endpoint), "endpoint %s\n", endpoint);
        found++;
        RpcStringFreeA(&endpoint);
        RpcStringFreeA(&annotation);
        RpcBindingFree(&binding);
    }
    if (status == EPT_S_CANT_PERFORM_OP && !found) {
        skip("this endpoint mapper knows no ept_lookup\n");
    } else {
        ok_status(status, RPC_X_NO_MORE_ENTRIES, "RpcMgmtEpEltInqNext");
        ok(found == bindings->Count, "%u of %lu elements\n", found, bindings->Count);
    }
    ok_status(RpcMgmtEpEltInqDone(&inquiry), RPC_S_OK, "RpcMgmtEpEltInqDone");
    ok(!inquiry, "RpcMgmtEpEltInqDone leaves NULL\n");
    ok_status(RpcEpUnregister(&served, bindings, NULL), RPC_S_OK, "RpcEpUnregister");
}

/* RpcMgmtEpEltInqNextW, and RpcMgmtEpUnregister, which takes one element away. */
static void test_removal(RPC_BINDING_VECTOR *bindings)
{
    RPC_EP_INQ_HANDLE inquiry = NULL;
    RPC_BINDING_HANDLE binding = NULL;
    RPC_WSTR annotation = NULL;
    RPC_STATUS status;
    RPC_IF_ID id, match;

    ok_status(RpcIfInqId(&served, &match), RPC_S_OK, "RpcIfInqId");
    ok_status(RpcEpRegisterA(&served, bindings, NULL, (RPC_CSTR) "rpcrt4 test"), RPC_S_OK, "RpcEpRegister");
    ok_status(RpcMgmtEpEltInqBegin(NULL, RPC_C_EP_MATCH_BY_IF, &match, RPC_C_VERS_EXACT, NULL, &inquiry),
              RPC_S_OK, "RpcMgmtEpEltInqBegin");
    status = RpcMgmtEpEltInqNextW(inquiry, &id, &binding, NULL, &annotation);
    if (status == EPT_S_CANT_PERFORM_OP) {
        skip("this endpoint mapper knows no ept_lookup\n");
    } else if (ok(status == RPC_S_OK, "RpcMgmtEpEltInqNextW: %ld\n", status)) {
        ok(!memcmp(&id, &match, sizeof(id)) && !lstrcmpW(annotation, L"rpcrt4 test"), "another element\n");
        RpcStringFreeW(&annotation);
        RpcBindingFree(&binding);
    }
    ok_status(RpcMgmtEpEltInqDone(&inquiry), RPC_S_OK, "RpcMgmtEpEltInqDone");
    status = RpcMgmtEpUnregister(NULL, &match, bindings->BindingH[0], NULL);
    if (status == EPT_S_CANT_PERFORM_OP) {
        skip("this endpoint mapper knows no ept_mgmt_delete\n");
    } else if (ok(status == RPC_S_OK, "RpcMgmtEpUnregister: %ld\n", status)) {
        ok_status(RpcMgmtEpUnregister(NULL, &match, bindings->BindingH[0], NULL), EPT_S_NOT_REGISTERED,
                  "an element that has gone");
    }
    ok_status(RpcMgmtEpUnregister(NULL, &match, NULL, NULL), RPC_S_INVALID_BINDING, "no element");
    RpcEpUnregister(&served, bindings, NULL);
}

START_TEST(epmap)
{
    RPC_BINDING_VECTOR *bindings = NULL;

    served.InterfaceId.SyntaxGUID.Data1 = wanted.InterfaceId.SyntaxGUID.Data1 = run_id();
    ok_status(RpcServerUseProtseqA((RPC_CSTR) "ncalrpc", 10, NULL), RPC_S_OK, "ncalrpc");
    ok_status(RpcServerUseProtseqA((RPC_CSTR) "ncacn_np", 10, NULL), RPC_S_OK, "ncacn_np");
    ok_status(RpcServerRegisterIf(&served, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerInqBindings(&bindings), RPC_S_OK, "RpcServerInqBindings");
    if (!bindings)
        return;
    test_register(bindings);
    test_objects(bindings);
    test_inquiry(bindings);
    test_removal(bindings);
    RpcBindingVectorFree(&bindings);
}

START_TEST(protseq)
{
    RPC_PROTSEQ_VECTORA *vector = NULL;
    RPC_PROTSEQ_VECTORW *wide = NULL;
    BOOL tcp = FALSE;
    unsigned i;

    ok_status(RpcNetworkInqProtseqsA(&vector), RPC_S_OK, "RpcNetworkInqProtseqsA");
    for (i = 0; vector && i < vector->Count; i++) {
        tcp |= !strcmp((char *)vector->Protseq[i], "ncacn_ip_tcp");
        ok_status(RpcNetworkIsProtseqValidA(vector->Protseq[i]), RPC_S_OK, (char *)vector->Protseq[i]);
    }
    ok(tcp, "no ncacn_ip_tcp\n");
    ok_status(RpcProtseqVectorFreeA(&vector), RPC_S_OK, "RpcProtseqVectorFreeA");
    ok(!vector, "RpcProtseqVectorFree leaves NULL\n");
    ok_status(RpcNetworkInqProtseqsW(&wide), RPC_S_OK, "RpcNetworkInqProtseqsW");
    for (i = 0; wide && i < wide->Count; i++)
        ok_status(RpcNetworkIsProtseqValidW(wide->Protseq[i]), RPC_S_OK, "RpcNetworkIsProtseqValidW");
    ok_status(RpcProtseqVectorFreeW(&wide), RPC_S_OK, "RpcProtseqVectorFreeW");
    ok_status(RpcNetworkIsProtseqValidA((RPC_CSTR) "junk"), RPC_S_INVALID_RPC_PROTSEQ, "junk");
    ok_status(RpcNetworkIsProtseqValidA((RPC_CSTR) "ncacn_dnet_nsp"), RPC_S_PROTSEQ_NOT_SUPPORTED, "DECnet");
}
