/*
 * Remote management (C706, appendix Q) by the client stubs of its IDL: what answers is the runtime itself.
 */
#include "real.h"
#include "mgmt.h"
#include "test_echo.h"

static void calls(handle_t h)
{
    RPC_SERVER_INTERFACE *echo = rpcecho_v1_0_s_ifspec;
    if_id_vector_p_t vector = NULL;
    error_status_t status = ~0u;
    ULONG count = 4, statistics[4] = {0}, found = 0;
    unsigned char name[64] = "untouched";

    mgmt_inq_if_ids(h, &vector, &status);
    ok_status(status, RPC_S_OK, "inq_if_ids");
    if (ok(vector != NULL, "no vector\n")) {
        for (ULONG i = 0; i < vector->count; i++) {
            found += vector->if_id[i] &&
                     !memcmp(&vector->if_id[i]->uuid, &echo->InterfaceId.SyntaxGUID, sizeof(GUID)) &&
                     vector->if_id[i]->vers_major == 1 && !vector->if_id[i]->vers_minor;
            midl_user_free(vector->if_id[i]);
        }
        midl_user_free(vector);
    }
    ok(found == 1, "the interface is there %lu times\n", (unsigned long)found);
    mgmt_inq_stats(h, &count, statistics, &status);
    ok_status(status, RPC_S_OK, "inq_stats");
    ok(count == 4 && statistics[0] && statistics[2] && statistics[3], "%lu statistics\n",
       (unsigned long)count);
    status = ~0u;
    ok(mgmt_is_server_listening(h, &status), "not listening\n");
    ok_status(status, RPC_S_OK, "is_server_listening");
    mgmt_inq_princ_name(h, RPC_C_AUTHN_WINNT, sizeof(name), name, &status);
    ok(status, "a principal where none is registered: %s\n", name);
    /* Without an authorization function nobody from elsewhere may (SDK: RpcMgmtSetAuthorizationFn). */
    mgmt_stop_server_listening(h, &status);
    ok_status(status, RPC_S_ACCESS_DENIED, "stop_server_listening");
    ok(mgmt_is_server_listening(h, &status), "stopped all the same\n");
}

START_TEST(real_mgmt)
{
    real_run(rpcecho_v1_0_s_ifspec, NULL, calls);
}
