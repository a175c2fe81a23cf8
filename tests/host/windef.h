/*
 * The Windows types that ndr/ needs, for the build host: a long has 32 bits there whatever it has here. The
 * RPC structures themselves come from mingw-w64's rpcdcep.h and rpcndr.h, which are found after this
 * directory.
 */
#ifndef HOST_WINDEF_H
#define HOST_WINDEF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define __LONG32 int
#define __int64 long long
#define __MSABI_LONG(x) x
#define __C89_NAMELESS
#define WINAPI
#define CALLBACK
#define __stdcall
#define __cdecl
#define _SIZE_T_DEFINED
#define _SSIZE_T_DEFINED
#define _WCHAR_T_DEFINED
#define DECLSPEC_NORETURN                       __attribute__((noreturn))
#define CONST                                   const
#define TRUE                                    1
#define FALSE                                   0
#define CONTAINING_RECORD(address, type, field) ((type *)((char *)(address)-offsetof(type, field)))

typedef void VOID, *PVOID, *LPVOID, *HANDLE;
typedef char CHAR;
typedef unsigned char UCHAR, BYTE, BOOLEAN;
typedef short SHORT;
typedef unsigned short USHORT, WORD, WCHAR;
typedef int INT, BOOL, LONG, HRESULT;
typedef unsigned int UINT, ULONG, DWORD;
typedef long long LONGLONG;
typedef unsigned long long ULONGLONG;
typedef intptr_t INT_PTR, LONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR;
typedef size_t SIZE_T;
typedef struct _GUID {
    ULONG Data1;
    USHORT Data2, Data3;
    UCHAR Data4[8];
} GUID, UUID, IID;

#endif
