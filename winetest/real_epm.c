/*
 * The endpoint mapper (C706, appendix O): full pointers, arrays that vary of pointers to conformant
 * structures, a lookup that goes on in a context handle; by managers here, and by the machine's own mapper.
 */
#include "real.h"
#include "epm.h"
#include "test_echo.h"

/* The same octets as twr_t of the runtime's headers. */
RPC_STATUS RPC_ENTRY TowerConstruct(const RPC_SYNTAX_IDENTIFIER *spec, const RPC_SYNTAX_IDENTIFIER *syntax,
                                    const char *protseq, const char *endpoint, const char *address,
                                    twr_p_t *tower);
RPC_STATUS RPC_ENTRY TowerExplode(const twr_t *tower, RPC_SYNTAX_IDENTIFIER *spec,
                                  RPC_SYNTAX_IDENTIFIER *syntax, char **protseq, char **endpoint,
                                  char **address);

static volatile LONG rundowns;

void __RPC_USER ept_lookup_handle_t_rundown(ept_lookup_handle_t handle)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(handle);
}

/* ---- managers */

static twr_t *new_tower(const char *octets, ULONG length)
{
    twr_t *tower = midl_user_allocate(sizeof(*tower) + length);

    tower->tower_length = length;
    memcpy(tower->tower_octet_string, octets, length);
    return tower;
}

/* Three towers in two answers; the handle lives from one to the other. */
static void map(handle_t h, GUID *object, twr_p_t tower, ept_lookup_handle_t *handle, ULONG max, ULONG *count,
                twr_p_t towers[], error_status_t *status)
{
    (void)h;
    ok(!object && tower->tower_length == 5 && !memcmp(tower->tower_octet_string, "tower", 5) && max == 4,
       "map\n");
    *status = 0;
    if (!*handle) {
        *handle = midl_user_allocate(1);
        *count = 2;
        towers[0] = new_tower("first", 5);
        towers[1] = new_tower("x", 1);
        return;
    }
    midl_user_free(*handle);
    *handle = NULL;
    *count = 1;
    towers[0] = new_tower("", 0);
}

static void lookup(handle_t h, ULONG type, GUID *object, ept_if_id_t *spec, ULONG vers_option,
                   ept_lookup_handle_t *handle, ULONG max, ULONG *count, ept_entry_t entries[],
                   error_status_t *status)
{
    (void)h, (void)vers_option, (void)handle;
    ok(type == 3 && object->Data2 == 2 && spec->vers_major == 7 && max == 3, "lookup\n");
    *count = 2;
    for (ULONG i = 0; i < 2; i++) {
        memset(&entries[i], 0, sizeof(entries[i]));
        entries[i].object.Data1 = i;
        entries[i].tower = new_tower("xy", i + 1);
        snprintf((char *)entries[i].annotation, sizeof(entries[i].annotation), "entry %lu", (unsigned long)i);
    }
    *status = 0x16c9a0d6; /* ept_s_not_registered */
}

static void insert(handle_t h, ULONG count, ept_entry_t entries[], ULONG replace, error_status_t *status)
{
    (void)h;
    ok(count == 2 && replace == 1 && !entries[0].tower && !strcmp((char *)entries[1].annotation, "second") &&
           entries[1].tower->tower_octet_string[2] == 'c',
       "insert\n");
    *status = 5;
}

static const ept_SERVER_EPV managers = {.ept_map = map, .ept_lookup = lookup, .ept_insert = insert};

/* ---- calls */

static void call_map(handle_t h)
{
    twr_t *tower = new_tower("tower", 5);
    ept_lookup_handle_t handle = NULL;
    twr_p_t towers[4] = {NULL};
    error_status_t status = ~0u;
    ULONG count = 0;

    epm_ept_map(h, NULL, tower, &handle, 4, &count, towers, &status);
    ok(!status && handle && count == 2 && towers[0]->tower_length == 5 &&
           !memcmp(towers[0]->tower_octet_string, "first", 5) && *towers[1]->tower_octet_string == 'x',
       "first answer\n");
    midl_user_free(towers[0]);
    midl_user_free(towers[1]);
    towers[0] = towers[1] = NULL;
    epm_ept_map(h, NULL, tower, &handle, 4, &count, towers, &status);
    ok(!status && !handle && count == 1 && !towers[0]->tower_length, "second answer\n");
    midl_user_free(towers[0]);
    midl_user_free(tower);
}

static void call_entries(handle_t h)
{
    ept_entry_t entries[3];
    GUID object = {.Data2 = 2};
    ept_if_id_t spec = {object, 7, 0};
    ept_lookup_handle_t handle = NULL;
    error_status_t status = 0;
    ULONG count = 0;

    memset(entries, 0, sizeof(entries));
    epm_ept_lookup(h, 3, &object, &spec, 1, &handle, 3, &count, entries, &status);
    ok(count == 2 && status == 0x16c9a0d6 && !handle && entries[1].object.Data1 == 1 &&
           entries[1].tower->tower_length == 2 && !strcmp((char *)entries[1].annotation, "entry 1"),
       "lookup\n");
    midl_user_free(entries[0].tower);
    midl_user_free(entries[1].tower);

    memset(entries, 0, sizeof(entries));
    strcpy((char *)entries[1].annotation, "second");
    entries[1].tower = new_tower("abc", 3);
    epm_ept_insert(h, 2, entries, 1, &status);
    ok(status == 5, "insert\n");
    midl_user_free(entries[1].tower);
}

static void calls(handle_t h)
{
    call_map(h);
    call_entries(h);
}

/* The machine's own mapper, over its well-known local endpoint, asked for an interface registered here. */
static void call_machine(void)
{
    RPC_SERVER_INTERFACE *echo = rpcecho_v1_0_s_ifspec;
    struct endpoint mapper, own;
    RPC_BINDING_VECTOR *bindings = NULL;
    RPC_SYNTAX_IDENTIFIER spec, syntax;
    ept_lookup_handle_t handle = NULL;
    twr_p_t asked = NULL, towers[4] = {NULL};
    error_status_t status = ~0u;
    ULONG count = 0;
    char *protseq = NULL, *endpoint = NULL;
    handle_t h;

    winetest_context("the machine's own");
    make_endpoint(&own, &transports[2], "epm");
    use_endpoint(&own);
    ok_status(RpcServerInqBindings(&bindings), RPC_S_OK, "RpcServerInqBindings");
    ok_status(RpcEpRegisterA(echo, bindings, NULL, NULL), RPC_S_OK, "RpcEpRegister");
    ok_status(
        TowerConstruct(&echo->InterfaceId, &echo->TransferSyntax, "ncacn_ip_tcp", "0", "0.0.0.0", &asked),
        RPC_S_OK, "TowerConstruct");
    name_endpoint(&mapper, "ncalrpc", "epmapper");
    h = bind_to(&mapper);
    ok_status(CAUGHT(epm_ept_map(h, NULL, asked, &handle, 4, &count, towers, &status)), RPC_S_OK, "ept_map");
    ok(!status && count >= 1, "status %#lx, %lu towers\n", (unsigned long)status, (unsigned long)count);
    if (count && ok(towers[0] != NULL, "no tower\n")) {
        ok_status(TowerExplode(towers[0], &spec, &syntax, &protseq, &endpoint, NULL), RPC_S_OK,
                  "TowerExplode");
        ok(!memcmp(&spec, &echo->InterfaceId, sizeof(spec)), "another interface\n");
        ok(!strcmp(protseq, "ncacn_ip_tcp") && atoi(endpoint) > 0, "%s %s\n", protseq, endpoint);
        I_RpcFree(protseq);
        I_RpcFree(endpoint);
    }
    for (ULONG i = 0; i < count; i++)
        midl_user_free(towers[i]);
    if (handle)
        epm_ept_lookup_handle_free(h, &handle, &status);
    I_RpcFree(asked);
    unbind(&h);
    ok_status(RpcEpUnregister(echo, bindings, NULL), RPC_S_OK, "RpcEpUnregister");
    RpcBindingVectorFree(&bindings);
}

START_TEST(real_epm)
{
    real_run(ept_v3_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
    call_machine();
}
