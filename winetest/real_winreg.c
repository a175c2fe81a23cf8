/*
 * The registry ([MS-RRP]): sizes behind pointers that may be null, in conditional expressions; arrays of
 * structures that come and go; counted strings of which less is sent than there is room for.
 */
#include "real.h"
#include "winreg.h"

handle_t __RPC_USER PREGISTRY_SERVER_NAME_bind(PREGISTRY_SERVER_NAME server)
{
    return real_bind(server);
}

void __RPC_USER PREGISTRY_SERVER_NAME_unbind(PREGISTRY_SERVER_NAME server, handle_t h)
{
    (void)server;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER RPC_HKEY_rundown(RPC_HKEY key)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(key);
}

static int is_string(const RPC_UNICODE_STRING *string, const wchar_t *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(wchar_t);

    return string->Length == size && !memcmp(string->Buffer, text, size);
}

/* With its final zero, as [MS-RRP] 2.2.4 wants. */
static RPC_UNICODE_STRING string_of(const wchar_t *text)
{
    USHORT size = (USHORT)((wcslen(text) + 1) * sizeof(wchar_t));

    return (RPC_UNICODE_STRING){size, size, (WCHAR *)text};
}

static error_status_t open_machine(PREGISTRY_SERVER_NAME server, REGSAM access, PRPC_HKEY key)
{
    ok(!server || *server == *REAL_SERVER, "server\n");
    ok(access == 0x2000000, "access %#lx\n", (unsigned long)access);
    *key = real_text(L"machine");
    return 0;
}

static error_status_t close_key(PRPC_HKEY key)
{
    midl_user_free(*key);
    *key = NULL;
    return 0;
}

static error_status_t create_key(RPC_HKEY key, PRPC_UNICODE_STRING name, PRPC_UNICODE_STRING class,
                                 DWORD options, REGSAM access, PRPC_SECURITY_ATTRIBUTES security,
                                 PRPC_HKEY result, LPDWORD disposition)
{
    (void)key, (void)options, (void)access;
    ok(is_string(name, L"Software") && !class->Buffer, "name\n");
    ok(security->RpcSecurityDescriptor.cbInSecurityDescriptor == 8 &&
           security->RpcSecurityDescriptor.cbOutSecurityDescriptor == 5 && security->bInheritHandle == 1 &&
           !memcmp(security->RpcSecurityDescriptor.lpSecurityDescriptor, "secur", 5),
       "security\n");
    *result = real_text(L"Software");
    if (disposition)
        *disposition = 2;
    return 0;
}

/* The value is five octets; what the caller asked for is what it has room for. */
static error_status_t query_value(RPC_HKEY key, PRPC_UNICODE_STRING name, LPDWORD type, LPBYTE data,
                                  LPDWORD size, LPDWORD length)
{
    DWORD room = data && size ? *size : 0;

    (void)key;
    ok(is_string(name, L"value"), "name\n");
    if (type)
        *type = 3;
    if (size)
        *size = 5;
    if (length)
        *length = 0;
    if (!data)
        return 0;
    if (room < 5)
        return 234;
    memcpy(data, "VALUE", 5);
    *size = room;
    *length = 5;
    return 0;
}

static error_status_t enum_key(RPC_HKEY key, DWORD index, PRPC_UNICODE_STRING in, PRPC_UNICODE_STRING out,
                               PRPC_UNICODE_STRING class_in, PRPC_UNICODE_STRING *class_out,
                               PFILETIME written)
{
    (void)key;
    if (index)
        return 259;
    ok(in->Length == 0 && in->MaximumLength == 512 && in->Buffer && class_in, "room for a name\n");
    out->Length = 8;
    out->MaximumLength = in->MaximumLength;
    out->Buffer = midl_user_allocate(in->MaximumLength);
    memcpy(out->Buffer, L"key", 8);
    *class_out = midl_user_allocate(sizeof(**class_out));
    **class_out = (RPC_UNICODE_STRING){0, 0, NULL};
    if (written)
        *written = (FILETIME){1, 2};
    return 0;
}

/* Values one after the other into the caller's buffer. */
static error_status_t query_multiple(RPC_HKEY key, PRVALENT values, DWORD count, unsigned char *buffer,
                                     LPDWORD size)
{
    (void)key;
    ok(count == 2 && is_string(values[0].ve_valuename, L"a") && is_string(values[1].ve_valuename, L"bc") &&
           *size == 16,
       "%lu values\n", (unsigned long)count);
    for (DWORD i = 0; i < count; i++) {
        values[i].ve_valuelen = 4;
        values[i].ve_type = 4 + i;
    }
    memcpy(buffer, "onlytwo", 8);
    *size = 8;
    return 0;
}

static error_status_t set_value(RPC_HKEY key, PRPC_UNICODE_STRING name, DWORD type, LPBYTE data, DWORD size)
{
    (void)key;
    ok(is_string(name, L"") && type == 7 && size == 3 && !memcmp(data, "abc", 3), "set\n");
    return 0;
}

static const winreg_SERVER_EPV managers = {
    .OpenLocalMachine = open_machine,
    .BaseRegCloseKey = close_key,
    .BaseRegCreateKey = create_key,
    .BaseRegQueryValue = query_value,
    .BaseRegEnumKey = enum_key,
    .BaseRegQueryMultipleValues = query_multiple,
    .BaseRegSetValue = set_value,
};

static void call_values(RPC_HKEY key)
{
    /* The names of several come back to where they were. */
    wchar_t text_a[] = L"a", text_bc[] = L"bc";
    RPC_UNICODE_STRING name = string_of(L"value"), a = string_of(text_a), bc = string_of(text_bc),
                       empty = string_of(L"");
    RVALENT values[] = {{&a, 0, NULL, 0}, {&bc, 0, NULL, 0}};
    DWORD type = 0, size, length = 0;
    unsigned char data[16];

    size = sizeof(data);
    ok(!winreg_BaseRegQueryValue(key, &name, &type, data, &size, &length) && type == 3 && size == 16 &&
           length == 5 && !memcmp(data, "VALUE", 5),
       "value\n");
    size = 2;
    length = 0;
    ok(winreg_BaseRegQueryValue(key, &name, &type, data, &size, &length) == 234, "too small\n");
    ok(!winreg_BaseRegQueryValue(key, &name, NULL, NULL, &size, NULL) && size == 5, "its size alone\n");
    ok(!winreg_BaseRegQueryValue(key, &name, NULL, NULL, NULL, NULL), "nothing but the name\n");
    ok(!winreg_BaseRegSetValue(key, &empty, 7, (BYTE *)"abc", 3), "set\n");

    size = 16;
    memset(data, 0, sizeof(data));
    ok(!winreg_BaseRegQueryMultipleValues(key, values, 2, data, &size) && size == 8 &&
           !memcmp(data, "onlytwo", 8),
       "several\n");
    ok(values[0].ve_type == 4 && values[1].ve_type == 5 && values[1].ve_valuelen == 4, "several's types\n");
}

static void call_keys(RPC_HKEY key)
{
    WCHAR room[256];
    RPC_UNICODE_STRING in = {0, 512, room}, out = {0, 0, NULL}, *class_out = NULL, class_in = {0, 0, NULL};
    FILETIME written = {0, 0};

    ok(!winreg_BaseRegEnumKey(key, 0, &in, &out, &class_in, &class_out, &written) &&
           is_string(&out, L"key") && out.MaximumLength == 512 && class_out && !class_out->Buffer &&
           written.dwHighDateTime == 2,
       "first key\n");
    midl_user_free(out.Buffer);
    midl_user_free(class_out);
    out = (RPC_UNICODE_STRING){0, 0, NULL};
    class_out = NULL;
    ok(winreg_BaseRegEnumKey(key, 1, &in, &out, NULL, &class_out, NULL) == 259 && !class_out, "no more\n");
}

static void calls(handle_t h)
{
    RPC_UNICODE_STRING name = string_of(L"Software"), class = {0, 0, NULL};
    RPC_SECURITY_ATTRIBUTES security = {12, {(BYTE *)"security", 8, 5}, 1};
    RPC_HKEY machine = NULL, key = NULL;
    DWORD disposition = 0;

    (void)h;
    /* No [string]: one character is what the stub sends of the name. */
    ok(!winreg_OpenLocalMachine((wchar_t *)REAL_SERVER, 0x2000000, &machine) && machine, "open\n");
    ok(!winreg_BaseRegCreateKey(machine, &name, &class, 0, 0, &security, &key, &disposition) && key &&
           disposition == 2,
       "create\n");
    call_values(key);
    call_keys(key);
    ok(!winreg_BaseRegCloseKey(&key) && !key, "close\n");
    ok(!winreg_BaseRegCloseKey(&machine) && !machine, "close\n");
}

START_TEST(real_winreg)
{
    real_run(winreg_v1_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
}
