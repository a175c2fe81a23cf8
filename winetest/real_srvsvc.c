/*
 * The server service ([MS-SRVS]): unions by a level in a parameter, pointers to unions of values and of
 * pointers, arrays in containers in unions, strings of fixed size in an array that varies, a generic handle
 * on every call.
 */
#include "real.h"
#include "srvsvc.h"

_Static_assert(sizeof(SERVER_INFO_502) == 18 * 4, "[MS-SRVS] 2.2.4.44");
_Static_assert(sizeof(DISK_INFO) == 6, "[MS-SRVS] 2.2.4.92");
_Static_assert(sizeof(TIME_OF_DAY_INFO) == 48, "[MS-SRVS] 2.2.4.105");

handle_t __RPC_USER SRVSVC_HANDLE_bind(SRVSVC_HANDLE server)
{
    return real_bind(server);
}

void __RPC_USER SRVSVC_HANDLE_unbind(SRVSVC_HANDLE server, handle_t h)
{
    (void)server;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER SHARE_DEL_HANDLE_rundown(SHARE_DEL_HANDLE share)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(share);
}

/* ---- managers */

static NET_API_STATUS server_get_info(SRVSVC_HANDLE server, DWORD level, LPSERVER_INFO info)
{
    static const SERVER_INFO_101 info_101 = {500, NULL, 10, 1, 0x3, NULL};
    SERVER_INFO_502 *numbers;

    (void)server;
    switch (level) {
    case 101:
        info->ServerInfo101 = real_copy(&info_101, sizeof(info_101));
        info->ServerInfo101->sv101_name = real_text(L"WINGTIPTOYS");
        return 0;
    case 502:
        numbers = info->ServerInfo502 = midl_user_allocate(sizeof(*numbers));
        for (int i = 0; i < 18; i++)
            (&numbers->sv502_sessopens)[i] = i * 3;
        return 0;
    case 1005:
        info->ServerInfo1005 = midl_user_allocate(sizeof(*info->ServerInfo1005));
        info->ServerInfo1005->sv1005_comment = real_text(L"");
        return 0;
    case 1542:
        info->ServerInfo1542 = NULL;
        return 0;
    default:
        return 124; /* ERROR_INVALID_LEVEL: and no arm to send it with */
    }
}

static NET_API_STATUS server_set_info(SRVSVC_HANDLE server, DWORD level, LPSERVER_INFO info, DWORD *bad)
{
    ok(!wcscmp(server, REAL_SERVER), "the server's name is an argument, too: %ls\n", server);
    ok(level == 1005 && !wcscmp(info->ServerInfo1005->sv1005_comment, L"a comment"), "level %lu\n",
       (unsigned long)level);
    if (bad)
        *bad += 7;
    return bad ? 87 : 0;
}

static const unsigned char descriptor[] = {1, 0, 4, 0x80, 5, 6, 7};

/* Three shares; the second has no remark and a security descriptor. */
static NET_API_STATUS share_enum(SRVSVC_HANDLE server, LPSHARE_ENUM_STRUCT shares, DWORD length, DWORD *total,
                                 DWORD *resume)
{
    SHARE_INFO_502_CONTAINER *container = shares->ShareInfo.Level502;
    SHARE_INFO_502_I *share;

    ok(!server && shares->Level == 502 && container && !container->EntriesRead && !container->Buffer &&
           length == 0xffffffff,
       "level %lu\n", (unsigned long)shares->Level);
    container->EntriesRead = *total = 3;
    share = container->Buffer = midl_user_allocate(3 * sizeof(*share));
    memset(share, 0, 3 * sizeof(*share));
    share[0].shi502_netname = real_text(L"IPC$");
    share[0].shi502_type = 3;
    share[1].shi502_netname = real_text(L"data");
    share[1].shi502_reserved = sizeof(descriptor);
    share[1].shi502_security_descriptor = real_copy(descriptor, sizeof(descriptor));
    share[2].shi502_remark = real_text(L"third");
    if (resume)
        *resume = *resume ? 0 : 0x120;
    return resume ? 234 : 0;
}

static NET_API_STATUS disk_enum(SRVSVC_HANDLE server, DWORD level, DISK_ENUM_CONTAINER *disks, DWORD length,
                                DWORD *total, DWORD *resume)
{
    static const DISK_INFO letters[] = {{L"C:"}, {L"D:"}, {L""}};

    (void)server, (void)level, (void)length, (void)resume;
    disks->EntriesRead = *total = 3;
    disks->Buffer = real_copy(letters, sizeof(letters));
    return 0;
}

static NET_API_STATUS canonicalize(SRVSVC_HANDLE server, WCHAR *path, unsigned char *out, DWORD size,
                                   WCHAR *prefix, DWORD *type, DWORD flags)
{
    (void)server, (void)flags;
    memset(out, 0, size);
    _snwprintf((wchar_t *)out, size / sizeof(wchar_t), L"%ls\\%ls", prefix, path);
    *type = 0x2003;
    return 0;
}

static NET_API_STATUS transport_add(SRVSVC_HANDLE server, DWORD level, LPTRANSPORT_INFO info)
{
    const SERVER_TRANSPORT_INFO_3 *t = &info->Transport3;

    (void)server;
    ok(level == 3 && t->svti3_numberofvcs == 2 && !wcscmp(t->svti3_transportname, L"\\Device\\NetBT"),
       "head\n");
    ok(t->svti3_transportaddresslength == 5 && !memcmp(t->svti3_transportaddress, "ADDRE", 5), "address\n");
    ok(!t->svti3_networkaddress && !wcscmp(t->svti3_domain, L"DOMAIN"), "strings\n");
    ok(t->svti3_flags == 2 && t->svti3_passwordlength == 4 && t->svti3_password[255] == 255, "tail\n");
    return 0;
}

static NET_API_STATUS report_sites(SRVSVC_HANDLE server, LPDFS_SITELIST_INFO *sites)
{
    DFS_SITELIST_INFO *got = *sites;

    (void)server;
    if (!got)
        return 0;
    ok(got->cSites == 2 && !wcscmp(got->Site[0].SiteName, L"first") && !got->Site[1].SiteName &&
           got->Site[1].SiteFlags == 9,
       "%lu sites\n", (unsigned long)got->cSites);
    got->Site[0].SiteFlags = 0x100;
    return 0;
}

static NET_API_STATUS delete_start(SRVSVC_HANDLE server, WCHAR *name, DWORD reserved, PSHARE_DEL_HANDLE share)
{
    (void)server, (void)reserved;
    *share = real_text(name);
    return 0;
}

static NET_API_STATUS delete_commit(PSHARE_DEL_HANDLE share)
{
    ok(!wcscmp(*share, L"IPC$"), "another share\n");
    midl_user_free(*share);
    *share = NULL;
    return 0;
}

static NET_API_STATUS time_of_day(SRVSVC_HANDLE server, LPTIME_OF_DAY_INFO *time)
{
    TIME_OF_DAY_INFO now = {.tod_hours = 23, .tod_timezone = -60, .tod_weekday = 6};

    (void)server;
    *time = real_copy(&now, sizeof(now));
    return 0;
}

static const srvsvc_SERVER_EPV managers = {
    .NetrServerGetInfo = server_get_info,
    .NetrServerSetInfo = server_set_info,
    .NetrShareEnum = share_enum,
    .NetrServerDiskEnum = disk_enum,
    .NetprPathCanonicalize = canonicalize,
    .NetrServerTransportAddEx = transport_add,
    .NetrDfsManagerReportSiteInfo = report_sites,
    .NetrShareDelStart = delete_start,
    .NetrShareDelCommit = delete_commit,
    .NetrRemoteTOD = time_of_day,
};

/* ---- calls */

static void call_server_info(void)
{
    SERVER_INFO info = {NULL};
    SERVER_INFO_1005 comment = {(wchar_t *)L"a comment"};
    DWORD bad = 5;
    unsigned wrong = 0;

    ok(!srvsvc_NetrServerGetInfo((wchar_t *)REAL_SERVER, 101, &info) && info.ServerInfo101, "level 101\n");
    ok(info.ServerInfo101->sv101_platform_id == 500 && info.ServerInfo101->sv101_type == 3 &&
           !wcscmp(info.ServerInfo101->sv101_name, L"WINGTIPTOYS") && !info.ServerInfo101->sv101_comment,
       "level 101's members\n");
    midl_user_free(info.ServerInfo101->sv101_name);
    midl_user_free(info.ServerInfo101);
    info.ServerInfo502 = NULL;
    ok(!srvsvc_NetrServerGetInfo(NULL, 502, &info) && info.ServerInfo502, "level 502\n");
    for (int i = 0; i < 18; i++)
        wrong += (&info.ServerInfo502->sv502_sessopens)[i] != (DWORD)i * 3;
    ok(!wrong, "%u of level 502's members\n", wrong);
    midl_user_free(info.ServerInfo502);
    info.ServerInfo1005 = NULL;
    ok(!srvsvc_NetrServerGetInfo(NULL, 1005, &info) && !*info.ServerInfo1005->sv1005_comment, "level 1005\n");
    midl_user_free(info.ServerInfo1005->sv1005_comment);
    midl_user_free(info.ServerInfo1005);
    info.ServerInfo1542 = NULL;
    ok(!srvsvc_NetrServerGetInfo(NULL, 1542, &info) && !info.ServerInfo1542, "level 1542\n");
    ok_status(CAUGHT(srvsvc_NetrServerGetInfo(NULL, 9, &info)), RPC_S_INVALID_TAG, "level 9");

    info.ServerInfo1005 = &comment;
    ok(!srvsvc_NetrServerSetInfo((wchar_t *)REAL_SERVER, 1005, &info, NULL), "set, without ParmErr\n");
    ok(srvsvc_NetrServerSetInfo((wchar_t *)REAL_SERVER, 1005, &info, &bad) == 87 && bad == 12,
       "ParmErr %lu\n", (unsigned long)bad);
}

static void call_shares(void)
{
    SHARE_INFO_502_CONTAINER container = {0, NULL};
    SHARE_ENUM_STRUCT shares = {502, {.Level502 = &container}};
    DWORD total = 0, resume = 0;
    SHARE_INFO_502_I *share;
    SHARE_DEL_HANDLE deletion = NULL;

    ok(srvsvc_NetrShareEnum(NULL, &shares, 0xffffffff, &total, &resume) == 234, "more data\n");
    ok(total == 3 && resume == 0x120 && container.EntriesRead == 3, "%lu shares, resume %#lx\n",
       (unsigned long)total, (unsigned long)resume);
    share = container.Buffer;
    ok(!wcscmp(share[0].shi502_netname, L"IPC$") && share[0].shi502_type == 3 && !share[0].shi502_remark,
       "first\n");
    ok(share[1].shi502_reserved == sizeof(descriptor) &&
           !memcmp(share[1].shi502_security_descriptor, descriptor, sizeof(descriptor)),
       "second\n");
    ok(!share[2].shi502_netname && !wcscmp(share[2].shi502_remark, L"third"), "third\n");
    midl_user_free(share[0].shi502_netname);
    midl_user_free(share[1].shi502_netname);
    midl_user_free(share[1].shi502_security_descriptor);
    midl_user_free(share[2].shi502_remark);
    midl_user_free(share);

    ok(!srvsvc_NetrShareDelStart(NULL, (WCHAR *)L"IPC$", 0, &deletion) && deletion, "start\n");
    ok(!srvsvc_NetrShareDelCommit(&deletion) && !deletion, "commit\n");
}

static void call_others(void)
{
    DISK_ENUM_CONTAINER disks = {0, NULL};
    SERVER_TRANSPORT_INFO_3 transport = {
        2,
        (WCHAR *)L"\\Device\\NetBT",
        (unsigned char *)"ADDRE",
        5,
        NULL,
        (WCHAR *)L"DOMAIN",
        2,
        4,
        {[255] = 255},
    };
    TRANSPORT_INFO info = {.Transport3 = transport};
    TIME_OF_DAY_INFO *time = NULL;
    DFS_SITELIST_INFO *sites = NULL;
    DWORD total = 0, type = 0;
    static wchar_t path[32001]; /* a call that fails clears what it was told the size of */
    wchar_t site[] = L"first";  /* the reply's string comes here */

    ok(!srvsvc_NetrServerDiskEnum(NULL, 0, &disks, 0xffffffff, &total, NULL) && total == 3, "disks\n");
    ok(disks.EntriesRead == 3 && !wcscmp(disks.Buffer[0].Disk, L"C:") &&
           !wcscmp(disks.Buffer[1].Disk, L"D:") && !*disks.Buffer[2].Disk,
       "%lu disks\n", (unsigned long)disks.EntriesRead);
    midl_user_free(disks.Buffer);
    ok(!srvsvc_NetprPathCanonicalize(NULL, (WCHAR *)L"b", (unsigned char *)path, 32, (WCHAR *)L"C:\\a", &type,
                                     0) &&
           !wcscmp(path, L"C:\\a\\b") && type == 0x2003,
       "canonicalize\n");
    /* The range of the length is 0 to 64000. */
    ok_status(CAUGHT(srvsvc_NetprPathCanonicalize(NULL, (WCHAR *)L"b", (unsigned char *)path, 64001,
                                                  (WCHAR *)L"", &type, 0)),
              RPC_X_INVALID_BOUND, "a length out of range");
    ok(!srvsvc_NetrServerTransportAddEx(NULL, 3, &info), "transport\n");
    ok(!srvsvc_NetrRemoteTOD(NULL, &time) && time->tod_hours == 23 && time->tod_timezone == -60 &&
           time->tod_weekday == 6,
       "time\n");
    midl_user_free(time);

    ok(!srvsvc_NetrDfsManagerReportSiteInfo(NULL, &sites) && !sites, "no sites\n");
    sites = midl_user_allocate(sizeof(*sites) + sizeof(sites->Site[0]));
    sites->cSites = 2;
    sites->Site[0] = (DFS_SITENAME_INFO){1, (WCHAR *)site};
    sites->Site[1] = (DFS_SITENAME_INFO){9, NULL};
    ok(!srvsvc_NetrDfsManagerReportSiteInfo(NULL, &sites) && sites->Site[0].SiteFlags == 0x100, "sites\n");
    midl_user_free(sites);
}

static void calls(handle_t h)
{
    (void)h;
    call_server_info();
    call_shares();
    call_others();
}

START_TEST(real_srvsvc)
{
    real_run(srvsvc_v3_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
}
