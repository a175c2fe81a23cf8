/* What dtyp.idl names, as the Windows headers have it, and what they lack. */
#ifndef DTYP_H
#define DTYP_H
#include <windows.h>
typedef long NTSTATUS;
typedef struct _RPC_UNICODE_STRING {
    unsigned short Length;
    unsigned short MaximumLength;
    WCHAR *Buffer;
} RPC_UNICODE_STRING, *PRPC_UNICODE_STRING;
typedef struct _RPC_SID_IDENTIFIER_AUTHORITY {
    unsigned char Value[6];
} RPC_SID_IDENTIFIER_AUTHORITY;
typedef struct _RPC_SID {
    unsigned char Revision;
    unsigned char SubAuthorityCount;
    RPC_SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
    unsigned long SubAuthority[1];
} RPC_SID, *PRPC_SID;
typedef WCHAR *LMSTR;
typedef DWORD NET_API_STATUS;
typedef struct _SERVER_INFO_100 {
    DWORD sv100_platform_id;
    WCHAR *sv100_name;
} SERVER_INFO_100, *PSERVER_INFO_100, *LPSERVER_INFO_100;
typedef struct _SERVER_INFO_101 {
    DWORD sv101_platform_id;
    WCHAR *sv101_name;
    DWORD sv101_version_major;
    DWORD sv101_version_minor;
    DWORD sv101_type;
    WCHAR *sv101_comment;
} SERVER_INFO_101, *PSERVER_INFO_101, *LPSERVER_INFO_101;
#endif
