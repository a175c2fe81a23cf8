/*
 * Extended error information: SDK pages RpcErrorStartEnumeration, RpcErrorGetNextRecord, RpcErrorAddRecord,
 * RpcErrorSaveErrorInfo, RpcErrorLoadErrorInfo, RpcErrorClearInformation, "Understanding Extended Error
 * Information". Which records the runtime makes is its own affair; the components' numbers are the SDK's.
 */
#include "fixture.h"
#include "raw.h"
#include "test_eerr.h"
#include "test_sync.h"

#include <midles.h>
#include <rpcdcep.h>

enum { BY_APPLICATION = 1, BY_RUNTIME = 2 };

static struct endpoint endpoints[TRANSPORT_COUNT];

static int count_records(void)
{
    RPC_ERROR_ENUM_HANDLE handle;
    RPC_STATUS status = RpcErrorStartEnumeration(&handle);
    int count = -1;

    if (status == RPC_S_ENTRY_NOT_FOUND)
        return 0;
    ok_status(status, RPC_S_OK, "RpcErrorStartEnumeration");
    ok_status(RpcErrorGetNumberOfRecords(&handle, &count), RPC_S_OK, "RpcErrorGetNumberOfRecords");
    ok_status(RpcErrorEndEnumeration(&handle), RPC_S_OK, "RpcErrorEndEnumeration");
    return count;
}

static void init_info(RPC_EXTENDED_ERROR_INFO *info)
{
    memset(info, 0, sizeof *info);
    info->Version = RPC_EEINFO_VERSION;
    info->NumberOfParameters = MaxNumberOfEEInfoParams;
}

/* One record with a parameter of every kind but four. */
static void add(RPC_STATUS record_status)
{
    RPC_EXTENDED_ERROR_INFO info;

    init_info(&info);
    info.Status = record_status;
    info.NumberOfParameters = 4;
    info.Parameters[0].ParameterType = eeptAnsiString;
    info.Parameters[0].u.AnsiString = (char *)"ansi";
    info.Parameters[1].ParameterType = eeptUnicodeString;
    info.Parameters[1].u.UnicodeString = (WCHAR *)L"unicode";
    info.Parameters[2].ParameterType = eeptLongVal;
    info.Parameters[2].u.LVal = -5;
    info.Parameters[3].ParameterType = eeptPointerVal;
    info.Parameters[3].u.PVal = 0x123456789aull;
    ok_status(RpcErrorAddRecord(&info), RPC_S_OK, "RpcErrorAddRecord");
}

static void check_added(const RPC_EXTENDED_ERROR_INFO *info, RPC_STATUS record_status)
{
    ok(info->GeneratingComponent == BY_APPLICATION, "component %lu\n", info->GeneratingComponent);
    ok((RPC_STATUS)info->Status == record_status, "status %lu\n", info->Status);
    ok(info->DetectionLocation == 0, "location %u\n", info->DetectionLocation);
    ok(info->NumberOfParameters == 4, "%d parameters\n", info->NumberOfParameters);
    ok(info->Parameters[0].ParameterType == eeptAnsiString &&
           !strcmp(info->Parameters[0].u.AnsiString, "ansi"),
       "parameter 0\n");
    ok(info->Parameters[1].ParameterType == eeptUnicodeString &&
           !lstrcmpW(info->Parameters[1].u.UnicodeString, L"unicode"),
       "parameter 1\n");
    ok(info->Parameters[2].ParameterType == eeptLongVal && info->Parameters[2].u.LVal == -5, "parameter 2\n");
    ok(info->Parameters[3].ParameterType == eeptPointerVal && info->Parameters[3].u.PVal == 0x123456789aull,
       "parameter 3\n");
}

static void test_add(void)
{
    RPC_EXTENDED_ERROR_INFO info;
    RPC_ERROR_ENUM_HANDLE handle;
    int count = 0;

    RpcErrorClearInformation();
    /* "Returns RPC_S_ENTRY_NOT_FOUND if no extended error information is on the thread." */
    ok_status(RpcErrorStartEnumeration(&handle), RPC_S_ENTRY_NOT_FOUND, "an empty chain");
    add(11);
    add(22);
    ok_status(RpcErrorStartEnumeration(&handle), RPC_S_OK, "RpcErrorStartEnumeration");
    RpcErrorClearInformation(); /* the enumeration "operates on the snapshot" */
    ok(count_records() == 0, "records after RpcErrorClearInformation\n");
    ok_status(RpcErrorGetNumberOfRecords(&handle, &count), RPC_S_OK, "RpcErrorGetNumberOfRecords");
    ok(count == 2, "%d records\n", count);

    /* "If the number of parameters provided by the caller is smaller than the number of parameters in the
     * extended error record, RPC_S_BUFFER_TOO_SMALL is returned." "Upon any error, the enumeration position
     * is not advanced." */
    init_info(&info);
    info.NumberOfParameters = 3;
    ok_status(RpcErrorGetNextRecord(&handle, FALSE, &info), ERROR_INSUFFICIENT_BUFFER, "room for 3");
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&handle, FALSE, &info), RPC_S_OK, "RpcErrorGetNextRecord");
    check_added(&info, 22);
    ok(!info.ComputerName, "a computer name\n");
    ok(info.ProcessID == GetCurrentProcessId(), "process %lu\n", info.ProcessID);
    ok(info.u.SystemTime.wYear >= 2020, "year %u\n", info.u.SystemTime.wYear);
    init_info(&info);
    info.Flags = EEInfoUseFileTime;
    ok_status(RpcErrorGetNextRecord(&handle, TRUE, &info), RPC_S_OK, "with copied strings");
    check_added(&info, 11);
    ok(info.u.FileTime.dwHighDateTime != 0, "no time\n");
    ok(HeapFree(GetProcessHeap(), 0, info.Parameters[0].u.AnsiString), "no string of the heap's\n");
    ok(HeapFree(GetProcessHeap(), 0, info.Parameters[1].u.UnicodeString), "no string of the heap's\n");
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&handle, FALSE, &info), RPC_S_ENTRY_NOT_FOUND, "after the last");
    ok_status(RpcErrorResetEnumeration(&handle), RPC_S_OK, "RpcErrorResetEnumeration");
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&handle, FALSE, &info), RPC_S_OK, "after RpcErrorResetEnumeration");
    check_added(&info, 22);
    ok_status(RpcErrorEndEnumeration(&handle), RPC_S_OK, "RpcErrorEndEnumeration");
}

/* "Any other value results in ERROR_INVALID_PARAMETER." */
static void test_add_refused(void)
{
    RPC_EXTENDED_ERROR_INFO info;

    for (int i = 0; i < 5; i++) {
        init_info(&info);
        info.NumberOfParameters = 0;
        info.Version += i == 0;
        info.ComputerName = i == 1 ? (WCHAR *)L"me" : NULL;
        info.ProcessID = i == 2;
        info.GeneratingComponent = i == 3;
        info.DetectionLocation = i == 4;
        ok_status(RpcErrorAddRecord(&info), ERROR_INVALID_PARAMETER, "RpcErrorAddRecord");
    }
    ok(count_records() == 0, "something was added\n");
}

static void test_save(void)
{
    RPC_ERROR_ENUM_HANDLE handle, loaded;
    RPC_EXTENDED_ERROR_INFO info;
    void *blob = NULL;
    size_t size = 0;
    int count = 0;

    add(33);
    add(44);
    ok_status(RpcErrorStartEnumeration(&handle), RPC_S_OK, "RpcErrorStartEnumeration");
    ok_status(RpcErrorSaveErrorInfo(&handle, &blob, &size), RPC_S_OK, "RpcErrorSaveErrorInfo");
    RpcErrorEndEnumeration(&handle);
    RpcErrorClearInformation();
    ok_status(RpcErrorLoadErrorInfo(blob, size, &loaded), RPC_S_OK, "RpcErrorLoadErrorInfo");
    ok_status(RpcErrorGetNumberOfRecords(&loaded, &count), RPC_S_OK, "RpcErrorGetNumberOfRecords");
    ok(count == 2, "%d records\n", count);
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&loaded, FALSE, &info), RPC_S_OK, "RpcErrorGetNextRecord");
    check_added(&info, 44);
    ok_status(RpcErrorEndEnumeration(&loaded), RPC_S_OK, "RpcErrorEndEnumeration");
    memset(blob, 0xff, size);
    ok(RpcErrorLoadErrorInfo(blob, size, &loaded) != RPC_S_OK, "nonsense was loaded\n");
    HeapFree(GetProcessHeap(), 0, blob);
}

/* ---- [MS-EERR] 2.2.2.1 against stubs that the IDL compiler makes of [MS-EERR] 5 */

static void check_as_type(ExtendedErrorInfo *first)
{
    ok(first->Status == 44 && first->nLen == 4 && first->Next && !first->Next->Next, "the first record\n");
    if (!first->Next)
        return;
    ok(first->Next->Status == 33 && first->GeneratingComponent == BY_APPLICATION, "the second record\n");
    ok(first->ComputerName.Type == eecnpNotPresent, "a computer name\n");
    ok(first->ProcessID == GetCurrentProcessId(), "process %lu\n", first->ProcessID);
    ok(first->Params[0].Type == eeptiAnsiString && first->Params[0].AnsiString.nLength == 5 &&
           !memcmp(first->Params[0].AnsiString.pString, "ansi", 5),
       "parameter 0\n");
    ok(first->Params[1].Type == eeptiUnicodeString && first->Params[1].UnicodeString.nLength == 8 &&
           !memcmp(first->Params[1].UnicodeString.pString, L"unicode", 16),
       "parameter 1\n");
    ok(first->Params[2].Type == eeptiLongVal && first->Params[2].LVal == -5, "parameter 2\n");
    ok(first->Params[3].Type == eeptiPointerValue && first->Params[3].PVal == 0x123456789all,
       "parameter 3\n");
}

static void test_octets(void)
{
    RPC_ERROR_ENUM_HANDLE handle, loaded;
    RPC_EXTENDED_ERROR_INFO info;
    ExtendedErrorInfo *first = NULL;
    char *blob = NULL, *again = NULL;
    handle_t pickle = NULL;
    size_t size = 0;
    ULONG again_size = 0;

    add(33);
    add(44);
    ok_status(RpcErrorStartEnumeration(&handle), RPC_S_OK, "RpcErrorStartEnumeration");
    ok_status(RpcErrorSaveErrorInfo(&handle, (void **)&blob, &size), RPC_S_OK, "RpcErrorSaveErrorInfo");
    RpcErrorEndEnumeration(&handle);
    RpcErrorClearInformation();
    ok_status(MesDecodeBufferHandleCreate(blob, size, &pickle), RPC_S_OK, "MesDecodeBufferHandleCreate");
    first = midl_user_allocate(sizeof *first + 4 * sizeof(ExtendedErrorParam));
    memset(first, 0, sizeof *first + 4 * sizeof(ExtendedErrorParam));
    ok_status(CAUGHT(ExtendedErrorInfo_Decode(pickle, first)), 0, "ExtendedErrorInfo_Decode");
    ok_status(MesHandleFree(pickle), RPC_S_OK, "MesHandleFree");
    check_as_type(first);

    first->Params[3].Type = eeptiNone; /* nothing of a union's arm at the end */
    ok_status(MesEncodeDynBufferHandleCreate(&again, &again_size, &pickle), RPC_S_OK,
              "MesEncodeDynBufferHandleCreate");
    ok_status(CAUGHT(ExtendedErrorInfo_Encode(pickle, first)), 0, "ExtendedErrorInfo_Encode");
    ok_status(MesHandleFree(pickle), RPC_S_OK, "MesHandleFree");
    ok_status(RpcErrorLoadErrorInfo(again, again_size, &loaded), RPC_S_OK, "RpcErrorLoadErrorInfo");
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&loaded, FALSE, &info), RPC_S_OK, "RpcErrorGetNextRecord");
    ok(info.Status == 44 && info.Parameters[3].ParameterType == eeptNone, "status %lu, parameter %d\n",
       info.Status, info.Parameters[3].ParameterType);
    ok(!strcmp(info.Parameters[0].u.AnsiString, "ansi"), "parameter 0\n");
    init_info(&info);
    ok_status(RpcErrorGetNextRecord(&loaded, FALSE, &info), RPC_S_OK, "RpcErrorGetNextRecord");
    check_added(&info, 33);
    ok_status(RpcErrorEndEnumeration(&loaded), RPC_S_OK, "RpcErrorEndEnumeration");
    HeapFree(GetProcessHeap(), 0, blob);
}

/* ---- what the runtime tells */

/* The first record, in info, with its strings in the enumeration. */
static RPC_STATUS first_record(RPC_ERROR_ENUM_HANDLE *handle, RPC_EXTENDED_ERROR_INFO *info)
{
    RPC_STATUS status = RpcErrorStartEnumeration(handle);

    init_info(info);
    return status ? status : RpcErrorGetNextRecord(handle, FALSE, info);
}

static void test_no_server(void)
{
    RPC_EXTENDED_ERROR_INFO info;
    RPC_ERROR_ENUM_HANDLE handle;

    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        struct endpoint nobody;
        handle_t h;

        make_endpoint(&nobody, &transports[i], "nobody");
        winetest_context("%s", nobody.transport->protseq);
        h = bind_to(&nobody);
        add(1); /* "When an RPC call starts, the RPC Runtime clears any extended error information" */
        ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_UNAVAILABLE, "no server");
        ok_status(first_record(&handle, &info), RPC_S_OK, "the first record");
        ok(info.Status == RPC_S_SERVER_UNAVAILABLE, "status %lu\n", info.Status);
        ok(info.GeneratingComponent == BY_RUNTIME, "component %lu\n", info.GeneratingComponent);
        RpcErrorEndEnumeration(&handle);
        unbind(&h);
        h = bind_to(&endpoints[i]);
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
        ok(count_records() == 0, "records after a call that did not fail\n");
        unbind(&h);
    }
    winetest_context("%s", "");
}

static void raise_with_record(handle_t h, long what)
{
    (void)h;
    RpcErrorClearInformation();
    add(55);
    RpcRaiseException(what);
}

/* The record of the server's manager, among those that came; 0: it is not there. */
static int find_added(BOOL expect_computer)
{
    RPC_EXTENDED_ERROR_INFO info;
    RPC_ERROR_ENUM_HANDLE handle;
    BOOL computer = FALSE;
    int found = 0;

    if (RpcErrorStartEnumeration(&handle))
        return 0;
    init_info(&info);
    while (RpcErrorGetNextRecord(&handle, FALSE, &info) == RPC_S_OK) {
        computer |= info.ComputerName != NULL;
        if (info.GeneratingComponent == BY_APPLICATION) {
            found++;
            check_added(&info, 55);
        }
        init_info(&info);
    }
    RpcErrorEndEnumeration(&handle);
    ok(computer == expect_computer, "computer name: %d\n", computer);
    return found;
}

static void test_propagation(void)
{
    sync_hook_routine = raise_with_record;
    for (int on = 0; on < 2; on++) {
        for (int i = 0; i < TRANSPORT_COUNT; i++) {
            handle_t h = bind_to(&endpoints[i]);

            winetest_context("%s, %s", endpoints[i].transport->protseq, on ? "on" : "off");
            ok_status(CAUGHT(sync_hook(h, 77777)), 77777, "the manager raised");
            ok(find_added(on) == on, "records of the manager\n");
            ok(count_records() > 0, "no record at all\n");
            unbind(&h);
        }
        /* off as long as neither policy nor this says otherwise: SDK, "Enabling Extended Error Information"
         */
        ok_status(I_RpcTurnOnEEInfoPropagation(), RPC_S_OK, "I_RpcTurnOnEEInfoPropagation");
    }
    winetest_context("%s", "");
}

static void test_stopped_server(void)
{
    handle_t h = bind_to(&endpoints[0]);
    RPC_EXTENDED_ERROR_INFO info;
    RPC_ERROR_ENUM_HANDLE handle;
    int not_listening = 0;

    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    stop_serving();
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_TOO_BUSY, "a server that does not listen");
    if (RpcErrorStartEnumeration(&handle) == RPC_S_OK) {
        init_info(&info);
        while (RpcErrorGetNextRecord(&handle, FALSE, &info) == RPC_S_OK) {
            /* "181 DispatchToStubWorker20: A call was made, but the server is not listening." */
            not_listening += info.DetectionLocation == 181 && info.Status == RPC_S_SERVER_TOO_BUSY;
            init_info(&info);
        }
        RpcErrorEndEnumeration(&handle);
    }
    ok(not_listening == 1, "%d records say why\n", not_listening);
    unbind(&h);
}

/* ---- on the wire */

/* [MS-RPCE] 2.2.2.9: what a bind_nak goes on with after the signature, here for a group that nobody knows.
 * "80 AssociationRequested10: The client has requested to establish a connection on an existing association
 * but this association does not exist on the server. The first parameter is the association identifier
 * requested". */
static void test_nak_sent(void)
{
    static const GUID signature = {
        0x90740320, 0xfad0, 0x11d3, {0x82, 0xd7, 0x00, 0x90, 0x27, 0xb1, 0x30, 0xab}};
    const RPC_SERVER_INTERFACE *spec = test_sync_v1_2_s_ifspec;
    static const byte group[] = {0x78, 0x56, 0x34, 0x12};
    SOCKET s = raw_connect((unsigned short)atoi(endpoints[2].name));
    static struct pdu pdu;
    RPC_ERROR_ENUM_HANDLE handle;
    RPC_EXTENDED_ERROR_INFO info;

    pdu_bind(&pdu, RAW_BIND, 1, 0, &spec->InterfaceId.SyntaxGUID, 0x00020001, &raw_ndr20);
    memcpy(pdu.octets + 20, group, sizeof group);
    raw_send(s, &pdu);
    ok(raw_receive(s, &pdu) == RAW_BIND_NAK, "no bind_nak\n");
    ok(pdu.length > 36 && !memcmp(pdu.octets + 20, &signature, sizeof signature), "no signature\n");
    if (pdu.length > 36) {
        ok_status(RpcErrorLoadErrorInfo(pdu.octets + 36, pdu.length - 36, &handle), RPC_S_OK,
                  "RpcErrorLoadErrorInfo");
        init_info(&info);
        ok_status(RpcErrorGetNextRecord(&handle, FALSE, &info), RPC_S_OK, "RpcErrorGetNextRecord");
        ok(info.DetectionLocation == 80, "location %u\n", info.DetectionLocation);
        ok(info.NumberOfParameters == 1 && info.Parameters[0].u.LVal == 0x12345678, "parameter %lx\n",
           info.Parameters[0].u.LVal);
        ok(info.ComputerName != NULL, "no computer name\n");
        RpcErrorEndEnumeration(&handle);
    }
    closesocket(s);
}

/* A call that a server answers with a fault and this information; gives how many records there are then. */
static int call_with_fault(const void *blob, size_t size, unsigned long hint)
{
    static struct raw_server server;
    static struct pdu fault;
    struct endpoint endpoint;
    handle_t h;

    pdu_begin(&fault, RAW_FAULT, RAW_FIRST | RAW_LAST, 0);
    pdu_32(&fault, hint);
    pdu_16(&fault, 0);
    pdu_8(&fault, 0);
    pdu_8(&fault, 1); /* extended error information is there */
    pdu_32(&fault, 77778);
    pdu_32(&fault, 0);
    pdu_octets(&fault, blob, size);
    pdu_end(&fault);
    raw_server_start(&server, RAW_ANSWER);
    server.answer = &fault;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    ok_status(CAUGHT(sync_null(h)), 77778, "the fault's status");
    /* Else the connection would stay for later calls, and the server in its recv. */
    RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(&h);
    raw_server_stop(&server);
    return count_records();
}

/* [MS-RPCE] 2.2.2.8; what cannot be understood is as if it were not there. */
static void test_fault_received(void)
{
    RPC_ERROR_ENUM_HANDLE handle;
    void *blob = NULL;
    size_t size = 0;
    int alone;

    RpcErrorClearInformation();
    add(55);
    add(55);
    ok_status(RpcErrorStartEnumeration(&handle), RPC_S_OK, "RpcErrorStartEnumeration");
    ok_status(RpcErrorSaveErrorInfo(&handle, &blob, &size), RPC_S_OK, "RpcErrorSaveErrorInfo");
    RpcErrorEndEnumeration(&handle);
    alone = call_with_fault(blob, 0, 32);
    ok(find_added(FALSE) == 0, "records out of nothing\n");
    ok(call_with_fault(blob, size, 32 + (unsigned long)size) == alone + 2, "records are missing\n");
    ok(find_added(FALSE) == 2, "records are missing\n");
    ok(call_with_fault(blob, size / 2, 32 + (unsigned long)size / 2) == alone, "half of it\n");
    ok(call_with_fault(blob, size, 33 + (unsigned long)size) == alone, "a hint too large\n");
    ok(call_with_fault(blob, size, 7) == alone, "a hint too small\n");
    memset(blob, 0xa5, size);
    ok(call_with_fault(blob, size, 32 + (unsigned long)size) == alone, "nonsense\n");
    HeapFree(GetProcessHeap(), 0, blob);
}

START_TEST(error_info)
{
    serve(endpoints, test_sync_v1_2_s_ifspec);
    test_add();
    test_add_refused();
    test_save();
    test_octets();
    test_no_server();
    test_propagation();
    test_nak_sent();
    test_fault_received();
    test_stopped_server();
}
