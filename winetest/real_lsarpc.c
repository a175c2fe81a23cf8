/*
 * The local security authority ([MS-LSAD], [MS-LSAT]): a parameter that leads to a conformant structure in a
 * security descriptor, pointers to pointers both ways, arrays of pointers to structures with unions, a size
 * that stands behind its array. The ACF gives the first calls an explicit handle.
 */
#include "real.h"
#include "lsarpc.h"

_Static_assert(sizeof(LSAPR_AES_CIPHER_VALUE) == 80 + 2 * sizeof(void *), "[MS-LSAD] 2.2.6.4");

handle_t __RPC_USER PLSAPR_SERVER_NAME_bind(PLSAPR_SERVER_NAME server)
{
    return real_bind(server);
}

void __RPC_USER PLSAPR_SERVER_NAME_unbind(PLSAPR_SERVER_NAME server, handle_t h)
{
    (void)server;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER LSAPR_HANDLE_rundown(LSAPR_HANDLE policy)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(policy);
}

static const struct {
    RPC_SID sid;
    ULONG more[1];
} admins = {{1, 2, {{0, 0, 0, 0, 0, 5}}, {32}}, {544}};

static int is_string(const RPC_UNICODE_STRING *string, const wchar_t *text)
{
    size_t size = wcslen(text) * sizeof(wchar_t);

    return string->Length == size && !memcmp(string->Buffer, text, size);
}

static RPC_UNICODE_STRING string_of(const wchar_t *text)
{
    USHORT size = (USHORT)(wcslen(text) * sizeof(wchar_t));

    return (RPC_UNICODE_STRING){size, size, (WCHAR *)text};
}

static RPC_UNICODE_STRING new_string(const wchar_t *text)
{
    RPC_UNICODE_STRING string = string_of(text);

    string.Buffer = real_text(text);
    return string;
}

static RPC_SID *new_sid(void)
{
    return real_copy(&admins, sizeof(admins));
}

/* ---- managers */

static NTSTATUS open_policy2(handle_t h, wchar_t *system, PLSAPR_OBJECT_ATTRIBUTES attributes,
                             ACCESS_MASK access, LSAPR_HANDLE *policy)
{
    const LSAPR_SECURITY_DESCRIPTOR *security = attributes->SecurityDescriptor;

    (void)h;
    ok(!wcscmp(system, REAL_SERVER) && access == 0x02000000 && !attributes->RootDirectory &&
           attributes->Length == 24,
       "system\n");
    ok(attributes->ObjectName->Length == 4 && attributes->ObjectName->MaximumLength == 8 &&
           !memcmp(attributes->ObjectName->Buffer, "name", 4),
       "object's name\n");
    ok(security->Revision == 1 && security->Control == 0x8004 &&
           !memcmp(security->Owner, &admins, sizeof(admins)) && !security->Group && !security->Sacl,
       "security descriptor\n");
    ok(security->Dacl->AclRevision == 2 && security->Dacl->AclSize == 12 && security->Dacl->Dummy1[7] == 8,
       "access control list\n");
    ok(attributes->SecurityQualityOfService->ImpersonationLevel == SecurityDelegation &&
           attributes->SecurityQualityOfService->EffectiveOnly == 1,
       "quality of service\n");
    *policy = midl_user_allocate(1);
    return 0;
}

static NTSTATUS close_policy(LSAPR_HANDLE *policy)
{
    midl_user_free(*policy);
    *policy = NULL;
    return 0;
}

static NTSTATUS lookup_names(LSAPR_HANDLE policy, ULONG count, PRPC_UNICODE_STRING names,
                             PLSAPR_REFERENCED_DOMAIN_LIST *domains, PLSAPR_TRANSLATED_SIDS sids,
                             LSAP_LOOKUP_LEVEL level, ULONG *mapped)
{
    (void)policy;
    ok(count == 2 && is_string(&names[0], L"Administrators") && is_string(&names[1], L"nobody") &&
           !sids->Entries && !sids->Sids && level == LsapLookupWksta,
       "%lu names\n", (unsigned long)count);
    *domains = midl_user_allocate(sizeof(**domains));
    **domains = (LSAPR_REFERENCED_DOMAIN_LIST){1, midl_user_allocate(sizeof(LSAPR_TRUST_INFORMATION)), 32};
    (*domains)->Domains[0] = (LSAPR_TRUST_INFORMATION){new_string(L"BUILTIN"), new_sid()};
    sids->Entries = 2;
    sids->Sids = midl_user_allocate(2 * sizeof(*sids->Sids));
    sids->Sids[0] = (LSA_TRANSLATED_SID){SidTypeAlias, 544, 0};
    sids->Sids[1] = (LSA_TRANSLATED_SID){SidTypeUnknown, 0, -1};
    *mapped = 1;
    return 0x107;
}

static NTSTATUS lookup_sids3(handle_t h, PLSAPR_SID_ENUM_BUFFER sids, PLSAPR_REFERENCED_DOMAIN_LIST *domains,
                             PLSAPR_TRANSLATED_NAMES_EX names, LSAP_LOOKUP_LEVEL level, ULONG *mapped,
                             ULONG options, ULONG revision)
{
    (void)h;
    ok(sids->Entries == 3 && !memcmp(sids->SidInfo[2].Sid, &admins, sizeof(admins)) &&
           !sids->SidInfo[1].Sid && level == LsapLookupRODCReferralToFullDC && !options && revision == 2,
       "%lu SIDs\n", (unsigned long)sids->Entries);
    *domains = NULL;
    names->Entries = 1;
    names->Names = midl_user_allocate(sizeof(*names->Names));
    names->Names[0] = (LSAPR_TRANSLATED_NAME_EX){SidTypeComputer, new_string(L"host$"), -1, 4};
    *mapped = 3;
    return 0;
}

static NTSTATUS query_policy(LSAPR_HANDLE policy, POLICY_INFORMATION_CLASS class,
                             PLSAPR_POLICY_INFORMATION *info)
{
    static const ULONG options[] = {3, 1, 0, 4, 2};
    LSAPR_POLICY_DNS_DOMAIN_INFO *dns;

    (void)policy;
    *info = midl_user_allocate(sizeof(**info));
    memset(*info, 0, sizeof(**info));
    switch (class) {
    case PolicyAuditEventsInformation:
        (*info)->PolicyAuditEventsInfo =
            (LSAPR_POLICY_AUDIT_EVENTS_INFO){1, real_copy(options, sizeof(options)), 5};
        return 0;
    case PolicyAuditLogInformation:
        (*info)->PolicyAuditLogInfo.TimeToShutdown.QuadPart = -1;
        (*info)->PolicyAuditLogInfo.NextAuditRecordId = 12;
        return 0;
    case PolicyDnsDomainInformation:
        dns = &(*info)->PolicyDnsDomainInfo;
        dns->DnsForestName = new_string(L"forest.example");
        dns->DomainGuid.Data4[7] = 0x99;
        dns->Sid = new_sid();
        return 0;
    default:
        midl_user_free(*info);
        *info = NULL;
        return (NTSTATUS)0xc000000d;
    }
}

static NTSTATUS enumerate_privileges(LSAPR_HANDLE policy, ULONG *context, PLSAPR_PRIVILEGE_ENUM_BUFFER buffer,
                                     ULONG length)
{
    (void)policy, (void)length;
    buffer->Entries = 2;
    buffer->Privileges = midl_user_allocate(2 * sizeof(*buffer->Privileges));
    buffer->Privileges[0] = (LSAPR_POLICY_PRIVILEGE_DEF){new_string(L"SeDebugPrivilege"), {20, 0}};
    buffer->Privileges[1] = (LSAPR_POLICY_PRIVILEGE_DEF){new_string(L""), {0xffffffff, -1}};
    *context += 2;
    return 0;
}

static NTSTATUS add_privileges(LSAPR_HANDLE account, PLSAPR_PRIVILEGE_SET set)
{
    (void)account;
    ok(set->PrivilegeCount == 2 && set->Control == 1 && set->Privilege[1].Luid.HighPart == -7 &&
           set->Privilege[1].Attributes == 3,
       "%lu privileges\n", (unsigned long)set->PrivilegeCount);
    return 0;
}

static NTSTATUS enumerate_account(LSAPR_HANDLE account, PLSAPR_PRIVILEGE_SET *privileges)
{
    LSAPR_PRIVILEGE_SET *set;

    (void)account;
    *privileges = set = midl_user_allocate(sizeof(*set) + 2 * sizeof(set->Privilege[0]));
    set->PrivilegeCount = 3;
    set->Control = 0;
    for (int i = 0; i < 3; i++)
        set->Privilege[i] = (LSAPR_LUID_AND_ATTRIBUTES){{i, -i}, i * i};
    return 0;
}

/* Gives back what came, the old value as the current one. */
static NTSTATUS query_secret(LSAPR_HANDLE secret, PLSAPR_CR_CIPHER_VALUE *current,
                             PLARGE_INTEGER current_time, PLSAPR_CR_CIPHER_VALUE *old,
                             PLARGE_INTEGER old_time)
{
    (void)secret;
    ok(!*current && !old && !old_time && current_time->QuadPart == 1, "secret\n");
    *current = midl_user_allocate(sizeof(**current));
    **current = (LSAPR_CR_CIPHER_VALUE){5, 64, midl_user_allocate(64)};
    memcpy((*current)->Buffer, "crypt", 5);
    current_time->QuadPart = 0x123456789abcdef;
    return 0;
}

static NTSTATUS query_forest(LSAPR_HANDLE policy, PLSA_UNICODE_STRING name,
                             LSA_FOREST_TRUST_RECORD_TYPE highest, PLSA_FOREST_TRUST_INFORMATION *info)
{
    LSA_FOREST_TRUST_RECORD *record;

    (void)policy;
    ok(is_string(name, L"forest.example") && highest == ForestTrustDomainInfo, "name\n");
    *info = midl_user_allocate(sizeof(**info));
    (*info)->RecordCount = 3;
    (*info)->Entries = midl_user_allocate(3 * sizeof(*(*info)->Entries));
    for (int i = 0; i < 3; i++) {
        record = (*info)->Entries[i] = midl_user_allocate(sizeof(*record));
        memset(record, 0, sizeof(*record));
        record->Time.QuadPart = i;
    }
    (*info)->Entries[0]->ForestTrustType = ForestTrustTopLevelNameEx;
    (*info)->Entries[0]->ForestTrustData.TopLevelName = new_string(L"top");
    (*info)->Entries[1]->ForestTrustType = ForestTrustDomainInfo;
    (*info)->Entries[1]->ForestTrustData.DomainInfo.Sid = new_sid();
    (*info)->Entries[1]->ForestTrustData.DomainInfo.NetbiosName = new_string(L"NB");
    (*info)->Entries[2]->ForestTrustType = ForestTrustBinaryInfo;
    (*info)->Entries[2]->ForestTrustData.Data = (LSA_FOREST_TRUST_BINARY_DATA){4, real_copy("data", 4)};
    return 0;
}

static NTSTATUS get_user_name(handle_t h, wchar_t *system, PRPC_UNICODE_STRING *user,
                              PRPC_UNICODE_STRING *domain)
{
    RPC_UNICODE_STRING text = new_string(L"me");

    (void)h;
    ok(!system && !*user && !domain, "nothing comes\n");
    *user = real_copy(&text, sizeof(text));
    return 0;
}

static const lsarpc_SERVER_EPV managers = {
    .LsarOpenPolicy2 = open_policy2,
    .LsarClose = close_policy,
    .LsarLookupNames = lookup_names,
    .LsarLookupSids3 = lookup_sids3,
    .LsarQueryInformationPolicy = query_policy,
    .LsarEnumeratePrivileges = enumerate_privileges,
    .LsarAddPrivilegesToAccount = add_privileges,
    .LsarEnumeratePrivilegesAccount = enumerate_account,
    .LsarQuerySecret = query_secret,
    .LsarQueryForestTrustInformation = query_forest,
    .LsarGetUserName = get_user_name,
};

/* ---- calls */

static LSAPR_HANDLE call_open(handle_t h)
{
    unsigned char octets[sizeof(LSAPR_ACL) + 8] = {2, 0, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    LSAPR_SECURITY_DESCRIPTOR security = {1, 0, 0x8004, (RPC_SID *)&admins, NULL, NULL, (LSAPR_ACL *)octets};
    SECURITY_QUALITY_OF_SERVICE quality = {12, SecurityDelegation, 1, 1};
    STRING name = {4, 8, (unsigned char *)"name\0\0\0"};
    LSAPR_OBJECT_ATTRIBUTES attributes = {24, NULL, &name, 0, &security, &quality};
    LSAPR_HANDLE policy = NULL;

    ok(!lsarpc_LsarOpenPolicy2(h, (wchar_t *)REAL_SERVER, &attributes, 0x02000000, &policy) && policy,
       "open\n");
    return policy;
}

static void call_translation(handle_t h, LSAPR_HANDLE policy)
{
    RPC_UNICODE_STRING names[] = {string_of(L"Administrators"), string_of(L"nobody")};
    LSAPR_SID_INFORMATION info[] = {{NULL}, {NULL}, {(RPC_SID *)&admins}};
    LSAPR_SID_ENUM_BUFFER enumeration = {3, info};
    LSAPR_REFERENCED_DOMAIN_LIST *domains = NULL;
    LSAPR_TRANSLATED_SIDS sids = {0, NULL};
    LSAPR_TRANSLATED_NAMES_EX found = {0, NULL};
    ULONG mapped = 0;

    ok(lsarpc_LsarLookupNames(policy, 2, names, &domains, &sids, LsapLookupWksta, &mapped) == 0x107 &&
           mapped == 1,
       "lookup names\n");
    ok(domains->Entries == 1 && domains->MaxEntries == 32 &&
           is_string(&domains->Domains[0].Name, L"BUILTIN") &&
           !memcmp(domains->Domains[0].Sid, &admins, sizeof(admins)),
       "referenced domains\n");
    ok(sids.Entries == 2 && sids.Sids[0].Use == SidTypeAlias && sids.Sids[0].RelativeId == 544 &&
           sids.Sids[1].DomainIndex == -1,
       "translated SIDs\n");
    midl_user_free(domains->Domains[0].Name.Buffer);
    midl_user_free(domains->Domains[0].Sid);
    midl_user_free(domains->Domains);
    midl_user_free(domains);
    midl_user_free(sids.Sids);

    domains = NULL;
    ok(!lsarpc_LsarLookupSids3(h, &enumeration, &domains, &found, LsapLookupRODCReferralToFullDC, &mapped, 0,
                               2) &&
           mapped == 3 && !domains,
       "lookup SIDs\n");
    ok(found.Entries == 1 && found.Names[0].Use == SidTypeComputer &&
           is_string(&found.Names[0].Name, L"host$") && found.Names[0].Flags == 4,
       "translated names\n");
    midl_user_free(found.Names[0].Name.Buffer);
    midl_user_free(found.Names);
    found = (LSAPR_TRANSLATED_NAMES_EX){0, NULL};
    enumeration.Entries = 20481; /* the range ends at 20480 */
    enumeration.SidInfo = calloc(20481, sizeof(*enumeration.SidInfo));
    ok_status(
        CAUGHT(lsarpc_LsarLookupSids3(h, &enumeration, &domains, &found, LsapLookupWksta, &mapped, 0, 2)),
        RPC_X_INVALID_BOUND, "more than the range allows");
    free(enumeration.SidInfo);
}

static void call_policy(LSAPR_HANDLE policy)
{
    LSAPR_POLICY_INFORMATION *info = NULL;
    LSAPR_POLICY_DNS_DOMAIN_INFO *dns;

    ok(!lsarpc_LsarQueryInformationPolicy(policy, PolicyAuditEventsInformation, &info) &&
           info->PolicyAuditEventsInfo.MaximumAuditEventCount == 5 &&
           info->PolicyAuditEventsInfo.EventAuditingOptions[3] == 4,
       "audit events\n");
    midl_user_free(info->PolicyAuditEventsInfo.EventAuditingOptions);
    midl_user_free(info);
    info = NULL;
    ok(!lsarpc_LsarQueryInformationPolicy(policy, PolicyAuditLogInformation, &info) &&
           info->PolicyAuditLogInfo.TimeToShutdown.QuadPart == -1 &&
           info->PolicyAuditLogInfo.NextAuditRecordId == 12,
       "audit log\n");
    midl_user_free(info);
    info = NULL;
    ok(!lsarpc_LsarQueryInformationPolicy(policy, PolicyDnsDomainInformation, &info), "DNS domain\n");
    dns = &info->PolicyDnsDomainInfo;
    ok(!dns->Name.Buffer && is_string(&dns->DnsForestName, L"forest.example") &&
           dns->DomainGuid.Data4[7] == 0x99 && !memcmp(dns->Sid, &admins, sizeof(admins)),
       "DNS domain's members\n");
    midl_user_free(dns->DnsForestName.Buffer);
    midl_user_free(dns->Sid);
    midl_user_free(info);
    info = NULL;
    ok(lsarpc_LsarQueryInformationPolicy(policy, PolicyLastEntry, &info) == (NTSTATUS)0xc000000d && !info,
       "none\n");
}

static void call_privileges(LSAPR_HANDLE policy)
{
    LSAPR_PRIVILEGE_ENUM_BUFFER buffer = {0, NULL};
    LSAPR_PRIVILEGE_SET *set = NULL;
    ULONG context = 40;

    ok(!lsarpc_LsarEnumeratePrivileges(policy, &context, &buffer, 0x1000) && context == 42 &&
           buffer.Entries == 2 && is_string(&buffer.Privileges[0].Name, L"SeDebugPrivilege") &&
           buffer.Privileges[1].LocalValue.HighPart == -1,
       "privileges\n");
    midl_user_free(buffer.Privileges[0].Name.Buffer);
    midl_user_free(buffer.Privileges[1].Name.Buffer);
    midl_user_free(buffer.Privileges);
    ok(!lsarpc_LsarEnumeratePrivilegesAccount(policy, &set) && set->PrivilegeCount == 3 &&
           set->Privilege[2].Luid.HighPart == -2 && set->Privilege[2].Attributes == 4,
       "privileges of an account\n");
    set->PrivilegeCount = 2;
    set->Control = 1;
    set->Privilege[1] = (LSAPR_LUID_AND_ATTRIBUTES){{1, -7}, 3};
    ok(!lsarpc_LsarAddPrivilegesToAccount(policy, set), "add\n");
    midl_user_free(set);
}

static void call_secrets(handle_t h, LSAPR_HANDLE policy)
{
    LSAPR_CR_CIPHER_VALUE *current = NULL;
    LSA_FOREST_TRUST_INFORMATION *info = NULL;
    RPC_UNICODE_STRING name = string_of(L"forest.example"), *user = NULL;
    LARGE_INTEGER time = {.QuadPart = 1};

    ok(!lsarpc_LsarQuerySecret(policy, &current, &time, NULL, NULL) && current && current->Length == 5 &&
           current->MaximumLength == 64 && !memcmp(current->Buffer, "crypt", 5) &&
           time.QuadPart == 0x123456789abcdef,
       "secret\n");
    midl_user_free(current->Buffer);
    midl_user_free(current);
    ok(!lsarpc_LsarGetUserName(h, NULL, &user, NULL) && is_string(user, L"me"), "user name\n");
    midl_user_free(user->Buffer);
    midl_user_free(user);

    ok(!lsarpc_LsarQueryForestTrustInformation(policy, &name, ForestTrustDomainInfo, &info) &&
           info->RecordCount == 3,
       "forest\n");
    ok(is_string(&info->Entries[0]->ForestTrustData.TopLevelName, L"top") &&
           info->Entries[1]->ForestTrustType == ForestTrustDomainInfo &&
           !memcmp(info->Entries[1]->ForestTrustData.DomainInfo.Sid, &admins, sizeof(admins)) &&
           is_string(&info->Entries[1]->ForestTrustData.DomainInfo.NetbiosName, L"NB") &&
           info->Entries[2]->Time.QuadPart == 2 &&
           !memcmp(info->Entries[2]->ForestTrustData.Data.Buffer, "data", 4),
       "forest's records\n");
    midl_user_free(info->Entries[0]->ForestTrustData.TopLevelName.Buffer);
    midl_user_free(info->Entries[1]->ForestTrustData.DomainInfo.Sid);
    midl_user_free(info->Entries[1]->ForestTrustData.DomainInfo.NetbiosName.Buffer);
    midl_user_free(info->Entries[2]->ForestTrustData.Data.Buffer);
    for (int i = 0; i < 3; i++)
        midl_user_free(info->Entries[i]);
    midl_user_free(info->Entries);
    midl_user_free(info);
}

static void calls(handle_t h)
{
    LSAPR_HANDLE policy = call_open(h);

    call_translation(h, policy);
    call_policy(policy);
    call_privileges(policy);
    call_secrets(h, policy);
    ok(!lsarpc_LsarClose(&policy) && !policy, "close\n");
}

START_TEST(real_lsarpc)
{
    real_run(lsarpc_v0_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
}
