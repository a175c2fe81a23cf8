/*
 * A proxy DLL's registration: HKEY_CLASSES_ROOT\Interface\{iid} for each interface, and its class. The
 * registry functions are kernel32's and advapi32's. No state.
 */
#include <wchar.h>

#include "com.h"

enum { GUID_CHARS = 39 };

static void print_guid(WCHAR *text, const GUID *guid)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char octets[16] = {
        guid->Data1 >> 24, guid->Data1 >> 16, guid->Data1 >> 8, guid->Data1,
        guid->Data2 >> 8,  guid->Data2,       guid->Data3 >> 8, guid->Data3,
        guid->Data4[0],    guid->Data4[1],    guid->Data4[2],   guid->Data4[3],
        guid->Data4[4],    guid->Data4[5],    guid->Data4[6],   guid->Data4[7],
    };
    unsigned int i;

    *text++ = '{';
    for (i = 0; i < sizeof(octets); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[octets[i] >> 4];
        *text++ = digits[octets[i] & 15];
    }
    *text++ = '}';
    *text = 0;
}

static LSTATUS set_text(HKEY key, const WCHAR *subkey, const WCHAR *name, const WCHAR *text)
{
    HKEY child = key;
    LSTATUS status = ERROR_SUCCESS;

    if (subkey)
        status = RegCreateKeyExW(key, subkey, 0, NULL, 0, KEY_WRITE, NULL, &child, NULL);
    if (status != ERROR_SUCCESS)
        return status;
    status = RegSetValueExW(child, name, 0, REG_SZ, (const BYTE *)text, (lstrlenW(text) + 1) * sizeof(*text));
    if (child != key)
        RegCloseKey(child);
    return status;
}

/* HKEY_CLASSES_ROOT\branch\{guid} */
static LSTATUS make_key(const WCHAR *branch, const GUID *guid, HKEY *key)
{
    WCHAR path[64];

    lstrcpyW(path, branch);
    print_guid(path + lstrlenW(path), guid);
    return RegCreateKeyExW(HKEY_CLASSES_ROOT, path, 0, NULL, 0, KEY_WRITE, NULL, key, NULL);
}

static LSTATUS remove_key(const WCHAR *branch, const GUID *guid)
{
    WCHAR path[64];
    LSTATUS status;

    lstrcpyW(path, branch);
    print_guid(path + lstrlenW(path), guid);
    status = RegDeleteTreeW(HKEY_CLASSES_ROOT, path);
    return status == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : status;
}

static LSTATUS register_interface(const ProxyFileInfo *file, unsigned int index, const WCHAR *class)
{
    const CInterfaceStubHeader *header = &file->pStubVtblList[index]->header;
    WCHAR text[256];
    HKEY key;
    LSTATUS status = make_key(L"Interface\\", header->piid, &key);

    if (status != ERROR_SUCCESS)
        return status;
    if (!MultiByteToWideChar(CP_ACP, 0, file->pNamesArray[index], -1, text, ARRAYSIZE(text)))
        status = GetLastError();
    if (status == ERROR_SUCCESS)
        status = set_text(key, NULL, NULL, text);
    if (status == ERROR_SUCCESS)
        status = set_text(key, L"ProxyStubClsid32", NULL, class);
    _snwprintf(text, ARRAYSIZE(text), L"%u", (unsigned int)header->DispatchTableCount);
    if (status == ERROR_SUCCESS)
        status = set_text(key, L"NumMethods", NULL, text);
    RegCloseKey(key);
    return status;
}

static LSTATUS register_class(const CLSID *class, const WCHAR *module)
{
    HKEY key, server;
    LSTATUS status = make_key(L"CLSID\\", class, &key);

    if (status != ERROR_SUCCESS)
        return status;
    status = set_text(key, NULL, NULL, L"PSFactoryBuffer");
    if (status == ERROR_SUCCESS)
        status = RegCreateKeyExW(key, L"InProcServer32", 0, NULL, 0, KEY_WRITE, NULL, &server, NULL);
    if (status == ERROR_SUCCESS) {
        status = set_text(server, NULL, NULL, module);
        if (status == ERROR_SUCCESS)
            status = set_text(server, NULL, L"ThreadingModel", L"Both");
        RegCloseKey(server);
    }
    RegCloseKey(key);
    return status;
}

/* The class goes by the first interface's identifier where the DLL names none. */
static const CLSID *class_of(const ProxyFileInfo **files, const CLSID *class)
{
    return class ? class : files[0]->pStubVtblList[0]->header.piid;
}

/* Source: SDK, NdrDllRegisterProxy: E_HANDLE, E_NOINTERFACE, or an HRESULT of what the registry said. */
HRESULT RPC_ENTRY NdrDllRegisterProxy(HMODULE module, const ProxyFileInfo **files, const CLSID *class)
{
    WCHAR path[MAX_PATH], text[GUID_CHARS];
    LSTATUS status = ERROR_SUCCESS;
    DWORD length;
    unsigned int i;

    if (!module)
        return E_HANDLE;
    if (!*files)
        return E_NOINTERFACE;
    length = GetModuleFileNameW(module, path, ARRAYSIZE(path));
    if (!length || length >= ARRAYSIZE(path))
        return E_HANDLE;
    class = class_of(files, class);
    print_guid(text, class);
    for (; *files && status == ERROR_SUCCESS; files++) {
        for (i = 0; i < (*files)->TableSize && status == ERROR_SUCCESS; i++)
            status = register_interface(*files, i, text);
    }
    if (status == ERROR_SUCCESS)
        status = register_class(class, path);
    return HRESULT_FROM_WIN32(status);
}

/* Source: SDK, NdrDllUnregisterProxy. */
HRESULT RPC_ENTRY NdrDllUnregisterProxy(HMODULE module, const ProxyFileInfo **files, const CLSID *class)
{
    LSTATUS status;
    unsigned int i;

    (void)module;
    if (!*files)
        return E_NOINTERFACE;
    status = remove_key(L"CLSID\\", class_of(files, class));
    for (; *files && status == ERROR_SUCCESS; files++) {
        for (i = 0; i < (*files)->TableSize && status == ERROR_SUCCESS; i++)
            status = remove_key(L"Interface\\", (*files)->pStubVtblList[i]->header.piid);
    }
    return HRESULT_FROM_WIN32(status);
}
