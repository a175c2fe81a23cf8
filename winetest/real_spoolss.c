/*
 * The print system ([MS-RPRN]): switches that are expressions, unions with a structure of their own inside,
 * integers of a pointer's size, conformant structures with unions as elements, buffers that may be missing,
 * sizes in halves.
 */
#include "real.h"
#include "spoolss.h"

/* 2.2.3.9: the document's macros, which stay in the IDL. */
enum { TABLE_DWORD = 1, TABLE_STRING = 2, TABLE_DEVMODE = 3, TABLE_TIME = 4 };

_Static_assert(sizeof(CORE_PRINTER_DRIVER) == 16 + 8 + 8 + 520, "[MS-RPRN] 2.2.1.10.1");
_Static_assert(sizeof(RPC_V2_NOTIFY_INFO_DATA) == (sizeof(void *) == 8 ? 32 : 20), "[MS-RPRN] 2.2.1.13.4");

handle_t __RPC_USER STRING_HANDLE_bind(STRING_HANDLE server)
{
    return real_bind(server);
}

void __RPC_USER STRING_HANDLE_unbind(STRING_HANDLE server, handle_t h)
{
    (void)server;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER PRINTER_HANDLE_rundown(PRINTER_HANDLE printer)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(printer);
}

void __RPC_USER GDI_HANDLE_rundown(GDI_HANDLE device)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(device);
}

/* ---- managers */

static DWORD open_printer(STRING_HANDLE name, PRINTER_HANDLE *printer, wchar_t *type, DEVMODE_CONTAINER *mode,
                          DWORD access, SPLCLIENT_CONTAINER *client)
{
    const SPLCLIENT_INFO_1 *info = client->ClientInfo.pClientInfo1;

    ok(!wcscmp(name, REAL_SERVER) && !wcscmp(type, L"RAW") && access == 8, "name\n");
    ok(mode->cbBuf == 5 && !memcmp(mode->pDevMode, "DMODE", 5), "device mode\n");
    ok(client->Level == 1 && !wcscmp(info->pMachineName, L"machine") && !info->pUserName &&
           info->wProcessorArchitecture == 9,
       "client\n");
    *printer = real_text(L"printer");
    return 0;
}

static DWORD close_printer(PRINTER_HANDLE *printer)
{
    midl_user_free(*printer);
    *printer = NULL;
    return 0;
}

static DWORD enum_printers(DWORD flags, STRING_HANDLE name, DWORD level, BYTE *buffer, DWORD size,
                           DWORD *needed, DWORD *returned)
{
    ok(flags == 2 && !name && level == 4 && !buffer == !size, "arguments\n");
    *needed = 6;
    *returned = 0;
    if (size < 6)
        return 122;
    ok(buffer[0] == 0x5a, "what was in the buffer comes, too\n");
    memcpy(buffer, "prints", 6);
    *returned = 2;
    return 0;
}

static DWORD set_job(PRINTER_HANDLE printer, DWORD job, JOB_CONTAINER *container, DWORD command)
{
    const JOB_INFO_4 *info;

    (void)printer;
    ok(job == 12 && command == 3, "job\n");
    if (!container)
        return 1;
    info = container->JobInfo.Level4;
    ok(container->Level == 4 && info->JobId == 12 && !wcscmp(info->pDocument, L"a document") &&
           !info->pStatus && info->pDevMode == 0x12345678 && info->pSecurityDescriptor == 0 &&
           info->Submitted.wYear == 2026 && info->SizeHigh == -1,
       "job's information\n");
    return 0;
}

static DWORD add_port(STRING_HANDLE name, PORT_CONTAINER *port, PORT_VAR_CONTAINER *data, wchar_t *monitor)
{
    (void)name;
    ok(!wcscmp(monitor, L"monitor") && data->cbMonitorData == 3 && !memcmp(data->pMonitorData, "abc", 3),
       "port\n");
    /* The high octet of the level is no part of the switch. */
    ok(port->Level == 0x55ffffff && !wcscmp(port->PortInfo.pPortInfoFF->pPortName, L"LPT1") &&
           port->PortInfo.pPortInfoFF->pMonitorData[0] == 0xee,
       "level %#lx\n", (unsigned long)port->Level);
    return 0;
}

static DWORD bidi(PRINTER_HANDLE printer, const wchar_t *action, RPC_BIDI_REQUEST_CONTAINER *request,
                  RPC_BIDI_RESPONSE_CONTAINER **response)
{
    RPC_BIDI_RESPONSE_CONTAINER *answer;

    (void)printer;
    ok(!wcscmp(action, L"Get") && request->Count == 4 && request->aData[0].data.u.bData == 1 &&
           request->aData[1].data.u.fData == 2.5f && !wcscmp(request->aData[2].data.u.sData, L"text") &&
           request->aData[3].data.u.biData.cbBuf == 2 && request->aData[3].data.u.biData.pszString[1] == 8 &&
           !wcscmp(request->aData[3].pSchema, L"\\Printer"),
       "request\n");
    *response = answer = midl_user_allocate(sizeof(*answer) + sizeof(answer->aData[0]));
    memset(answer, 0, sizeof(*answer) + sizeof(answer->aData[0]));
    answer->Count = 2;
    answer->aData[0].data.dwBidiType = BIDI_INT;
    answer->aData[0].data.u.iData = -5;
    answer->aData[1].data.dwBidiType = BIDI_ENUM;
    answer->aData[1].data.u.sData = real_text(L"enumeration");
    answer->aData[1].dwResult = 9;
    return 0;
}

static DWORD router_reply(PRINTER_HANDLE notify, DWORD color, DWORD flags, DWORD *result, DWORD type,
                          RPC_V2_UREPLY_PRINTER reply)
{
    const RPC_V2_NOTIFY_INFO *info = reply.pInfo;

    (void)notify;
    ok(color == 1 && flags == 0x100 && type == 0 && info->Version == 2 && info->Count == 3, "reply\n");
    ok(info->aData[0].Id == 12 && info->aData[0].Data.String.cbBuf == 10 &&
           !wcscmp(info->aData[0].Data.String.pszString, L"text"),
       "a string\n");
    ok(info->aData[1].Data.dwData[1] == 0x2222 && info->aData[2].Data.SystemTime.pSystemTime->wDay == 21,
       "others\n");
    *result = 3;
    return 0;
}

static DWORD refresh(PRINTER_HANDLE printer, DWORD color, RPC_V2_NOTIFY_OPTIONS *options,
                     RPC_V2_NOTIFY_INFO **info)
{
    (void)printer, (void)color;
    ok(options->Count == 2 && options->pTypes[1].Count == 3 && options->pTypes[1].pFields[2] == 0x0d &&
           !options->pTypes[0].pFields,
       "options\n");
    *info = midl_user_allocate(sizeof(**info));
    memset(*info, 0, sizeof(**info));
    (*info)->Count = 1;
    (*info)->aData[0].Reserved = 0xabcd0000 | TABLE_DEVMODE;
    (*info)->aData[0].Data.DevMode = (DEVMODE_CONTAINER){4, real_copy("mode", 4)};
    return 0;
}

static DWORD get_property(PRINTER_HANDLE printer, DWORD job, const wchar_t *name,
                          RPC_PrintPropertyValue *value)
{
    (void)printer;
    value->ePropertyType = job;
    switch (job) {
    case kRpcPropertyTypeString:
        value->value.propertyString = real_text(name);
        return 0;
    case kRpcPropertyTypeInt64:
        value->value.propertyInt64 = -0x123456789abcdef;
        return 0;
    default:
        value->value.propertyBlob.cbBuf = 3;
        value->value.propertyBlob.pBuf = real_copy("\1\2\3", 3);
        return 0;
    }
}

static DWORD enum_properties(PRINTER_HANDLE printer, DWORD job, DWORD *count,
                             RPC_PrintNamedProperty **properties)
{
    (void)printer, (void)job;
    *count = 2;
    *properties = midl_user_allocate(2 * sizeof(**properties));
    memset(*properties, 0, 2 * sizeof(**properties));
    (*properties)[0].propertyName = real_text(L"one");
    (*properties)[0].propertyValue.ePropertyType = kRpcPropertyTypeByte;
    (*properties)[0].propertyValue.value.propertyByte = 0x42;
    (*properties)[1].propertyValue.ePropertyType = kRpcPropertyTypeInt32;
    (*properties)[1].propertyValue.value.propertyInt32 = -2;
    return 0;
}

static DWORD enum_data(PRINTER_HANDLE printer, DWORD index, wchar_t *name, DWORD name_size,
                       DWORD *name_needed, DWORD *type, BYTE *data, DWORD size, DWORD *needed)
{
    (void)printer, (void)index;
    memset(name, 0, name_size);
    memset(data, 0xdd, size);
    wcscpy(name, L"value");
    *name_needed = 12;
    *type = 3;
    *needed = 1;
    return 0;
}

static HRESULT ipp_attributes(PRINTER_HANDLE printer, DWORD count, const wchar_t **names, DWORD *size,
                              BYTE **answer)
{
    (void)printer;
    ok(count == 2 && !wcscmp(names[0], L"copies") && !wcscmp(names[1], L"sides"), "names\n");
    *size = 4;
    *answer = real_copy("ipp!", 4);
    return 0;
}

static DWORD log_job(PRINTER_HANDLE printer, RPC_BranchOfficeJobDataContainer *jobs)
{
    (void)printer;
    ok(jobs->cJobDataEntries == 2 && jobs->JobData[0].JobInfo.LogJobPrinted.Size == 0x100000000 &&
           !wcscmp(jobs->JobData[0].JobInfo.LogJobPrinted.pPortName, L"LPT1") &&
           jobs->JobData[0].JobInfo.LogJobPrinted.TotalPages == 3 &&
           jobs->JobData[1].JobInfo.LogJobRendered.TTOption == -3,
       "jobs\n");
    return 0;
}

static const winspool_SERVER_EPV managers = {
    .RpcOpenPrinterEx = open_printer,
    .RpcClosePrinter = close_printer,
    .RpcEnumPrinters = enum_printers,
    .RpcSetJob = set_job,
    .RpcAddPortEx = add_port,
    .RpcSendRecvBidiData = bidi,
    .RpcRouterReplyPrinterEx = router_reply,
    .RpcRouterRefreshPrinterChangeNotification = refresh,
    .RpcGetJobNamedPropertyValue = get_property,
    .RpcEnumJobNamedProperties = enum_properties,
    .RpcEnumPrinterData = enum_data,
    .RpcIppGetPrinterAttributes = ipp_attributes,
    .RpcLogJobInfoForBranchOffice = log_job,
};

/* ---- calls */

static PRINTER_HANDLE call_open(void)
{
    DEVMODE_CONTAINER mode = {5, (BYTE *)"DMODE"};
    SPLCLIENT_INFO_1 info = {28, (wchar_t *)L"machine", NULL, 1, 2, 3, 9};
    SPLCLIENT_CONTAINER client = {1, {.pClientInfo1 = &info}};
    PRINTER_HANDLE printer = NULL;

    ok(!spoolss_RpcOpenPrinterEx((wchar_t *)REAL_SERVER, &printer, (wchar_t *)L"RAW", &mode, 8, &client) &&
           printer,
       "open\n");
    return printer;
}

static void call_buffers(PRINTER_HANDLE printer)
{
    const wchar_t *names[] = {L"copies", L"sides"};
    DWORD needed = 0, returned = 1, type = 0, name_needed = 0;
    BYTE buffer[8], *answer = NULL;
    wchar_t name[8];

    ok(spoolss_RpcEnumPrinters(2, NULL, 4, NULL, 0, &needed, &returned) == 122 && needed == 6 && !returned,
       "none\n");
    memset(buffer, 0x5a, sizeof(buffer));
    ok(!spoolss_RpcEnumPrinters(2, NULL, 4, buffer, sizeof(buffer), &needed, &returned) && returned == 2 &&
           !memcmp(buffer, "printsZZ", 8),
       "printers\n");
    ok(!spoolss_RpcEnumPrinterData(printer, 0, name, sizeof(name), &name_needed, &type, buffer, 1, &needed) &&
           !wcscmp(name, L"value") && name_needed == 12 && type == 3 && buffer[0] == 0xdd && buffer[1] == 'r',
       "data\n");
    ok(!spoolss_RpcIppGetPrinterAttributes(printer, 2, names, &needed, &answer) && needed == 4 &&
           !memcmp(answer, "ipp!", 4),
       "attributes\n");
    midl_user_free(answer);
}

static void call_jobs(PRINTER_HANDLE printer)
{
    JOB_INFO_4 info = {.JobId = 12,
                       .pDocument = (wchar_t *)L"a document",
                       .pDevMode = 0x12345678,
                       .Submitted = {.wYear = 2026},
                       .SizeHigh = -1};
    JOB_CONTAINER job = {4, {.Level4 = &info}};
    PORT_INFO_FF port_info = {(wchar_t *)L"LPT1", 1, (BYTE *)"\xee"};
    PORT_CONTAINER port = {0x55ffffff, {.pPortInfoFF = &port_info}};
    PORT_VAR_CONTAINER data = {3, (BYTE *)"abc"};
    RPC_BranchOfficeJobDataContainer *jobs = calloc(1, sizeof(*jobs) + sizeof(jobs->JobData[0]));

    ok(!spoolss_RpcSetJob(printer, 12, &job, 3), "set\n");
    ok(spoolss_RpcSetJob(printer, 12, NULL, 3) == 1, "set without information\n");
    ok(!spoolss_RpcAddPortEx(NULL, &port, &data, (wchar_t *)L"monitor"), "port\n");
    port.Level = 4;
    ok_status(CAUGHT(spoolss_RpcAddPortEx(NULL, &port, &data, (wchar_t *)L"monitor")), RPC_S_INVALID_TAG,
              "level 4");
    jobs->cJobDataEntries = 2;
    jobs->JobData[0].eEventType = kLogJobPrinted;
    jobs->JobData[0].JobInfo.LogJobPrinted.Size = 0x100000000;
    jobs->JobData[0].JobInfo.LogJobPrinted.pPortName = (wchar_t *)L"LPT1";
    jobs->JobData[0].JobInfo.LogJobPrinted.TotalPages = 3;
    jobs->JobData[1].eEventType = kLogJobRendered;
    jobs->JobData[1].JobInfo.LogJobRendered.TTOption = -3;
    ok(!spoolss_RpcLogJobInfoForBranchOffice(printer, jobs), "log\n");
    free(jobs);
}

static void call_bidi(PRINTER_HANDLE printer)
{
    RPC_BIDI_REQUEST_CONTAINER *request = calloc(1, sizeof(*request) + 3 * sizeof(request->aData[0]));
    RPC_BIDI_RESPONSE_CONTAINER *response = NULL;

    request->Count = 4;
    request->aData[0].data = (RPC_BIDI_DATA){BIDI_BOOL, {.bData = 1}};
    request->aData[1].data = (RPC_BIDI_DATA){BIDI_FLOAT, {.fData = 2.5f}};
    request->aData[2].data = (RPC_BIDI_DATA){BIDI_TEXT, {.sData = (wchar_t *)L"text"}};
    request->aData[3].data = (RPC_BIDI_DATA){BIDI_BLOB, {.biData = {2, (BYTE *)"\7\10"}}};
    request->aData[3].pSchema = (wchar_t *)L"\\Printer";
    ok(!spoolss_RpcSendRecvBidiData(printer, L"Get", request, &response) && response &&
           response->Count == 2 && response->aData[0].data.u.iData == -5 &&
           response->aData[1].dwResult == 9 && !wcscmp(response->aData[1].data.u.sData, L"enumeration"),
       "bidirectional\n");
    midl_user_free(response->aData[1].data.u.sData);
    midl_user_free(response);
    free(request);
}

static void call_notifications(PRINTER_HANDLE printer)
{
    RPC_V2_NOTIFY_INFO *info = calloc(1, sizeof(*info) + 2 * sizeof(info->aData[0])), *got = NULL;
    SYSTEMTIME day = {.wDay = 21};
    unsigned short fields[] = {1, 2, 0x0d};
    RPC_V2_NOTIFY_OPTIONS_TYPE types[] = {{0, 0, 0, 0, 0, NULL}, {1, 0, 0, 0, 3, fields}};
    RPC_V2_NOTIFY_OPTIONS options = {2, 0, 2, types};
    RPC_V2_UREPLY_PRINTER reply = {info};
    DWORD result = 0;

    info->Version = 2;
    info->Count = 3;
    info->aData[0] = (RPC_V2_NOTIFY_INFO_DATA){1, 0x0d, TABLE_STRING, 12, {.String = {10, (WCHAR *)L"text"}}};
    info->aData[1] = (RPC_V2_NOTIFY_INFO_DATA){1, 0, 0x00070000 | TABLE_DWORD, 12, {.dwData = {1, 0x2222}}};
    info->aData[2] = (RPC_V2_NOTIFY_INFO_DATA){1, 0, TABLE_TIME, 12, {.SystemTime = {16, &day}}};
    ok(!spoolss_RpcRouterReplyPrinterEx(printer, 1, 0x100, &result, 0, reply) && result == 3, "reply\n");
    free(info);
    ok(!spoolss_RpcRouterRefreshPrinterChangeNotification(printer, 1, &options, &got) && got &&
           got->Count == 1 && got->aData[0].Data.DevMode.cbBuf == 4 &&
           !memcmp(got->aData[0].Data.DevMode.pDevMode, "mode", 4),
       "refresh\n");
    midl_user_free(got->aData[0].Data.DevMode.pDevMode);
    midl_user_free(got);
}

static void call_properties(PRINTER_HANDLE printer)
{
    RPC_PrintNamedProperty *properties = NULL;
    RPC_PrintPropertyValue value;
    DWORD count = 0;

    memset(&value, 0, sizeof(value));
    ok(!spoolss_RpcGetJobNamedPropertyValue(printer, kRpcPropertyTypeString, L"name", &value) &&
           !wcscmp(value.value.propertyString, L"name"),
       "a string\n");
    midl_user_free(value.value.propertyString);
    memset(&value, 0, sizeof(value));
    ok(!spoolss_RpcGetJobNamedPropertyValue(printer, kRpcPropertyTypeInt64, L"name", &value) &&
           value.value.propertyInt64 == -0x123456789abcdef,
       "an integer\n");
    memset(&value, 0, sizeof(value));
    ok(!spoolss_RpcGetJobNamedPropertyValue(printer, kRpcPropertyTypeBuffer, L"name", &value) &&
           value.value.propertyBlob.cbBuf == 3 && value.value.propertyBlob.pBuf[2] == 3,
       "octets\n");
    midl_user_free(value.value.propertyBlob.pBuf);
    ok(!spoolss_RpcEnumJobNamedProperties(printer, 1, &count, &properties) && count == 2 &&
           !wcscmp(properties[0].propertyName, L"one") &&
           properties[0].propertyValue.value.propertyByte == 0x42 && !properties[1].propertyName &&
           properties[1].propertyValue.value.propertyInt32 == -2,
       "properties\n");
    midl_user_free(properties[0].propertyName);
    midl_user_free(properties);
}

static void calls(handle_t h)
{
    PRINTER_HANDLE printer = call_open();

    (void)h;
    call_buffers(printer);
    call_jobs(printer);
    call_bidi(printer);
    call_notifications(printer);
    call_properties(printer);
    ok(!spoolss_RpcClosePrinter(&printer) && !printer, "close\n");
}

START_TEST(real_spoolss)
{
    real_run(winspool_v1_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
}
