/*
 * The endpoint mapper as servers and clients use it: SDK pages RpcEpRegister, RpcEpRegisterNoReplace,
 * RpcEpUnregister, RpcEpResolveBinding. The calls are epmap_client.c's. Owns nothing; no lock.
 */
#include <string.h>

#include "epmap_client.h"
#include "text.h"
#include "../runtime/call.h"

struct registration {
    enum epmap_layout layout;
    struct epmap_entry *entries;
    uint32_t count;
    bool replace, deleting;
};

static size_t put_entries(uint8_t *out, size_t size, const void *args)
{
    const struct registration *registration = args;

    return epmap_put_entries(out, size, registration->layout, registration->entries, registration->count,
                             registration->deleting ? NULL : &registration->replace);
}

static void free_towers(struct epmap_tower *towers, uint32_t count)
{
    while (count--)
        os_free((void *)towers[count].octets);
    os_free(towers);
}

/* A tower for each binding of the vector. */
static RPC_STATUS make_towers(const RPC_SERVER_INTERFACE *spec, const RPC_BINDING_VECTOR *bindings,
                              struct epmap_tower **towers)
{
    RPC_STATUS status = RPC_S_OK;
    uint32_t i;

    *towers = os_alloc_zero(bindings->Count * sizeof(**towers));
    if (!*towers)
        return RPC_S_OUT_OF_MEMORY;
    for (i = 0; i < bindings->Count && !status; i++) {
        struct binding *binding = binding_from_handle(bindings->BindingH[i]);

        status = binding
                     ? epmap_tower(binding, &spec->InterfaceId, &spec->TransferSyntax, NULL, &(*towers)[i])
                     : RPC_S_INVALID_BINDING;
    }
    if (status)
        free_towers(*towers, bindings->Count);
    return status;
}

/* An entry for each pair of a binding and an object. */
static RPC_STATUS make_entries(const struct epmap_tower *towers, uint32_t tower_count,
                               const UUID_VECTOR *objects, const char *annotation,
                               struct registration *registration)
{
    uint32_t object_count = objects && objects->Count ? objects->Count : 1, i, j;
    struct epmap_entry *entry;

    registration->count = tower_count * object_count;
    registration->entries = entry = os_alloc_zero(registration->count * sizeof(*entry));
    if (!entry)
        return RPC_S_OUT_OF_MEMORY;
    for (i = 0; i < tower_count; i++)
        for (j = 0; j < object_count; j++, entry++) {
            entry->tower = towers[i];
            entry->annotation = annotation;
            entry->annotation_length = strlen(annotation);
            if (objects && objects->Count && objects->Uuid[j])
                memcpy(&entry->object, objects->Uuid[j], sizeof(entry->object));
        }
    return RPC_S_OK;
}

static RPC_STATUS change(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings, UUID_VECTOR *objects,
                         const char *annotation, struct registration *registration)
{
    struct epmap_tower *towers;
    struct binding *mapper;
    RPC_STATUS status;

    if (!interface)
        return RPC_S_INVALID_ARG;
    if (!bindings || !bindings->Count)
        return RPC_S_NO_BINDINGS;
    status = make_towers(interface, bindings, &towers);
    if (status)
        return status;
    status = make_entries(towers, bindings->Count, objects, annotation, registration);
    if (status == RPC_S_OK)
        status = epmap_local(&mapper);
    if (status == RPC_S_OK) {
        registration->layout = EPMAP_WINE; /* epmap.h: nobody else is on ncalrpc */
        status = epmap_call_status(mapper, registration->deleting ? EPMAP_DELETE : EPMAP_INSERT, put_entries,
                                   registration);
        binding_release(mapper);
    }
    os_free(registration->entries);
    free_towers(towers, bindings->Count);
    return status;
}

static RPC_BINDING_VECTOR *new_vector(ULONG count)
{
    return os_alloc_zero(sizeof(RPC_BINDING_VECTOR) + count * sizeof(RPC_BINDING_HANDLE));
}

/* Divides the vector: the first binding of each protocol sequence, and the others. */
static void divide(const RPC_BINDING_VECTOR *all, RPC_BINDING_VECTOR *firsts, RPC_BINDING_VECTOR *others)
{
    ULONG i, j;

    for (i = 0; i < all->Count; i++) {
        const struct binding *binding = binding_from_handle(all->BindingH[i]);
        RPC_BINDING_VECTOR *to = firsts;

        for (j = 0; j < firsts->Count && binding; j++)
            if (binding_from_handle(firsts->BindingH[j])->ops == binding->ops)
                to = others;
        if (binding)
            to->BindingH[to->Count++] = all->BindingH[i];
    }
}

/* "Replace" drops what is registered for the same interface, object and protocol sequence, and to Wine's
 * mapper that is also the entry before in the same call: only the first of each sequence may replace. */
static RPC_STATUS replace(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings, UUID_VECTOR *objects,
                          const char *annotation)
{
    struct registration first = {.replace = true}, more = {.replace = false};
    RPC_BINDING_VECTOR *firsts = new_vector(bindings->Count), *others = new_vector(bindings->Count);
    RPC_STATUS status = RPC_S_OUT_OF_MEMORY;

    if (firsts && others) {
        divide(bindings, firsts, others);
        status = change(interface, firsts, objects, annotation, &first);
        if (status == RPC_S_OK && others->Count)
            status = change(interface, others, objects, annotation, &more);
    }
    os_free(firsts);
    os_free(others);
    return status;
}

static RPC_STATUS insert(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings, UUID_VECTOR *objects,
                         const char *annotation, bool replacing)
{
    struct registration registration = {.replace = false};

    if (!annotation)
        annotation = "";
    if (replacing && bindings)
        return replace(interface, bindings, objects, annotation);
    return change(interface, bindings, objects, annotation, &registration);
}

static RPC_STATUS insert_wide(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings, UUID_VECTOR *objects,
                              const WCHAR *annotation, bool replace)
{
    WCHAR *copy = annotation ? text_copy(annotation, (size_t)lstrlenW(annotation)) : NULL;
    unsigned char *narrow;
    RPC_STATUS status = annotation && !copy ? RPC_S_OUT_OF_MEMORY : text_narrow(copy, &narrow);

    if (status)
        return status;
    status = insert(interface, bindings, objects, (char *)narrow, replace);
    os_free(narrow);
    return status;
}

RPC_STATUS RPC_ENTRY RpcEpRegisterA(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings,
                                    UUID_VECTOR *objects, RPC_CSTR annotation)
{
    return insert(interface, bindings, objects, (char *)annotation, true);
}

RPC_STATUS RPC_ENTRY RpcEpRegisterW(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings,
                                    UUID_VECTOR *objects, RPC_WSTR annotation)
{
    return insert_wide(interface, bindings, objects, annotation, true);
}

RPC_STATUS RPC_ENTRY RpcEpRegisterNoReplaceA(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings,
                                             UUID_VECTOR *objects, RPC_CSTR annotation)
{
    return insert(interface, bindings, objects, (char *)annotation, false);
}

RPC_STATUS RPC_ENTRY RpcEpRegisterNoReplaceW(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings,
                                             UUID_VECTOR *objects, RPC_WSTR annotation)
{
    return insert_wide(interface, bindings, objects, annotation, false);
}

RPC_STATUS RPC_ENTRY RpcEpUnregister(RPC_IF_HANDLE interface, RPC_BINDING_VECTOR *bindings,
                                     UUID_VECTOR *objects)
{
    struct registration registration = {.deleting = true};

    return change(interface, bindings, objects, "", &registration);
}

/* ---- resolving */

enum { TOWERS_MAX = 4 };

struct question {
    UUID object;
    struct epmap_tower tower;
};

static size_t put_map(uint8_t *out, size_t size, const void *args)
{
    static const struct epmap_handle none;
    const struct question *question = args;

    return epmap_put_map(out, size, (const struct wire_uuid *)&question->object, &question->tower, &none,
                         TOWERS_MAX);
}

/* Takes the tower's endpoint, if it is one for the binding. */
static BOOL take_endpoint(struct binding *binding, const struct epmap_tower *tower, RPC_STATUS *status)
{
    struct tower decoded;
    WCHAR protseq[32], *wide;
    char *text;
    size_t length;

    if (!tower->octets || !wire_decode_tower(tower->octets, tower->length, &decoded))
        return FALSE;
    MultiByteToWideChar(CP_ACP, 0, decoded.protseq, -1, protseq, ARRAYSIZE(protseq));
    length = wire_tower_endpoint(&decoded, NULL);
    if (lstrcmpiW(protseq, binding->ops->protseq) || !length)
        return FALSE;
    text = os_alloc(length + 1);
    *status = RPC_S_OUT_OF_MEMORY;
    if (text) {
        wire_tower_endpoint(&decoded, text);
        *status = text_widen((unsigned char *)text, &wide);
        if (*status == RPC_S_OK)
            *status = binding_set_endpoint(binding, wide);
        os_free(wide);
        os_free(text);
    }
    return TRUE;
}

static RPC_STATUS take_answer(struct binding *binding, struct binding *mapper, RPC_MESSAGE *message)
{
    struct epmap_tower towers[TOWERS_MAX];
    struct epmap_handle handle;
    uint32_t count, answer, i;
    RPC_STATUS status;

    if (!epmap_get_map(message->Buffer, message->BufferLength, epmap_big(message), &handle, towers,
                       TOWERS_MAX, &count, &answer)) {
        I_RpcFreeBuffer(message);
        return RPC_X_BAD_STUB_DATA;
    }
    status = answer ? epmap_status(answer) : EPT_S_NOT_REGISTERED;
    for (i = 0; i < count && !answer; i++)
        if (take_endpoint(binding, &towers[i], &status))
            break;
    I_RpcFreeBuffer(message);
    epmap_free_handle(mapper, &handle);
    return status;
}

static RPC_STATUS ask_mapper(struct binding *binding, const RPC_CLIENT_INTERFACE *interface)
{
    struct question question = {binding->object, {NULL, 0}};
    struct binding *mapper;
    RPC_MESSAGE message;
    RPC_STATUS status =
        epmap_tower(binding, &interface->InterfaceId, &interface->TransferSyntax, "", &question.tower);

    if (status == RPC_S_OK)
        status = epmap_remote(binding, &mapper);
    if (status == RPC_S_OK) {
        status = epmap_call(mapper, EPMAP_MAP, put_map, &question, &message);
        if (status == RPC_S_OK)
            status = take_answer(binding, mapper, &message);
        binding_release(mapper);
    }
    os_free((void *)question.tower.octets);
    return status;
}

RPC_STATUS RPC_ENTRY RpcEpResolveBinding(RPC_BINDING_HANDLE handle, RPC_IF_HANDLE interface)
{
    struct binding *binding = binding_from_handle(handle);
    RPC_STATUS status;

    if (!binding)
        return call_from_handle(handle, CALL_SERVER_MAGIC) ? RPC_S_WRONG_KIND_OF_BINDING
                                                           : RPC_S_INVALID_BINDING;
    if (binding->endpoint || binding_endpoint_from_interface(binding, interface))
        return RPC_S_OK;
    binding_ref(binding);
    status = ask_mapper(binding, interface);
    binding_release(binding);
    return status;
}
