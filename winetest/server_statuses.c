/*
 * What servers are refused, and with which status: protocol sequences, endpoints, security descriptors, in
 * all forms of RpcServerUse*; types of objects; protocol sequences asked for. SDK pages of
 * RpcServerUseProtseq,
 * ...Ex, ...Ep, ...EpEx, ...If, ...IfEx, RpcServerUseAllProtseqs, ...If, ...IfEx, RpcObjectSetType,
 * RpcObjectInqType, RpcObjectSetInqFn, RpcNetworkIsProtseqValid, RpcNetworkInqProtseqs, RpcProtseqVectorFree,
 * RpcIfInqId, RpcIfIdVectorFree.
 */
#include "fixture.h"

static RPC_POLICY policy = {sizeof(policy), 0, 0};

/* An interface that names one endpoint. */
struct named {
    RPC_PROTSEQ_ENDPOINT endpoint;
    RPC_SERVER_INTERFACE interface_of_it;
};

static RPC_IF_HANDLE name_endpoint_in(struct named *named, const char *protseq, const char *endpoint)
{
    memset(named, 0, sizeof(*named));
    named->endpoint.RpcProtocolSequence = (unsigned char *)protseq;
    named->endpoint.Endpoint = (unsigned char *)endpoint;
    named->interface_of_it.Length = sizeof(named->interface_of_it);
    named->interface_of_it.RpcProtseqEndpoint = &named->endpoint;
    named->interface_of_it.RpcProtseqEndpointCount = 1;
    return &named->interface_of_it;
}

enum form {
    EP_A,
    EP_W,
    EP_EX_A,
    EP_EX_W,
    IF_A,
    IF_W,
    IF_EX_A,
    IF_EX_W,
    FORMS,
    DYNAMIC_A = FORMS,
    DYNAMIC_W,
    DYNAMIC_EX_A,
    DYNAMIC_EX_W,
    ALL_FORMS
};

static RPC_STATUS use(enum form form, const char *protseq, const char *endpoint, void *descriptor)
{
    WCHAR wide_protseq[64], wide_endpoint[128];
    struct named named;
    RPC_IF_HANDLE spec = name_endpoint_in(&named, protseq, endpoint);

    MultiByteToWideChar(CP_ACP, 0, protseq, -1, wide_protseq, ARRAYSIZE(wide_protseq));
    MultiByteToWideChar(CP_ACP, 0, endpoint, -1, wide_endpoint, ARRAYSIZE(wide_endpoint));
    switch (form) {
    case EP_A:
        return RpcServerUseProtseqEpA((RPC_CSTR)protseq, 10, (RPC_CSTR)endpoint, descriptor);
    case EP_W:
        return RpcServerUseProtseqEpW(wide_protseq, 10, wide_endpoint, descriptor);
    case EP_EX_A:
        return RpcServerUseProtseqEpExA((RPC_CSTR)protseq, 10, (RPC_CSTR)endpoint, descriptor, &policy);
    case EP_EX_W:
        return RpcServerUseProtseqEpExW(wide_protseq, 10, wide_endpoint, descriptor, &policy);
    case IF_A:
        return RpcServerUseProtseqIfA((RPC_CSTR)protseq, 10, spec, descriptor);
    case IF_W:
        return RpcServerUseProtseqIfW(wide_protseq, 10, spec, descriptor);
    case IF_EX_A:
        return RpcServerUseProtseqIfExA((RPC_CSTR)protseq, 10, spec, descriptor, &policy);
    case IF_EX_W:
        return RpcServerUseProtseqIfExW(wide_protseq, 10, spec, descriptor, &policy);
    case DYNAMIC_A:
        return RpcServerUseProtseqA((RPC_CSTR)protseq, 10, descriptor);
    case DYNAMIC_W:
        return RpcServerUseProtseqW(wide_protseq, 10, descriptor);
    case DYNAMIC_EX_A:
        return RpcServerUseProtseqExA((RPC_CSTR)protseq, 10, descriptor, &policy);
    case DYNAMIC_EX_W:
        return RpcServerUseProtseqExW(wide_protseq, 10, descriptor, &policy);
    default:
        return -1;
    }
}

/* "RPC_S_PROTSEQ_NOT_SUPPORTED: the protocol sequence is not supported on this host", what ncacn_spx has not
 * been since Windows XP ("Protocol Sequence Constants"). "RPC_S_INVALID_RPC_PROTSEQ: the protocol sequence is
 * invalid": a name that is none may be called either. */
static void test_protocol_sequences(enum form form)
{
    RPC_STATUS status = use(form, "ncacn_spx", "1234", NULL);

    ok_status(status, RPC_S_PROTSEQ_NOT_SUPPORTED, "ncacn_spx");
    status = use(form, "nonsense", "1234", NULL);
    ok(status == RPC_S_PROTSEQ_NOT_SUPPORTED || status == RPC_S_INVALID_RPC_PROTSEQ, "nonsense: %ld\n",
       status);
}

/* "RPC_S_INVALID_ENDPOINT_FORMAT: the endpoint format is invalid"; the formats: page "String Binding". (That
 * page excludes backslashes in names of ncalrpc; COM of Wine has them, so nobody is asked here.) */
static void test_endpoint_formats(enum form form)
{
    static const struct {
        const char *protseq, *endpoint;
    } invalid[] = {
        {"ncacn_ip_tcp", "port"}, {"ncacn_ip_tcp", "65536"}, {"ncacn_ip_tcp", "1x"},
        {"ncacn_np", "name"},     {"ncacn_np", "\\pip\\x"},
    };

    for (unsigned i = 0; i < ARRAYSIZE(invalid); i++)
        ok_status(use(form, invalid[i].protseq, invalid[i].endpoint, NULL), RPC_S_INVALID_ENDPOINT_FORMAT,
                  invalid[i].endpoint);
}

/* "RPC_S_INVALID_SECURITY_DESC: the security descriptor is invalid"; "used only for ncacn_np and ncalrpc
 * [...] All other protocol sequences ignore this parameter." */
static void test_descriptors(enum form form)
{
    SECURITY_DESCRIPTOR empty = {0};
    struct endpoint endpoint;

    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        char tag[32];

        snprintf(tag, sizeof(tag), "descriptor_%d", form);
        make_endpoint(&endpoint, &transports[i], tag);
        ok_status(use(form, transports[i].protseq, endpoint.name, &empty),
                  i == TRANSPORT_COUNT - 1 ? RPC_S_OK : RPC_S_INVALID_SECURITY_DESC, transports[i].protseq);
    }
}

/* "RPC_S_DUPLICATE_ENDPOINT: the endpoint is a duplicate", of somebody else's: a socket that listens. */
static void test_taken(enum form form)
{
    unsigned short number;
    SOCKET s = taken_tcp_port(&number);
    char port[8];

    snprintf(port, sizeof(port), "%u", number);
    ok_status(use(form, "ncacn_ip_tcp", port, NULL), RPC_S_DUPLICATE_ENDPOINT, "a port that is taken");
    closesocket(s);
}

static void test_forms(void)
{
    for (enum form form = 0; form < ALL_FORMS; form++) {
        winetest_context("form %d", form);
        test_protocol_sequences(form);
        if (form < FORMS) {
            test_endpoint_formats(form);
            test_taken(form);
        }
        test_descriptors(form);
    }
    winetest_context("%s", "");
}

static void test_all(void)
{
    SECURITY_DESCRIPTOR empty = {0};
    struct named named;

    /* RpcServerUseAllProtseqs, ...Ex: "RPC_S_INVALID_SECURITY_DESC". */
    ok_status(RpcServerUseAllProtseqs(10, &empty), RPC_S_INVALID_SECURITY_DESC, "RpcServerUseAllProtseqs");
    ok_status(RpcServerUseAllProtseqsEx(10, &empty, &policy), RPC_S_INVALID_SECURITY_DESC,
              "RpcServerUseAllProtseqsEx");
    ok_status(RpcServerUseAllProtseqs(10, NULL), RPC_S_OK, "RpcServerUseAllProtseqs");
    /* ...If, ...IfEx: "RPC_S_INVALID_ENDPOINT_FORMAT", "RPC_S_INVALID_SECURITY_DESC". */
    ok_status(RpcServerUseAllProtseqsIf(10, name_endpoint_in(&named, "ncacn_ip_tcp", "port"), NULL),
              RPC_S_INVALID_ENDPOINT_FORMAT, "RpcServerUseAllProtseqsIf");
    ok_status(RpcServerUseAllProtseqsIfEx(10, name_endpoint_in(&named, "ncacn_np", "x"), NULL, &policy),
              RPC_S_INVALID_ENDPOINT_FORMAT, "RpcServerUseAllProtseqsIfEx");
    ok_status(RpcServerUseAllProtseqsIfEx(10, name_endpoint_in(&named, "ncalrpc", "a"), &empty, &policy),
              RPC_S_INVALID_SECURITY_DESC, "RpcServerUseAllProtseqsIfEx");
}

/* ---- objects */

static UUID inquired_type;
static volatile LONG inquiries;
static RPC_STATUS inquiry_status;

static void RPC_ENTRY inquire(UUID *object, UUID *type, RPC_STATUS *status)
{
    (void)object;
    InterlockedIncrement(&inquiries);
    *type = inquired_type;
    *status = inquiry_status;
}

static void check_type(UUID *object, RPC_STATUS expected, const UUID *type, const char *what)
{
    UUID got;

    memset(&got, 0x55, sizeof(got));
    ok_status(RpcObjectInqType(object, &got), expected, what);
    ok(!memcmp(&got, type, sizeof(got)), "%s: another type\n", what);
}

static void test_object_types(void)
{
    UUID object, other, type, nil = {0};

    UuidCreate(&object);
    UuidCreate(&other);
    UuidCreate(&type);
    UuidCreate(&inquired_type);
    /* RpcObjectInqType's table: not registered, no inquiry function: "the nil UUID". */
    check_type(&object, RPC_S_OBJECT_NOT_FOUND, &nil, "not registered");
    /* "RPC_S_INVALID_OBJECT"; "a server cannot assign a type to the nil object UUID" */
    ok_status(RpcObjectSetType(&nil, &type), RPC_S_INVALID_OBJECT, "the nil object");
    ok_status(RpcObjectSetType(&object, &type), RPC_S_OK, "RpcObjectSetType");
    check_type(&object, RPC_S_OK, &type, "registered");
    /* "RPC_S_ALREADY_REGISTERED" */
    ok_status(RpcObjectSetType(&object, &inquired_type), RPC_S_ALREADY_REGISTERED, "again");
    check_type(&object, RPC_S_OK, &type, "still the first");

    /* "registered: [the inquiry function is] ignored"; else "the TypeUuid and Status values [...] are
     * returned as the output from RpcObjectInqType" */
    ok_status(RpcObjectSetInqFn(inquire), RPC_S_OK, "RpcObjectSetInqFn");
    check_type(&object, RPC_S_OK, &type, "registered");
    ok(!inquiries, "asked of a registered object\n");
    check_type(&other, RPC_S_OK, &inquired_type, "inquired");
    inquiry_status = RPC_S_OBJECT_NOT_FOUND;
    check_type(&other, RPC_S_OBJECT_NOT_FOUND, &inquired_type, "inquired in vain");
    ok(inquiries == 2, "asked %ld times\n", inquiries);
    /* "A null value turns off a previously registered object-inquiry function." */
    ok_status(RpcObjectSetInqFn(NULL), RPC_S_OK, "RpcObjectSetInqFn");
    check_type(&other, RPC_S_OBJECT_NOT_FOUND, &nil, "no function");
    ok(inquiries == 2, "asked %ld times\n", inquiries);

    /* "A parameter value of NULL or a nil UUID [resets] the object type"; for an object without one
     * unverified on Windows. */
    ok_status(RpcObjectSetType(&object, &nil), RPC_S_OK, "reset by nil");
    check_type(&object, RPC_S_OBJECT_NOT_FOUND, &nil, "reset");
    ok_status(RpcObjectSetType(&object, NULL), RPC_S_OK, "reset by NULL");
    ok_status(RpcObjectSetType(&object, &inquired_type), RPC_S_OK, "another type");
    check_type(&object, RPC_S_OK, &inquired_type, "another type");
    ok_status(RpcObjectSetType(&object, NULL), RPC_S_OK, "reset by NULL");
}

/* "Specify a parameter value of NULL to prevent the return of a type UUID." In a process of its own: a
 * runtime that writes through it ends there. */
START_CHILD(unwanted_type)
{
    UUID object, type;

    UuidCreate(&object);
    UuidCreate(&type);
    ok_status(RpcObjectInqType(&object, NULL), RPC_S_OBJECT_NOT_FOUND, "not registered");
    ok_status(RpcObjectSetType(&object, &type), RPC_S_OK, "RpcObjectSetType");
    ok_status(RpcObjectInqType(&object, NULL), RPC_S_OK, "registered");
    ok_status(RpcObjectSetInqFn(inquire), RPC_S_OK, "RpcObjectSetInqFn");
    ok_status(RpcObjectInqType(&type, NULL), RPC_S_OK, "inquired");
}

/* ---- protocol sequences */

static void test_protseqs(void)
{
    /* "Protocol Sequence Constants" */
    static char *const known[] = {"ncacn_nb_tcp",  "ncacn_nb_ipx", "ncacn_nb_nb",    "ncacn_ip_tcp",
                                  "ncacn_np",      "ncacn_spx",    "ncacn_dnet_nsp", "ncacn_at_dsp",
                                  "ncacn_vns_spp", "ncadg_ip_udp", "ncadg_ipx",      "ncadg_mq",
                                  "ncacn_http",    "ncalrpc"};
    static char *const none[] = {"nonsense", "", "ncacn", "ncacn_", "ncalrpc ", "ncalrpc:"};
    RPC_PROTSEQ_VECTORW *wide = NULL;
    RPC_PROTSEQ_VECTORA *ansi = NULL;

    ok_status(RpcNetworkInqProtseqsA(&ansi), RPC_S_OK, "RpcNetworkInqProtseqsA");
    ok_status(RpcNetworkInqProtseqsW(&wide), RPC_S_OK, "RpcNetworkInqProtseqsW");
    ok(ansi && wide && ansi->Count == wide->Count, "A and W differ\n");
    for (unsigned i = 0; ansi && wide && i < ansi->Count; i++) {
        char narrow[64];

        WideCharToMultiByte(CP_ACP, 0, wide->Protseq[i], -1, narrow, sizeof(narrow), NULL, NULL);
        ok(!strcmp(narrow, (char *)ansi->Protseq[i]), "A %s, W %s\n", ansi->Protseq[i], narrow);
        /* "A protocol sequence is valid if both the RPC run-time library and the operating system support
         * [it]"; those are what RpcNetworkInqProtseqs returns. */
        ok_status(RpcNetworkIsProtseqValidA(ansi->Protseq[i]), RPC_S_OK, narrow);
        ok_status(RpcNetworkIsProtseqValidW(wide->Protseq[i]), RPC_S_OK, narrow);
    }
    for (unsigned i = 0; ansi && i < ARRAYSIZE(known); i++) {
        RPC_STATUS expected = RPC_S_PROTSEQ_NOT_SUPPORTED;

        for (unsigned k = 0; k < ansi->Count; k++)
            if (!strcmp((char *)ansi->Protseq[k], known[i]))
                expected = RPC_S_OK;
        ok_status(RpcNetworkIsProtseqValidA((RPC_CSTR)known[i]), expected, known[i]);
    }
    /* "If [it] is not a valid protocol sequence string, [...] returns RPC_S_INVALID_RPC_PROTSEQ." */
    for (unsigned i = 0; i < ARRAYSIZE(none); i++)
        ok_status(RpcNetworkIsProtseqValidA((RPC_CSTR)none[i]), RPC_S_INVALID_RPC_PROTSEQ, none[i]);
    ok_status(RpcProtseqVectorFreeA(&ansi), RPC_S_OK, "RpcProtseqVectorFreeA");
    ok_status(RpcProtseqVectorFreeW(&wide), RPC_S_OK, "RpcProtseqVectorFreeW");
    ok(!ansi && !wide, "vectors %p, %p\n", ansi, wide);
}

/* RpcIfInqId of either kind of interface; RpcIfIdVectorFree: "RPC_S_INVALID_ARG", "on return, the pointer is
 * set to NULL" (which winetest mgmt sees). */
static void test_interface_ids(void)
{
    RPC_SERVER_INTERFACE server = {.Length = sizeof(server)};
    RPC_CLIENT_INTERFACE client = {.Length = sizeof(client)};
    RPC_IF_ID_VECTOR *none = NULL;
    RPC_IF_ID id;

    UuidCreate(&server.InterfaceId.SyntaxGUID);
    server.InterfaceId.SyntaxVersion.MajorVersion = 65535;
    server.InterfaceId.SyntaxVersion.MinorVersion = 7;
    client.InterfaceId = server.InterfaceId;
    for (int i = 0; i < 2; i++) {
        memset(&id, 0x55, sizeof(id));
        ok_status(RpcIfInqId(i ? (void *)&server : (void *)&client, &id), RPC_S_OK, "RpcIfInqId");
        ok(!memcmp(&id.Uuid, &server.InterfaceId.SyntaxGUID, sizeof(id.Uuid)) && id.VersMajor == 65535 &&
               id.VersMinor == 7,
           "version %u.%u\n", id.VersMajor, id.VersMinor);
    }
    ok_status(RpcIfIdVectorFree(&none), RPC_S_INVALID_ARG, "RpcIfIdVectorFree");
}

START_TEST(server_statuses)
{
    test_protseqs();
    test_object_types();
    child_wait(child_start("unwanted_type", "%s", ""), 0);
    test_interface_ids();
    test_forms();
    test_all();
}
