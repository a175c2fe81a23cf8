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
typedef wchar_t *RPC_STRING;
#endif
