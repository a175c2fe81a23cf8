/*
 * Who may call an interface that was registered with a security descriptor (SDK, RpcServerRegisterIf3). A
 * rule is the descriptor, self-relative, counted; it never changes, so that calls look at it without a lock.
 *
 * The caller is whom the connection impersonates. One that nobody knows, over ncacn_ip_tcp, is anonymous;
 * where the system has no token for that, it is refused.
 */
#include "../os/os.h"
#include <winternl.h>
#include "access.h"

enum { IMPERSONATION_TOKEN = 5 }; /* ThreadImpersonationToken */

struct access_rule {
    LONG refs;
    void *descriptor;
};

NTSTATUS NTAPI NtAccessCheck(PSECURITY_DESCRIPTOR descriptor, HANDLE token, ACCESS_MASK wanted,
                             GENERIC_MAPPING *mapping, PRIVILEGE_SET *privileges, ULONG *length,
                             ULONG *granted, NTSTATUS *status);
NTSTATUS NTAPI NtImpersonateAnonymousToken(HANDLE thread);
NTSTATUS NTAPI NtSetInformationThread(HANDLE thread, ULONG kind, const void *value, ULONG length);
NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN *present, ACL **acl,
                                            BOOLEAN *defaulted);
NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, ULONG revision);
NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, ACL *acl,
                                            BOOLEAN defaulted);
NTSTATUS NTAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, SID *owner, BOOLEAN defaulted);
NTSTATUS NTAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, SID *group, BOOLEAN defaulted);

void *descriptor_copy(const void *descriptor)
{
    DWORD size;
    void *copy;

    if (!IsValidSecurityDescriptor((void *)descriptor))
        return NULL;
    size = GetSecurityDescriptorLength((void *)descriptor);
    copy = os_alloc(size);
    if (!copy)
        return NULL;
    if (((const SECURITY_DESCRIPTOR *)descriptor)->Control & SE_SELF_RELATIVE) {
        memcpy(copy, descriptor, size);
    } else if (!MakeSelfRelativeSD((void *)descriptor, copy, &size)) {
        os_free(copy);
        copy = NULL;
    }
    return copy;
}

RPC_STATUS access_rule_make(const void *descriptor, struct access_rule **result)
{
    struct access_rule *rule;

    *result = NULL;
    if (!descriptor)
        return RPC_S_OK;
    rule = os_alloc(sizeof *rule);
    if (!rule)
        return RPC_S_OUT_OF_MEMORY;
    rule->refs = 1;
    rule->descriptor = descriptor_copy(descriptor);
    if (!rule->descriptor) {
        os_free(rule);
        return RPC_S_INVALID_SECURITY_DESC;
    }
    *result = rule;
    return RPC_S_OK;
}

struct access_rule *access_rule_ref(struct access_rule *rule)
{
    if (rule)
        InterlockedIncrement(&rule->refs);
    return rule;
}

void access_rule_release(struct access_rule *rule)
{
    if (!rule || InterlockedDecrement(&rule->refs))
        return;
    os_free(rule->descriptor);
    os_free(rule);
}

/* Which rights a caller needs no page says: any will do. unverified on Windows. An access check wants an
 * owner, which a descriptor for an interface need not have; what an owner may do without the list is not
 * counted. */
static BOOL grants(ACL *acl, HANDLE token)
{
    static SID system = {SID_REVISION, 1, {SECURITY_NT_AUTHORITY}, {SECURITY_LOCAL_SYSTEM_RID}};
    static GENERIC_MAPPING mapping = {STANDARD_RIGHTS_READ | 1, STANDARD_RIGHTS_WRITE | 2,
                                      STANDARD_RIGHTS_EXECUTE | 4, STANDARD_RIGHTS_ALL | SPECIFIC_RIGHTS_ALL};
    SECURITY_DESCRIPTOR checked;
    PRIVILEGE_SET privileges;
    ULONG length = sizeof privileges, granted = 0;
    NTSTATUS status = -1;

    return !RtlCreateSecurityDescriptor(&checked, SECURITY_DESCRIPTOR_REVISION) &&
           !RtlSetOwnerSecurityDescriptor(&checked, &system, FALSE) &&
           !RtlSetGroupSecurityDescriptor(&checked, &system, FALSE) &&
           !RtlSetDaclSecurityDescriptor(&checked, TRUE, acl, FALSE) &&
           !NtAccessCheck(&checked, token, MAXIMUM_ALLOWED, &mapping, &privileges, &length, &granted,
                          &status) &&
           !status && granted & ~(ULONG)(READ_CONTROL | WRITE_DAC);
}

BOOL access_rule_admits(const struct access_rule *rule, struct transport_conn *transport)
{
    BOOLEAN present = FALSE, defaulted;
    HANDLE token = NULL, before = NULL; /* a thread that waits in a call of its own may be impersonating */
    BOOL admitted = FALSE;
    ACL *acl = NULL;

    if (RtlGetDaclSecurityDescriptor(rule->descriptor, &present, &acl, &defaulted))
        return FALSE;
    if (!present || !acl)
        return TRUE; /* no list: everyone, everything */
    OpenThreadToken(GetCurrentThread(), TOKEN_IMPERSONATE, TRUE, &before);
    if ((!transport->ops->impersonate(transport) || !NtImpersonateAnonymousToken(GetCurrentThread())) &&
        OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) {
        admitted = grants(acl, token);
        CloseHandle(token);
    }
    NtSetInformationThread(GetCurrentThread(), IMPERSONATION_TOKEN, &before, sizeof before);
    if (before)
        CloseHandle(before);
    return admitted;
}
