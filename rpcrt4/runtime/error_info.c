/*
 * Extended error information: chains of records, and what is made of them on the wire (wire/eerr.c).
 *
 * A chain belongs to one thread, or to one call or bind on its way there; no lock. Whether it is told to
 * clients is one word, set once.
 */
#include "error_info.h"
#include "../os/debug.h"
#include "../os/os.h"
#include "../wire/eerr.h"
#include "binding.h"
#include "call.h"
#include "connection.h"
#include "thread.h"

static volatile LONG propagation;

/* ---- records */

static BOOL is_octets(const RPC_EE_INFO_PARAM *param)
{
    return param->ParameterType == eeptAnsiString || param->ParameterType == eeptUnicodeString ||
           param->ParameterType == eeptBinary;
}

static void free_record(struct error_record *record)
{
    for (int i = 0; i < record->count; i++)
        if (is_octets(&record->params[i]))
            os_free(record->params[i].u.AnsiString); /* first in BinaryParam too */
    os_free(record->computer);
    os_free(record);
}

void errors_free(struct error_record *chain)
{
    struct error_record *next;

    for (; chain; chain = next) {
        next = chain->next;
        free_record(chain);
    }
}

static void *copy_octets(const void *octets, size_t size)
{
    void *copy = octets ? os_alloc(size) : NULL;

    return copy ? memcpy(copy, octets, size) : NULL;
}

/* What a text that is not there is stays none, eeptNone (SDK, RPC_EE_INFO_PARAM: left out for lack of
 * memory).
 */
static void copy_param(RPC_EE_INFO_PARAM *to, const RPC_EE_INFO_PARAM *from)
{
    void *copy = NULL;

    *to = *from;
    if (!is_octets(from))
        return;
    if (from->ParameterType == eeptBinary)
        copy = copy_octets(from->u.BVal.Buffer, from->u.BVal.Size);
    else if (from->ParameterType == eeptAnsiString && from->u.AnsiString)
        copy = copy_octets(from->u.AnsiString, strlen(from->u.AnsiString) + 1);
    else if (from->u.UnicodeString)
        copy = string_copy(from->u.UnicodeString);
    to->u.AnsiString = copy;
    if (!copy)
        to->ParameterType = eeptNone;
}

/* A record of this process, now; NULL: no memory. */
static struct error_record *make(ULONG component, ULONG status, USHORT location,
                                 const RPC_EE_INFO_PARAM *params, int count)
{
    struct error_record *record = os_alloc_zero(sizeof *record);

    if (!record)
        return NULL;
    record->process = GetCurrentProcessId();
    GetSystemTimeAsFileTime(&record->time);
    record->component = component;
    record->status = status;
    record->location = location;
    for (; record->count < count; record->count++)
        copy_param(&record->params[record->count], &params[record->count]);
    return record;
}

RPC_STATUS errors_add(ULONG component, ULONG status, USHORT location, const RPC_EE_INFO_PARAM *params,
                      int count)
{
    struct error_record **chain = thread_errors(TRUE);
    struct error_record *record = chain ? make(component, status, location, params, count) : NULL;

    if (!record)
        return RPC_S_OUT_OF_MEMORY;
    record->next = *chain;
    *chain = record;
    return RPC_S_OK;
}

void errors_note(enum error_component component, RPC_STATUS status, enum error_location location, int count,
                 ...)
{
    RPC_EE_INFO_PARAM params[MaxNumberOfEEInfoParams];
    va_list values;

    va_start(values, count);
    for (int i = 0; i < count; i++) {
        params[i].ParameterType = eeptLongVal;
        params[i].u.LVal = (LONG)va_arg(values, ULONG);
    }
    va_end(values);
    errors_add(component, (ULONG)status, (USHORT)location, params, count);
}

void errors_note_text(enum error_component component, RPC_STATUS status, enum error_location location,
                      const WCHAR *text)
{
    RPC_EE_INFO_PARAM param = {.ParameterType = eeptUnicodeString, .u.UnicodeString = (WCHAR *)text};

    errors_add(component, (ULONG)status, (USHORT)location, &param, 1);
}

struct error_record *errors_copy(const struct error_record *chain)
{
    struct error_record *first = NULL, **at = &first;

    for (; chain; chain = chain->next) {
        struct error_record *copy = os_alloc(sizeof *copy);

        if (!copy) {
            errors_free(first);
            return NULL;
        }
        *copy = *chain;
        copy->next = NULL;
        copy->computer = string_copy(chain->computer);
        for (int i = 0; i < chain->count; i++)
            copy_param(&copy->params[i], &chain->params[i]);
        *at = copy;
        at = &copy->next;
    }
    return first;
}

/* ---- the thread's chain */

void errors_replace(struct error_record *chain)
{
    struct error_record **at = thread_errors(chain != NULL), *before;

    if (!at) {
        errors_free(chain);
        return;
    }
    before = *at;
    *at = chain;
    errors_free(before);
}

void errors_clear(void)
{
    errors_replace(NULL);
}

void errors_take(struct call *call)
{
    struct error_record *chain = call->errors;
    RPC_STATUS status = call->status;

    call->errors = NULL;
    if (chain)
        errors_replace(chain);
    if (call->fault)
        errors_note(ERROR_BY_RUNTIME, status, AT_FAULT, 1, (ULONG)call->fault);
    else if (status == RPC_S_CALL_CANCELLED && call->binding &&
             binding_call_timeout(call->binding) != INFINITE)
        errors_note(ERROR_BY_RUNTIME, status, AT_CALL_TIMEOUT, 2, 0UL, binding_call_timeout(call->binding));
    else
        errors_note(ERROR_BY_RUNTIME, status, AT_RECEIVE_REPLY, 0);
}

/* ---- the wire */

static struct eerr_text text_of(const void *octets, size_t count)
{
    return (struct eerr_text){octets, (uint16_t)(count < MAXSHORT ? count : MAXSHORT)};
}

static struct eerr_text wide_text_of(const WCHAR *text)
{
    return text_of(text, (size_t)lstrlenW(text) + 1);
}

static void describe_param(struct eerr_param *to, const RPC_EE_INFO_PARAM *from)
{
    memset(to, 0, sizeof *to);
    to->type = (enum eerr_type)from->ParameterType;
    switch (from->ParameterType) {
    case eeptAnsiString:
        to->text = text_of(from->u.AnsiString, strlen(from->u.AnsiString) + 1);
        break;
    case eeptUnicodeString:
        to->text = wide_text_of(from->u.UnicodeString);
        break;
    case eeptBinary:
        to->text = text_of(from->u.BVal.Buffer, (size_t)from->u.BVal.Size);
        break;
    case eeptLongVal:
        to->value = (uint64_t)(int64_t)from->u.LVal;
        break;
    case eeptShortVal:
        to->value = (uint64_t)(int64_t)from->u.SVal;
        break;
    case eeptPointerVal:
        to->value = from->u.PVal;
        break;
    default:
        to->type = EERR_NONE;
    }
}

static void describe(struct eerr_record *to, const struct error_record *from)
{
    memset(to, 0, sizeof *to);
    to->has_computer = from->computer != NULL;
    if (from->computer)
        to->computer = wide_text_of(from->computer);
    to->process = from->process;
    to->time = (uint64_t)from->time.dwHighDateTime << 32 | from->time.dwLowDateTime;
    to->component = from->component;
    to->status = from->status;
    to->location = from->location;
    to->flags = from->flags;
    to->count = (unsigned)from->count;
    for (int i = 0; i < from->count; i++)
        describe_param(&to->params[i], &from->params[i]);
}

uint8_t *errors_encode(const struct error_record *chain, size_t limit, size_t *length)
{
    struct eerr_record *records = os_alloc(EERR_RECORDS * sizeof *records);
    unsigned count = 0;
    uint8_t *data = NULL;

    for (; records && chain && count < EERR_RECORDS; chain = chain->next)
        describe(&records[count++], chain);
    if (chain && count)
        records[count - 1].flags |= EERR_NEXT_MISSING;
    while (count && (*length = eerr_encode(NULL, 0, records, count)) > limit)
        if (--count)
            records[count - 1].flags |= EERR_NEXT_MISSING;
    if (count && (data = os_alloc(*length)))
        eerr_encode(data, *length, records, count);
    os_free(records);
    return data;
}

/* A copy with a NUL after it, as ANSI or (wide) UTF-16; NULL: no memory. */
static void *take_text(const struct eerr_text *text, BOOL wide, bool big)
{
    WCHAR *copy = os_alloc(((size_t)text->count + 1) * sizeof *copy);
    char *ansi = (char *)copy;

    if (!copy)
        return NULL;
    for (unsigned i = 0; i < text->count; i++)
        if (wide)
            copy[i] = eerr_char(text, i, big);
        else
            ansi[i] = (char)text->octets[i];
    if (wide)
        copy[text->count] = 0;
    else
        ansi[text->count] = 0;
    return copy;
}

static void take_param(RPC_EE_INFO_PARAM *to, const struct eerr_param *from, bool big)
{
    to->ParameterType = (ExtendedErrorParamTypes)from->type;
    switch (from->type) {
    case EERR_ANSI:
    case EERR_UNICODE:
    case EERR_BINARY:
        to->u.AnsiString = take_text(&from->text, from->type == EERR_UNICODE, big);
        if (!to->u.AnsiString)
            to->ParameterType = eeptNone;
        else if (from->type == EERR_BINARY)
            to->u.BVal.Size = (short)from->text.count;
        break;
    case EERR_LONG:
        to->u.LVal = (LONG)from->value;
        break;
    case EERR_SHORT:
        to->u.SVal = (short)from->value;
        break;
    default:
        to->u.PVal = from->value;
    }
}

static struct error_record *take_record(const struct eerr_record *from, bool big)
{
    struct error_record *record = os_alloc_zero(sizeof *record);

    if (!record)
        return NULL;
    if (from->has_computer)
        record->computer = take_text(&from->computer, TRUE, big);
    record->process = from->process;
    record->time.dwLowDateTime = (DWORD)from->time;
    record->time.dwHighDateTime = (DWORD)(from->time >> 32);
    record->component = from->component;
    record->status = from->status;
    record->location = from->location;
    record->flags = from->flags;
    for (unsigned i = 0; i < from->count; i++)
        take_param(&record->params[record->count++], &from->params[i], big);
    return record;
}

struct error_record *errors_decode(const uint8_t *data, size_t length)
{
    struct eerr_record *records = os_alloc(EERR_RECORDS * sizeof *records);
    struct error_record *first = NULL, **at = &first;
    unsigned count = 0;
    bool big;

    if (records && !eerr_decode(data, length, records, &count, &big))
        WARN("malformed extended error information, %lu octets\n", (unsigned long)length);
    for (unsigned i = 0; i < count; i++) {
        if (!(*at = take_record(&records[i], big)))
            break;
        at = &(*at)->next;
    }
    os_free(records);
    return first;
}

struct error_record *errors_of_pdu(const struct wire_pdu *pdu)
{
    const uint8_t *info;
    size_t length;

    return wire_error_info(pdu, &info, &length) ? errors_decode(info, length) : NULL;
}

/* ---- propagation */

BOOL errors_propagate(void)
{
    return propagation != 0;
}

void errors_turn_on_propagation(void)
{
    InterlockedExchange(&propagation, TRUE);
}

/* SDK: the last record that a computer makes has its name. */
static void name_computer(struct error_record *record)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = ARRAYSIZE(name);

    if (!record->computer && GetComputerNameW(name, &size))
        record->computer = string_copy(name);
}

size_t errors_append(uint8_t *pdu, size_t length, size_t size)
{
    enum { SIGNATURE_ROOM = 24 }; /* of a bind_nak */
    struct error_record **chain = thread_errors(FALSE);
    size_t info_length, whole = 0;
    uint8_t *info;

    if (!propagation || !chain || !*chain || size < length + SIGNATURE_ROOM)
        return length;
    name_computer(*chain);
    info = errors_encode(*chain, size - length - SIGNATURE_ROOM, &info_length);
    if (info)
        whole = wire_append_error_info(pdu, length, size, info, info_length);
    os_free(info);
    return whole ? whole : length;
}
