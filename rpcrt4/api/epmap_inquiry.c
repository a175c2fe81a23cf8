/*
 * Looking through an endpoint map: SDK pages RpcMgmtEpEltInqBegin, RpcMgmtEpEltInqNext, RpcMgmtEpEltInqDone,
 * RpcMgmtEpUnregister.
 *
 * An inquiry belongs to one caller, who uses it from one thread at a time; it holds the reply of the last
 * ept_lookup and where it stands in it.
 */
#include <string.h>

#include "epmap_client.h"
#include "text.h"

enum { BATCH = 32 };

struct inquiry {
    struct binding *mapper;
    ULONG type, version;
    struct wire_syntax interface_id;
    struct wire_uuid object;
    struct epmap_handle handle;
    BOOL held, last; /* message holds a reply; the mapper has no more */
    RPC_MESSAGE message;
    struct epmap_entry entries[BATCH];
    uint32_t count, next;
};

static size_t put_lookup(uint8_t *out, size_t size, const void *args)
{
    const struct inquiry *inquiry = args;
    BOOL by_object = inquiry->type == RPC_C_EP_MATCH_BY_OBJ || inquiry->type == RPC_C_EP_MATCH_BY_BOTH;
    BOOL by_interface = inquiry->type == RPC_C_EP_MATCH_BY_IF || inquiry->type == RPC_C_EP_MATCH_BY_BOTH;

    return epmap_put_lookup(out, size, inquiry->type, by_object ? &inquiry->object : NULL,
                            by_interface ? &inquiry->interface_id : NULL, inquiry->version, &inquiry->handle,
                            BATCH);
}

RPC_STATUS RPC_ENTRY RpcMgmtEpEltInqBegin(RPC_BINDING_HANDLE handle, ULONG type, RPC_IF_ID *id, ULONG version,
                                          UUID *object, RPC_EP_INQ_HANDLE *result)
{
    struct binding *binding = binding_from_handle(handle);
    struct inquiry *inquiry;
    RPC_STATUS status;

    if (handle && !binding)
        return RPC_S_INVALID_BINDING;
    if (type > RPC_C_EP_MATCH_BY_BOTH ||
        ((type == RPC_C_EP_MATCH_BY_IF || type == RPC_C_EP_MATCH_BY_BOTH) && !id) ||
        ((type == RPC_C_EP_MATCH_BY_OBJ || type == RPC_C_EP_MATCH_BY_BOTH) && !object))
        return RPC_S_INVALID_ARG;
    if ((type == RPC_C_EP_MATCH_BY_IF || type == RPC_C_EP_MATCH_BY_BOTH) &&
        (version < RPC_C_VERS_ALL || version > RPC_C_VERS_UPTO))
        return RPC_S_INVALID_VERS_OPTION;
    inquiry = os_alloc_zero(sizeof(*inquiry));
    if (!inquiry)
        return RPC_S_OUT_OF_MEMORY;
    inquiry->type = type;
    inquiry->version = version;
    if (id)
        memcpy(&inquiry->interface_id, id, sizeof(inquiry->interface_id));
    if (object)
        memcpy(&inquiry->object, object, sizeof(inquiry->object));
    status = binding ? epmap_remote(binding, &inquiry->mapper) : epmap_local(&inquiry->mapper);
    if (status) {
        os_free(inquiry);
        return status;
    }
    *result = (RPC_EP_INQ_HANDLE)inquiry;
    return RPC_S_OK;
}

static void drop_reply(struct inquiry *inquiry)
{
    if (inquiry->held)
        I_RpcFreeBuffer(&inquiry->message);
    inquiry->held = FALSE;
    inquiry->count = inquiry->next = 0;
}

/* The next entries from the mapper; RPC_X_NO_MORE_ENTRIES after the last. */
static RPC_STATUS fetch(struct inquiry *inquiry)
{
    static const struct epmap_handle none;
    RPC_STATUS status;
    uint32_t answer;

    drop_reply(inquiry);
    if (inquiry->last)
        return RPC_X_NO_MORE_ENTRIES;
    status = epmap_call(inquiry->mapper, EPMAP_LOOKUP, put_lookup, inquiry, &inquiry->message);
    if (status)
        return status;
    inquiry->held = TRUE;
    if (!epmap_get_lookup(inquiry->message.Buffer, inquiry->message.BufferLength,
                          epmap_big(&inquiry->message), &inquiry->handle, inquiry->entries, BATCH,
                          &inquiry->count, &answer))
        return RPC_X_BAD_STUB_DATA;
    status = epmap_status(answer);
    inquiry->last = status || !memcmp(&inquiry->handle, &none, sizeof(none));
    if (status == EPT_S_NOT_REGISTERED || (!status && !inquiry->count))
        return RPC_X_NO_MORE_ENTRIES;
    return status;
}

/* A binding to the element: its protocol sequence, address (or, where it has none, the mapper's) and
 * endpoint. FALSE: it is of a protocol sequence that there is no transport for. */
static BOOL element_binding(struct inquiry *inquiry, const struct epmap_entry *entry,
                            const struct tower *tower, struct binding **binding, RPC_STATUS *status)
{
    static const uint8_t any[4];
    WCHAR protseq[32], *address = NULL, *endpoint = NULL;
    unsigned char *text = os_alloc(entry->tower.length + 2 * TOWER_NUMBER_TEXT);

    *status = RPC_S_OUT_OF_MEMORY;
    if (text) {
        MultiByteToWideChar(CP_ACP, 0, tower->protseq, -1, protseq, ARRAYSIZE(protseq));
        wire_tower_address(tower, (char *)text);
        *status = text_widen(text, &address);
        wire_tower_endpoint(tower, (char *)text);
        if (*status == RPC_S_OK)
            *status = text_widen(text, &endpoint);
        if (*status == RPC_S_OK) {
            BOOL nowhere = !*address || (tower->has_ip && !memcmp(tower->ip, any, sizeof(any)));

            *status = binding_create(protseq, nowhere ? inquiry->mapper->network : address, endpoint, NULL,
                                     (const UUID *)&entry->object, binding);
        }
    }
    os_free(address);
    os_free(endpoint);
    os_free(text);
    return *status != RPC_S_PROTSEQ_NOT_SUPPORTED;
}

/* Gives one element; FALSE: it is none that can be told of. */
static BOOL give_element(struct inquiry *inquiry, const struct epmap_entry *entry, RPC_IF_ID *id,
                         RPC_BINDING_HANDLE *binding, UUID *object, RPC_WSTR *annotation, RPC_STATUS *status)
{
    struct binding *made = NULL;
    struct tower tower;
    char text[EPMAP_ANNOTATION_SIZE];

    if (!entry->tower.octets || !wire_decode_tower(entry->tower.octets, entry->tower.length, &tower))
        return FALSE;
    *status = RPC_S_OK;
    if (binding && !element_binding(inquiry, entry, &tower, &made, status))
        return FALSE;
    if (*status == RPC_S_OK && annotation) {
        memcpy(text, entry->annotation, entry->annotation_length);
        text[entry->annotation_length] = 0;
        *status = text_widen((unsigned char *)text, annotation);
    }
    if (*status) {
        if (made)
            binding_release(made);
        return TRUE;
    }
    if (binding)
        *binding = made;
    memcpy(id, &tower.object, sizeof(*id));
    if (object)
        memcpy(object, &entry->object, sizeof(*object));
    return TRUE;
}

RPC_STATUS RPC_ENTRY RpcMgmtEpEltInqNextW(RPC_EP_INQ_HANDLE handle, RPC_IF_ID *id,
                                          RPC_BINDING_HANDLE *binding, UUID *object, RPC_WSTR *annotation)
{
    struct inquiry *inquiry = (struct inquiry *)handle;
    RPC_STATUS status;

    do {
        if (inquiry->next == inquiry->count) {
            status = fetch(inquiry);
            if (status)
                return status;
        }
    } while (
        !give_element(inquiry, &inquiry->entries[inquiry->next++], id, binding, object, annotation, &status));
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtEpEltInqNextA(RPC_EP_INQ_HANDLE handle, RPC_IF_ID *id,
                                          RPC_BINDING_HANDLE *binding, UUID *object, RPC_CSTR *annotation)
{
    WCHAR *wide = NULL;
    RPC_STATUS status = RpcMgmtEpEltInqNextW(handle, id, binding, object, annotation ? &wide : NULL);

    if (status == RPC_S_OK && annotation) {
        status = text_narrow(wide, annotation);
        if (status && binding)
            RpcBindingFree(binding);
    }
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtEpEltInqDone(RPC_EP_INQ_HANDLE *handle)
{
    struct inquiry *inquiry = (struct inquiry *)*handle;

    if (!inquiry)
        return RPC_S_INVALID_ARG;
    drop_reply(inquiry);
    epmap_free_handle(inquiry->mapper, &inquiry->handle);
    binding_release(inquiry->mapper);
    os_free(inquiry);
    *handle = NULL;
    return RPC_S_OK;
}

struct removal {
    const struct wire_uuid *object;
    struct epmap_tower tower;
};

static size_t put_removal(uint8_t *out, size_t size, const void *args)
{
    const struct removal *removal = args;

    return epmap_put_mgmt_delete(out, size, removal->object, &removal->tower);
}

RPC_STATUS RPC_ENTRY RpcMgmtEpUnregister(RPC_BINDING_HANDLE handle, RPC_IF_ID *id, RPC_BINDING_HANDLE element,
                                         UUID *object)
{
    struct binding *binding = binding_from_handle(handle), *endpoint = binding_from_handle(element), *mapper;
    struct removal removal = {(const struct wire_uuid *)object, {NULL, 0}};
    RPC_SYNTAX_IDENTIFIER interface_id, transfer;
    RPC_STATUS status;

    if ((handle && !binding) || !endpoint)
        return RPC_S_INVALID_BINDING;
    memcpy(&interface_id, id, sizeof(interface_id));
    memcpy(&transfer, &wire_ndr20, sizeof(transfer));
    status = epmap_tower(endpoint, &interface_id, &transfer, NULL, &removal.tower);
    if (status)
        return status;
    status = binding ? epmap_remote(binding, &mapper) : epmap_local(&mapper);
    if (status == RPC_S_OK) {
        status = epmap_call_status(mapper, EPMAP_MGMT_DELETE, put_removal, &removal);
        binding_release(mapper);
    }
    os_free((void *)removal.tower.octets);
    return status;
}
