/*
 * The security account manager ([MS-SAMR]): SIDs, a union by a version behind a pointer, packed structures,
 * arrays with a fixed maximum and a varying length, as parameters and in members, one union of 25 levels.
 */
#include <stddef.h>

#include "real.h"
#include "samr.h"

/* 2.2.3.10 and 2.2.3.11 stand between #pragma pack(4) and #pragma pack(). */
_Static_assert(sizeof(SAMPR_DOMAIN_GENERAL_INFORMATION) == (sizeof(void *) == 8 ? 88 : 64), "packed by 4");
_Static_assert(offsetof(SAMPR_DOMAIN_GENERAL_INFORMATION2, LockoutThreshold) ==
                   sizeof(SAMPR_DOMAIN_GENERAL_INFORMATION) + 16,
               "packed by 4");
_Static_assert(sizeof(SAMPR_ENCRYPTED_USER_PASSWORD) == 516, "2.2.6.21");
_Static_assert(sizeof(SAMPR_ENCRYPTED_USER_PASSWORD_NEW) == 532, "2.2.6.22");

handle_t __RPC_USER PSAMPR_SERVER_NAME_bind(PSAMPR_SERVER_NAME server)
{
    return real_bind(server);
}

void __RPC_USER PSAMPR_SERVER_NAME_unbind(PSAMPR_SERVER_NAME server, handle_t h)
{
    (void)server;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER SAMPR_HANDLE_rundown(SAMPR_HANDLE object)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(object);
}

/* A context: what was opened. */
struct object {
    enum { SERVER, DOMAIN, USER } kind;
    ULONG id;
};

/* S-1-5-21-3448151421-356457007-600757626, of the document's example 4.1 */
static const struct {
    RPC_SID sid;
    ULONG more[3];
} domain = {{1, 4, {{0, 0, 0, 0, 0, 5}}, {21}}, {3448151421u, 356457007, 600757626}};

static SAMPR_HANDLE open_object(int kind, ULONG id)
{
    struct object object = {kind, id};

    return real_copy(&object, sizeof(object));
}

static int is_object(SAMPR_HANDLE handle, int kind)
{
    const struct object *object = handle;

    return ok(object && (int)object->kind == kind, "another kind of handle\n");
}

static int is_string(const RPC_UNICODE_STRING *string, const wchar_t *text)
{
    size_t size = wcslen(text) * sizeof(wchar_t);

    return string->Length == size && !memcmp(string->Buffer, text, size);
}

static RPC_UNICODE_STRING string_of(const wchar_t *text)
{
    USHORT size = (USHORT)(wcslen(text) * sizeof(wchar_t));

    return (RPC_UNICODE_STRING){size, size + 2, (WCHAR *)text};
}

/* As string_of, in allocated memory. */
static RPC_UNICODE_STRING new_string(const wchar_t *text)
{
    RPC_UNICODE_STRING string = string_of(text);

    string.Buffer = real_text(text);
    return string;
}

/* ---- managers */

static long connect5(PSAMPR_SERVER_NAME server, ULONG access, ULONG version, SAMPR_REVISION_INFO *in,
                     ULONG *out_version, SAMPR_REVISION_INFO *out, SAMPR_HANDLE *handle)
{
    ok(!wcscmp(server, REAL_SERVER) && access == 0x31 && version == 1 && in->V1.Revision == 3 &&
           in->V1.SupportedFeatures == 0,
       "version %lu\n", (unsigned long)version);
    *out_version = 1;
    out->V1 = (SAMPR_REVISION_INFO_V1){3, 0x10};
    *handle = open_object(SERVER, 0);
    return 0;
}

static long lookup_domain(SAMPR_HANDLE server, PRPC_UNICODE_STRING name, PRPC_SID *sid)
{
    is_object(server, SERVER);
    if (!is_string(name, L"ms"))
        return (long)0xc00000df; /* STATUS_NO_SUCH_DOMAIN, and no SID */
    *sid = real_copy(&domain, sizeof(domain));
    return 0;
}

static long open_domain(SAMPR_HANDLE server, ULONG access, PRPC_SID sid, SAMPR_HANDLE *handle)
{
    is_object(server, SERVER);
    ok(access == 0x200 && !memcmp(sid, &domain, sizeof(domain)), "the domain's SID\n");
    *handle = open_object(DOMAIN, 0);
    return 0;
}

static long query_domain(SAMPR_HANDLE handle, DOMAIN_INFORMATION_CLASS class,
                         PSAMPR_DOMAIN_INFO_BUFFER *buffer)
{
    SAMPR_DOMAIN_GENERAL_INFORMATION2 *general;

    is_object(handle, DOMAIN);
    ok(class == DomainGeneralInformation2, "class %d\n", class);
    *buffer = midl_user_allocate(sizeof(**buffer));
    memset(*buffer, 0, sizeof(**buffer));
    general = &(*buffer)->General2;
    general->I1.ForceLogoff = (OLD_LARGE_INTEGER){0xffffffff, 0x7fffffff};
    general->I1.DomainName = new_string(L"ms");
    general->I1.UasCompatibilityRequired = 1;
    general->I1.AliasCount = 77;
    general->LockoutDuration.QuadPart = -18000000000;
    general->LockoutObservationWindow.QuadPart = 0x0102030405060708;
    general->LockoutThreshold = 10;
    return 0;
}

static long lookup_names(SAMPR_HANDLE handle, ULONG count, RPC_UNICODE_STRING *names, PSAMPR_ULONG_ARRAY ids,
                         PSAMPR_ULONG_ARRAY use)
{
    is_object(handle, DOMAIN);
    ids->Count = use->Count = count;
    ids->Element = midl_user_allocate(count * sizeof(ULONG));
    use->Element = midl_user_allocate(count * sizeof(ULONG));
    for (ULONG i = 0; i < count; i++) {
        ids->Element[i] = 1000 + i;
        use->Element[i] = is_string(&names[i], L"testuser") ? SidTypeUser : SidTypeUnknown;
    }
    return 0x107; /* STATUS_SOME_NOT_MAPPED */
}

static long lookup_ids(SAMPR_HANDLE handle, ULONG count, ULONG *ids, PSAMPR_RETURNED_USTRING_ARRAY names,
                       PSAMPR_ULONG_ARRAY use)
{
    is_object(handle, DOMAIN);
    ok(count == 2 && ids[0] == 2810 && ids[1] == 2811, "%lu identifiers\n", (unsigned long)count);
    names->Count = 2;
    names->Element = midl_user_allocate(2 * sizeof(RPC_UNICODE_STRING));
    names->Element[0] = new_string(L"testuser");
    names->Element[1] = (RPC_UNICODE_STRING){0, 0, NULL};
    use->Count = 0;
    use->Element = NULL;
    return 0;
}

static long create_user(SAMPR_HANDLE handle, PRPC_UNICODE_STRING name, ULONG type, ULONG access,
                        SAMPR_HANDLE *user, ULONG *granted, ULONG *id)
{
    is_object(handle, DOMAIN);
    ok(is_string(name, L"testuser") && type == 0x80 && access == 0x2000000, "account type %#lx\n",
       (unsigned long)type);
    *user = open_object(USER, 2810);
    *granted = 0xf07ff;
    *id = 2810;
    return 0;
}

/* Takes what is set, and gives it back as other information. */
static SAMPR_USER_ALL_INFORMATION kept;
static unsigned char kept_hours[21];

static long set_user(SAMPR_HANDLE user, USER_INFORMATION_CLASS class, PSAMPR_USER_INFO_BUFFER buffer)
{
    const SAMPR_USER_ALL_INFORMATION *all = &buffer->All;

    is_object(user, USER);
    if (class == UserInternal5InformationNew) {
        ok(buffer->Internal5New.UserPassword.Buffer[531] == 0x5a && buffer->Internal5New.PasswordExpired == 1,
           "password\n");
        return 0;
    }
    ok(class == UserAllInformation && is_string(&all->UserName, L"testuser") &&
           is_string(&all->FullName, L"") && all->SecurityDescriptor.Length == 3 &&
           all->SecurityDescriptor.SecurityDescriptor[2] == 3,
       "class %d\n", class);
    ok(all->NtOwfPassword.Length == 16 && all->NtOwfPassword.Buffer[7] == 0x707, "hash\n");
    ok(all->LogonHours.UnitsPerWeek == 168, "logon hours\n");
    memcpy(kept_hours, all->LogonHours.LogonHours, sizeof(kept_hours));
    kept = *all;
    return 0;
}

static long query_user(SAMPR_HANDLE user, USER_INFORMATION_CLASS class, PSAMPR_USER_INFO_BUFFER *buffer)
{
    is_object(user, USER);
    *buffer = midl_user_allocate(sizeof(**buffer));
    memset(*buffer, 0, sizeof(**buffer));
    switch (class) {
    case UserControlInformation:
        (*buffer)->Control.UserAccountControl = kept.UserAccountControl;
        return 0;
    case UserLogonInformation:
        (*buffer)->Logon.UserName = new_string(L"testuser");
        (*buffer)->Logon.LogonCount = kept.LogonCount;
        (*buffer)->Logon.LogonHours.UnitsPerWeek = 168;
        /* As many as the IDL says may be there; length_is says how many are sent. */
        (*buffer)->Logon.LogonHours.LogonHours = midl_user_allocate(1260);
        memcpy((*buffer)->Logon.LogonHours.LogonHours, kept_hours, sizeof(kept_hours));
        return 0;
    default:
        midl_user_free(*buffer);
        *buffer = NULL;
        return (long)0xc0000003; /* STATUS_INVALID_INFO_CLASS */
    }
}

static long display(SAMPR_HANDLE handle, DOMAIN_DISPLAY_INFORMATION class, ULONG index, ULONG count,
                    ULONG length, ULONG *total, ULONG *returned, PSAMPR_DISPLAY_INFO_BUFFER buffer)
{
    SAMPR_DOMAIN_DISPLAY_OEM_USER *user;

    is_object(handle, DOMAIN);
    ok(class == DomainDisplayOemUser && index == 0 && count == 100 && length == 0xffff, "class %d\n", class);
    *total = *returned = buffer->OemUserInformation.EntriesRead = 2;
    user = buffer->OemUserInformation.Buffer = midl_user_allocate(2 * sizeof(*user));
    user[0] = (SAMPR_DOMAIN_DISPLAY_OEM_USER){1, {5, 9, real_copy("Guest\0\0\0", 9)}};
    user[1] = (SAMPR_DOMAIN_DISPLAY_OEM_USER){2, {0, 0, NULL}};
    return 0;
}

static long members_in_group(SAMPR_HANDLE group, PSAMPR_GET_MEMBERS_BUFFER *members)
{
    static const ULONG ids[] = {500, 501, 502}, attributes[] = {7, 7, 3};

    (void)group;
    *members = midl_user_allocate(sizeof(**members));
    (*members)->MemberCount = 3;
    (*members)->Members = real_copy(ids, sizeof(ids));
    (*members)->Attributes = real_copy(attributes, sizeof(attributes));
    return 0;
}

static long validate(handle_t h, PASSWORD_POLICY_VALIDATION_TYPE type, PSAM_VALIDATE_INPUT_ARG in,
                     PSAM_VALIDATE_OUTPUT_ARG *out)
{
    const SAM_VALIDATE_PASSWORD_RESET_INPUT_ARG *reset = &in->ValidatePasswordResetInput;

    (void)h;
    ok(type == SamValidatePasswordReset && reset->InputPersistedFields.PasswordHistoryLength == 2 &&
           reset->InputPersistedFields.PasswordHistory[1].Length == 3 &&
           reset->InputPersistedFields.PasswordHistory[1].Hash[2] == 0xcc &&
           is_string(&reset->ClearPassword, L"secret") && !reset->HashedPassword.Hash &&
           reset->ClearLockout == 1,
       "what is to be validated\n");
    *out = midl_user_allocate(sizeof(**out));
    memset(*out, 0, sizeof(**out));
    (*out)->ValidatePasswordResetOutput.ValidationStatus = SamValidatePasswordTooShort;
    (*out)->ValidatePasswordResetOutput.ChangedPersistedFields.LockoutTime.QuadPart = 5;
    return 0;
}

static long close_handle(SAMPR_HANDLE *handle)
{
    midl_user_free(*handle);
    *handle = NULL;
    return 0;
}

static const samr_SERVER_EPV managers = {
    .SamrConnect5 = connect5,
    .SamrLookupDomainInSamServer = lookup_domain,
    .SamrOpenDomain = open_domain,
    .SamrQueryInformationDomain2 = query_domain,
    .SamrLookupNamesInDomain = lookup_names,
    .SamrLookupIdsInDomain = lookup_ids,
    .SamrCreateUser2InDomain = create_user,
    .SamrSetInformationUser2 = set_user,
    .SamrQueryInformationUser2 = query_user,
    .SamrQueryDisplayInformation3 = display,
    .SamrGetMembersInGroup = members_in_group,
    .SamrValidatePassword = validate,
    .SamrCloseHandle = close_handle,
};

/* ---- calls */

static SAMPR_HANDLE call_open(SAMPR_HANDLE *server)
{
    SAMPR_REVISION_INFO in = {{3, 0}}, out = {{0, 0}};
    RPC_UNICODE_STRING name = string_of(L"ms"), unknown = string_of(L"nowhere");
    SAMPR_HANDLE handle = NULL;
    ULONG version = 0;
    RPC_SID *sid = NULL;

    ok(!samr_SamrConnect5((wchar_t *)REAL_SERVER, 0x31, 1, &in, &version, &out, server) && *server,
       "connect\n");
    ok(version == 1 && out.V1.Revision == 3 && out.V1.SupportedFeatures == 0x10, "revision %lu\n",
       (unsigned long)out.V1.Revision);
    ok(samr_SamrLookupDomainInSamServer(*server, &unknown, &sid) == (long)0xc00000df && !sid,
       "no such domain\n");
    ok(!samr_SamrLookupDomainInSamServer(*server, &name, &sid) && sid &&
           !memcmp(sid, &domain, sizeof(domain)),
       "domain\n");
    ok(!samr_SamrOpenDomain(*server, 0x200, sid, &handle) && handle, "open\n");
    midl_user_free(sid);
    return handle;
}

static void call_domain(SAMPR_HANDLE handle)
{
    static const wchar_t *const texts[] = {L"testuser", L"", L"another"};
    SAMPR_ULONG_ARRAY ids = {0, NULL}, use = {0, NULL};
    SAMPR_RETURNED_USTRING_ARRAY found = {0, NULL};
    SAMPR_DOMAIN_INFO_BUFFER *info = NULL;
    ULONG rids[] = {2810, 2811};
    RPC_UNICODE_STRING names[3];

    ok(!samr_SamrQueryInformationDomain2(handle, DomainGeneralInformation2, &info) && info, "query\n");
    ok(info->General2.I1.ForceLogoff.LowPart == 0xffffffff &&
           info->General2.I1.ForceLogoff.HighPart == 0x7fffffff &&
           is_string(&info->General2.I1.DomainName, L"ms") && !info->General2.I1.OemInformation.Buffer &&
           info->General2.I1.UasCompatibilityRequired == 1 && info->General2.I1.AliasCount == 77,
       "packed structure\n");
    ok(info->General2.LockoutDuration.QuadPart == -18000000000 &&
           info->General2.LockoutObservationWindow.QuadPart == 0x0102030405060708 &&
           info->General2.LockoutThreshold == 10,
       "packed structure's tail\n");
    midl_user_free(info->General2.I1.DomainName.Buffer);
    midl_user_free(info);

    for (int i = 0; i < 3; i++)
        names[i] = string_of(texts[i]);
    ok(samr_SamrLookupNamesInDomain(handle, 3, names, &ids, &use) == 0x107, "some not mapped\n");
    ok(ids.Count == 3 && ids.Element[2] == 1002 && use.Element[0] == SidTypeUser &&
           use.Element[2] == SidTypeUnknown,
       "%lu names\n", (unsigned long)ids.Count);
    midl_user_free(ids.Element);
    midl_user_free(use.Element);
    ok(!samr_SamrLookupIdsInDomain(handle, 2, rids, &found, &use) && found.Count == 2 &&
           is_string(&found.Element[0], L"testuser") && !found.Element[1].Buffer && !use.Element,
       "identifiers\n");
    midl_user_free(found.Element[0].Buffer);
    midl_user_free(found.Element);
    ok_status(CAUGHT(samr_SamrLookupIdsInDomain(handle, 1001, rids, &found, &use)), RPC_S_INVALID_BOUND,
              "more than the array may hold");
}

static void call_display(SAMPR_HANDLE handle)
{
    SAMPR_DISPLAY_INFO_BUFFER buffer;
    SAMPR_GET_MEMBERS_BUFFER *members = NULL;
    ULONG total = 0, returned = 0;
    SAMPR_DOMAIN_DISPLAY_OEM_USER *user;

    memset(&buffer, 0, sizeof(buffer));
    ok(!samr_SamrQueryDisplayInformation3(handle, DomainDisplayOemUser, 0, 100, 0xffff, &total, &returned,
                                          &buffer),
       "display\n");
    user = buffer.OemUserInformation.Buffer;
    ok(returned == 2 && buffer.OemUserInformation.EntriesRead == 2 && user[0].OemAccountName.Length == 5 &&
           user[0].OemAccountName.MaximumLength == 9 && !memcmp(user[0].OemAccountName.Buffer, "Guest", 5) &&
           user[1].Index == 2 && !user[1].OemAccountName.Buffer,
       "%lu users\n", (unsigned long)returned);
    midl_user_free(user[0].OemAccountName.Buffer);
    midl_user_free(user);
    ok(!samr_SamrGetMembersInGroup(handle, &members) && members->MemberCount == 3 &&
           members->Members[2] == 502 && members->Attributes[2] == 3,
       "members\n");
    midl_user_free(members->Members);
    midl_user_free(members->Attributes);
    midl_user_free(members);
}

static void call_user(SAMPR_HANDLE handle)
{
    USHORT hash[8] = {0, 0x101, 0x202, 0x303, 0x404, 0x505, 0x606, 0x707};
    unsigned char hours[1260] = {[0] = 0xff, [20] = 0x81}, descriptor[] = {1, 2, 3};
    RPC_UNICODE_STRING name = string_of(L"testuser");
    SAMPR_USER_INFO_BUFFER *got = NULL, *set;
    SAMPR_HANDLE user = NULL;
    ULONG granted = 0, id = 0;

    ok(!samr_SamrCreateUser2InDomain(handle, &name, 0x80, 0x2000000, &user, &granted, &id) && user &&
           granted == 0xf07ff && id == 2810,
       "create\n");
    set = calloc(1, sizeof(*set));
    set->All.UserName = name;
    set->All.FullName = string_of(L"");
    set->All.NtOwfPassword = (RPC_SHORT_BLOB){16, 16, hash};
    set->All.SecurityDescriptor = (SAMPR_SR_SECURITY_DESCRIPTOR){3, descriptor};
    set->All.UserAccountControl = 0x10;
    set->All.LogonCount = 99;
    set->All.LogonHours = (SAMPR_LOGON_HOURS){168, hours};
    ok(!samr_SamrSetInformationUser2(user, UserAllInformation, set), "set\n");
    memset(set, 0x5a, sizeof(*set));
    set->Internal5New.PasswordExpired = 1;
    ok(!samr_SamrSetInformationUser2(user, UserInternal5InformationNew, set), "set a password\n");
    free(set);
    ok(!samr_SamrQueryInformationUser2(user, UserControlInformation, &got) &&
           got->Control.UserAccountControl == 0x10,
       "control\n");
    midl_user_free(got);
    got = NULL;
    ok(!samr_SamrQueryInformationUser2(user, UserLogonInformation, &got) &&
           is_string(&got->Logon.UserName, L"testuser") && got->Logon.LogonCount == 99 &&
           got->Logon.LogonHours.LogonHours[0] == 0xff && got->Logon.LogonHours.LogonHours[20] == 0x81,
       "logon\n");
    midl_user_free(got->Logon.LogonHours.LogonHours);
    midl_user_free(got->Logon.UserName.Buffer);
    midl_user_free(got);
    got = NULL;
    ok(samr_SamrQueryInformationUser2(user, UserHomeInformation, &got) == (long)0xc0000003 && !got,
       "no such class\n");
    ok(!samr_SamrCloseHandle(&user) && !user, "close\n");
}

static void call_validate(handle_t h)
{
    SAM_VALIDATE_PASSWORD_HASH history[] = {{0, NULL}, {3, (unsigned char *)"\xaa\xbb\xcc"}};
    SAM_VALIDATE_INPUT_ARG in;
    SAM_VALIDATE_OUTPUT_ARG *out = NULL;

    memset(&in, 0, sizeof(in));
    in.ValidatePasswordResetInput.InputPersistedFields.PasswordHistoryLength = 2;
    in.ValidatePasswordResetInput.InputPersistedFields.PasswordHistory = history;
    in.ValidatePasswordResetInput.ClearPassword = string_of(L"secret");
    in.ValidatePasswordResetInput.ClearLockout = 1;
    ok(!samr_SamrValidatePassword(h, SamValidatePasswordReset, &in, &out) && out &&
           out->ValidatePasswordResetOutput.ValidationStatus == SamValidatePasswordTooShort &&
           out->ValidatePasswordResetOutput.ChangedPersistedFields.LockoutTime.QuadPart == 5,
       "validate\n");
    midl_user_free(out);
}

static void calls(handle_t h)
{
    SAMPR_HANDLE server = NULL, handle = call_open(&server);

    call_domain(handle);
    call_display(handle);
    call_user(handle);
    call_validate(h);
    ok(!samr_SamrCloseHandle(&handle) && !samr_SamrCloseHandle(&server), "close\n");
    ok_status(CAUGHT(samr_SamrCloseHandle(&handle)), RPC_X_SS_IN_NULL_CONTEXT, "a handle that was closed");
}

START_TEST(real_samr)
{
    real_run(samr_v1_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
}
