/*
 * NDR types that are more than their octets: unions, full pointers, lists, allocate(all_nodes), byte_count,
 * transmit_as, user_marshal, interface pointers, hard structures, correlation of parameters.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_pair.h"

/* ---- unions */

struct choice {
    LONG which;
    union {
        LONG number;
        char *text;
        LONGLONG big;
    } u;
};

static const unsigned char encapsulated[] = {
    FC_UP,
    FC_SIMPLE_POINTER,
    FC_C_CSTRING,
    FC_PAD,
    FC_ENCAPSULATED_UNION,
    0x80 | FC_LONG,
    SHORT(8),
    SHORT(4),
    LONG4(1),
    SHORT(0x8000 | FC_LONG),
    LONG4(2),
    SHORT(-20),
    LONG4(3),
    SHORT(0x8000 | FC_HYPER),
    LONG4(4),
    SHORT(0),
    SHORT(0xffff),
};

START_TEST(encapsulated_union)
{
    PFORMAT_STRING format = encapsulated + 4;
    struct choice value = {1, {.number = 5}}, *got = NULL;

    ck_assert_uint_eq(offsetof(struct choice, u), 8);
    expect_marshal(&client, &value, format, "01000000 05000000");
    value.which = 2;
    value.u.text = "x";
    expect_marshal(&client, &value, format, "02000000 00000200 02000000 00000000 02000000 7800");
    stub_receive_hex(&server, "02000000 00000200 02000000 00000000 02000000 7800");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, TRUE), 0);
    ck_assert_str_eq(got->u.text, "x");
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    host_free(got);
    value.which = 3;
    value.u.big = 6;
    expect_marshal(&client, &value, format, "03000000 00000000 0600000000000000");
    value.which = 4;
    expect_marshal(&client, &value, format, "04000000");
    value.which = 5;
    ck_assert_uint_eq(stub_size(&client, &value, format), RPC_S_INVALID_TAG);
    ck_assert_uint_eq(stub_free(&client, &value, format), 0); /* an arm that is not there holds nothing */
    stub_receive_hex(&server, "05000000 00000000");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_S_INVALID_TAG);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* switch_is names a parameter; MIDL 1.0 style, the arms aligned as the widest is. */
START_TEST(union_of_parameter)
{
    static const unsigned char format[] = {
        FC_NON_ENCAPSULATED_UNION,
        FC_SHORT,
        0x20 | FC_LONG,
        0,
        SHORT(0),
        SHORT(2),
        SHORT(8),
        SHORT(0x7002),
        LONG4(1),
        SHORT(0x8000 | FC_LONG),
        LONG4(2),
        SHORT(0x8000 | FC_HYPER),
        SHORT(0),
    };
    struct {
        LONG which;
    } stack = {1};
    LONGLONG value = 7, *got = NULL;

    client.msg.StackTop = server.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, &value, format, "0100 000000000000 07000000");
    stack.which = 9;
    expect_marshal(&client, &value, format, "0900 000000000000");
    stub_receive_hex(&server, "0200 000000000000 0700000000000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert(*got == 7);
    host_free(got);
    end_both();
}
END_TEST

/* The discriminant behind the union it selects for: checked when all of the structure has come. */
START_TEST(union_before_its_discriminant)
{
    static const unsigned char format[] = {
        FC_NON_ENCAPSULATED_UNION,
        FC_LONG,
        FC_LONG,
        0,
        SHORT(4),
        SHORT(2),
        SHORT(4),
        SHORT(1),
        LONG4(1),
        SHORT(0x8000 | FC_LONG),
        SHORT(0xffff),
        FC_BOGUS_STRUCT,
        3,
        SHORT(8),
        SHORT(0),
        SHORT(0),
        FC_EMBEDDED_COMPLEX,
        0,
        SHORT(-30),
        FC_LONG,
        FC_END,
    };
    struct {
        LONG u, which;
    } value = {5, 1}, *got = NULL;

    expect_marshal(&client, &value, format + 20, "01000000 05000000 01000000");
    stub_receive_hex(&server, "01000000 05000000 01000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 20, FALSE), 0);
    ck_assert_mem_eq(got, &value, 8);
    host_free(got);
    got = NULL;
    stub_receive_hex(&server, "01000000 05000000 02000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 20, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* ---- lists and full pointers */

struct node {
    LONG value;
    struct node *next;
};

static const unsigned char list[] = {
    FC_BOGUS_STRUCT, 3,          SHORT(2 * P), SHORT(0), SHORT(6), FC_LONG,
    ALIGN_POINTER,   FC_POINTER, FC_END,       FC_UP,    0,        SHORT(-14),
};
static const unsigned char ring[] = {
    FC_BOGUS_STRUCT, 3,          SHORT(2 * P), SHORT(0), SHORT(6), FC_LONG,
    ALIGN_POINTER,   FC_POINTER, FC_END,       FC_FP,    0,        SHORT(-14),
};

/* As long as would overflow any C stack that it cost something of. */
START_TEST(long_list)
{
    enum { LENGTH = 300000 };
    struct node *nodes = calloc(LENGTH, sizeof(*nodes)), *got = NULL, *node;
    unsigned char *octets;
    size_t size;
    LONG i;

    for (i = 0; i < LENGTH; i++) {
        nodes[i].value = i;
        nodes[i].next = i + 1 < LENGTH ? &nodes[i + 1] : NULL;
    }
    ck_assert_uint_eq(stub_size(&client, nodes, list + 12), 0);
    ck_assert_uint_eq(client.msg.BufferLength, 4 + 8 * LENGTH);
    ck_assert_uint_eq(stub_marshal(&client, nodes, list + 12), 0);
    size = client.rpc.BufferLength;
    octets = malloc(size);
    memcpy(octets, client.rpc.Buffer, size);
    stub_receive(&server, octets, size);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, list + 12, FALSE), 0);
    for (node = got, i = 0; node; node = node->next, i++)
        ck_assert_int_eq(node->value, i);
    ck_assert_int_eq(i, LENGTH);
    ck_assert_uint_eq(stub_free(&server, got, list + 12), 0);
    /* One octet less, and all that was allocated is given back. */
    got = NULL;
    stub_receive(&server, octets, size - 1);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, list + 12, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    free(octets);
    free(nodes);
    end_both();
}
END_TEST

START_TEST(full_pointer_ring)
{
    static const char octets[] = "01000000 01000000 02000000 02000000 01000000";
    struct node a = {1, NULL}, b = {2, &a}, *got = NULL;

    a.next = &b;
    client.msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, XLAT_CLIENT);
    server.msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, XLAT_SERVER);
    expect_marshal(&client, &a, ring + 12, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, ring + 12, FALSE), 0);
    ck_assert_int_eq(got->next->value, 2);
    ck_assert_ptr_eq(got->next->next, got);
    ck_assert_uint_eq(stub_free(&server, got, ring + 12), 0);
    NdrFullPointerXlatFree(client.msg.FullPtrXlatTables);
    NdrFullPointerXlatFree(server.msg.FullPtrXlatTables);
    end_both();
}
END_TEST

/* An identifier that stood for a string may not come again for a structure. */
START_TEST(full_pointer_of_two_types)
{
    static const unsigned char format[] = {
        FC_BOGUS_STRUCT, 3,          SHORT(2 * P),      SHORT(0),
        SHORT(6),        FC_POINTER, FC_POINTER,        FC_PAD,
        FC_END,          FC_FP,      FC_SIMPLE_POINTER, FC_C_CSTRING,
        FC_PAD,          FC_FP,      FC_SIMPLE_POINTER, FC_HYPER,
        FC_PAD,
    };
    void *got = NULL;

    server.msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, XLAT_SERVER);
    stub_receive_hex(&server, "01000000 01000000 01000000 00000000 01000000 00");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    NdrFullPointerXlatFree(server.msg.FullPtrXlatTables);
    end_both();
}
END_TEST

START_TEST(full_pointer_tables)
{
    PFULL_PTR_XLAT_TABLES tables = NdrFullPointerXlatInit(0, XLAT_SERVER);
    static char block[100];
    ULONG reference, i;
    void *pointer;

    for (i = 0; i < 100; i++) {
        ck_assert_int_eq(NdrFullPointerQueryPointer(tables, block + i, 1, &reference), 0);
        ck_assert_uint_eq(reference, i + 1);
    }
    ck_assert_int_eq(NdrFullPointerQueryPointer(tables, block + 40, 1, &reference), 1);
    ck_assert_uint_eq(reference, 41);
    ck_assert_int_eq(NdrFullPointerQueryPointer(tables, NULL, 1, &reference), 1);
    ck_assert_uint_eq(reference, 0);
    ck_assert_int_eq(NdrFullPointerQueryRefId(tables, 0xfffffffe, 1, &pointer), 0);
    ck_assert_ptr_null(pointer);
    NdrFullPointerInsertRefId(tables, 0xfffffffe, &reference);
    ck_assert_int_eq(NdrFullPointerQueryRefId(tables, 0xfffffffe, 1, &pointer), 1);
    ck_assert_ptr_eq(pointer, &reference);
    ck_assert_int_eq(NdrFullPointerFree(tables, &reference), 1);
    ck_assert_int_eq(NdrFullPointerFree(tables, &reference), 0);
    NdrFullPointerXlatFree(tables);
    end_both();
}
END_TEST

/* ---- memory from one block */

START_TEST(all_nodes)
{
    static const unsigned char format[] = {
        FC_BOGUS_STRUCT, 3,       SHORT(2 * P),          SHORT(0),
        SHORT(6),        FC_LONG, ALIGN_POINTER,         FC_POINTER,
        FC_END,          FC_UP,   FC_ALLOCATE_ALL_NODES, SHORT(-14),
    };
    struct node *got = NULL;
    long before = host_blocks;

    stub_receive_hex(&server, "00000200 01000000 04000200 02000000 08000200 03000000 00000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 12, FALSE), 0);
    ck_assert_int_eq(host_blocks, before + 1);
    ck_assert_int_eq(got->next->next->value, 3);
    ck_assert_ptr_null(got->next->next->next);
    ck_assert_uint_eq(stub_free(&server, got, format + 12), 0);
    got = NULL;
    stub_receive_hex(&server, "00000200 01000000 04000200 02000000 08000200 03000000 000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 12, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

START_TEST(byte_count)
{
    static const unsigned char format[] = {
        FC_BYTE_COUNT_POINTER,
        FC_PAD,
        0x20 | FC_LONG,
        0,
        SHORT(0),
        FC_BOGUS_STRUCT,
        3,
        SHORT(2 * P),
        SHORT(0),
        SHORT(6),
        FC_LONG,
        ALIGN_POINTER,
        FC_POINTER,
        FC_END,
        FC_UP,
        0,
        SHORT(-14),
    };
    static const char octets[] = "01000000 04000200 02000000 00000000";
    struct {
        LONG n;
    } stack = {64};
    LONGLONG room[8];
    struct node *got = (struct node *)room;

    client.msg.StackTop = (unsigned char *)&stack;
    stub_receive_hex(&client, octets);
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, FALSE), 0);
    ck_assert_ptr_eq(got, room);
    ck_assert_int_eq(got->next->value, 2);
    ck_assert((LONGLONG *)got->next > room && (LONGLONG *)got->next < room + 8);
    stack.n = 2 * P;
    stub_receive_hex(&client, octets);
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, FALSE), RPC_X_BYTE_COUNT_TOO_SMALL);
    end_both();
}
END_TEST

START_TEST(partial_ignore)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY, 3,     SHORT(4),
                                           0x20 | FC_LONG, 0, SHORT(0), FC_LONG,   FC_END};
    struct {
        LONG n;
    } stack = {3};
    void *got = NULL;

    client.msg.BufferLength = 1;
    NdrPartialIgnoreClientBufferSize(&client.msg, &stack);
    ck_assert_uint_eq(client.msg.BufferLength, 8);
    stub_receive_hex(&client, "00000000");
    NdrPartialIgnoreClientMarshall(&client.msg, &stack);
    stub_receive(&server, client.rpc.Buffer, 4);
    NdrPartialIgnoreServerUnmarshall(&server.msg, &got);
    ck_assert_ptr_nonnull(got);
    server.msg.StackTop = (unsigned char *)&stack;
    NdrPartialIgnoreServerInitialize(&server.msg, &got, format);
    ck_assert_mem_eq(got, "\0\0\0\0\0\0\0\0\0\0\0", 12);
    host_free(got);
    stub_receive_hex(&server, "00000000");
    NdrPartialIgnoreServerUnmarshall(&server.msg, &got);
    NdrPartialIgnoreServerInitialize(&server.msg, &got, format);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* ---- hard structures: an enum16 that costs no member walk elsewhere, a union at the end */

START_TEST(hard_structure)
{
    static const unsigned char format[] = {
        FC_HARD_STRUCT, 3,        SHORT(8), LONG4(0),  SHORT(4), SHORT(6),
        SHORT(8),       SHORT(0), FC_LONG,  FC_ENUM16, FC_END,
    };
    struct {
        LONG l, e;
    } value = {7, 2}, *got = NULL;

    expect_marshal(&client, &value, format, "07000000 0200");
    stub_receive_hex(&server, "07000000 0200");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_mem_eq(got, &value, 8);
    host_free(got);
    end_both();
}
END_TEST

/* ---- transmit_as: a LONG travels as a pointerless structure of two shorts */

struct halves {
    short low, high;
};

static void to_xmit(PMIDL_STUB_MESSAGE msg)
{
    struct halves *halves = host_allocate(sizeof(*halves));

    halves->low = (short)*(LONG *)msg->pPresentedType;
    halves->high = (short)(*(LONG *)msg->pPresentedType >> 16);
    msg->pTransmitType = (unsigned char *)halves;
}

static void from_xmit(PMIDL_STUB_MESSAGE msg)
{
    struct halves *halves = (struct halves *)msg->pTransmitType;

    *(LONG *)msg->pPresentedType = halves->high * 65536 + halves->low;
}

static void free_xmit(PMIDL_STUB_MESSAGE msg)
{
    host_free(msg->pTransmitType);
}

static unsigned instances_freed;

static void free_instance(PMIDL_STUB_MESSAGE msg)
{
    ck_assert_ptr_nonnull(msg->pPresentedType);
    instances_freed++;
}

START_TEST(transmit_as)
{
    static const XMIT_ROUTINE_QUINTUPLE routines[] = {{to_xmit, from_xmit, free_xmit, free_instance}};
    static const unsigned char format[] = {
        FC_STRUCT,      1, SHORT(4), FC_SHORT, FC_SHORT, FC_PAD,     FC_END,
        FC_TRANSMIT_AS, 1, SHORT(0), SHORT(4), SHORT(0), SHORT(-16),
    };
    LONG value = 0x00020001, *got = NULL;

    client.desc.aXmitQuintuple = server.desc.aXmitQuintuple = routines;
    expect_marshal(&client, &value, format + 8, "0100 0200");
    stub_receive_hex(&server, "0100 0200");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 8, FALSE), 0);
    ck_assert_int_eq(*got, value);
    ck_assert_uint_eq(stub_free(&server, got, format + 8), 0);
    ck_assert_uint_eq(instances_freed, 1);
    host_free(got);
    stub_receive_hex(&server, "0100");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 8, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* ---- user_marshal: an object of one ULONG; overrun makes the routine run past the end */

static BOOLEAN overrun;
static unsigned users_freed;
static USER_MARSHAL_CB_TYPE last_callback;

static ULONG user_size(ULONG *flags, ULONG start, void *object)
{
    (void)object;
    last_callback = CONTAINING_RECORD(flags, USER_MARSHAL_CB, Flags)->CBType;
    ck_assert_uint_eq(*flags >> 16, NDR_LOCAL_DATA_REPRESENTATION);
    return (start + 3) / 4 * 4 + 4;
}

static unsigned char *user_marshal(ULONG *flags, unsigned char *buffer, void *object)
{
    (void)flags;
    memcpy(buffer, object, 4);
    return buffer + 4;
}

static unsigned char *user_unmarshal(ULONG *flags, unsigned char *buffer, void *object)
{
    NDR_USER_MARSHAL_INFO info;

    ck_assert_int_eq(NdrGetUserMarshalInfo(flags, 1, &info), RPC_S_OK);
    ck_assert_ptr_eq(info.Level1.Buffer, buffer);
    if (info.Level1.BufferSize < 4)
        os_raise(RPC_X_BAD_STUB_DATA);
    memcpy(object, buffer, 4);
    return buffer + (overrun ? 400 : 4);
}

static void user_free(ULONG *flags, void *object)
{
    (void)flags;
    *(ULONG *)object = 0;
    users_freed++;
}

static const USER_MARSHAL_ROUTINE_QUADRUPLE user_routines[] = {
    {user_size, user_marshal, user_unmarshal, user_free}};

START_TEST(user_marshalled)
{
    static const unsigned char format[] = {FC_ULONG, FC_PAD,   FC_USER_MARSHAL, 3,
                                           SHORT(0), SHORT(4), SHORT(0),        SHORT(-10)};
    static const unsigned char pointer[] = {FC_UP, FC_SIMPLE_POINTER, FC_ULONG, FC_PAD,   FC_USER_MARSHAL,
                                            0x83,  SHORT(0),          SHORT(4), SHORT(0), SHORT(-12)};
    ULONG value = 5, *got = NULL;

    client.desc.aUserMarshalQuadruple = server.desc.aUserMarshalQuadruple = user_routines;
    expect_marshal(&client, &value, format + 2, "05000000");
    expect_marshal(&client, &value, pointer + 4, "55736572 05000000");
    stub_receive_hex(&server, "55736572 05000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, pointer + 4, FALSE), 0);
    ck_assert_uint_eq(*got, 5);
    ck_assert_uint_eq(stub_free(&server, got, pointer + 4), 0);
    ck_assert_uint_eq(*got, 0);
    host_free(got);
    stub_receive_hex(&server, "00000000");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, pointer + 4, FALSE), 0);
    ck_assert_uint_eq(*got, 0);
    host_free(got);
    got = NULL;
    stub_receive_hex(&server, "0500");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 2, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    overrun = TRUE;
    users_freed = 0;
    stub_receive_hex(&server, "05000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 2, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    ck_assert_uint_eq(users_freed, 1); /* what the routine made of the octets beyond */
    end_both();
}
END_TEST

/* ---- interface pointers */

START_TEST(interface_pointer)
{
    static const unsigned char format[] = {
        FC_IP, FC_CONSTANT_IID, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    static const char octets[] = "00000200 04000000 04000000 6d656f77";
    struct host_object object = {1, "meow"}, *got = NULL;

    host_object_slack = 12; /* CoGetMarshalSizeMax gives a bound */
    ck_assert_uint_eq(stub_size(&client, &object, format), 0);
    ck_assert_uint_eq(client.msg.BufferLength, 28);
    host_object_slack = 0;
    ck_assert_uint_eq(stub_marshal(&client, &object, format), 0);
    ck_assert_uint_eq(client.msg.Buffer - (unsigned char *)client.rpc.Buffer, 16);
    stub_receive_hex(&server, octets);
    ck_assert_mem_eq(client.rpc.Buffer, server.rpc.Buffer, 16);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_str_eq(got->text, "meow");
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    got = NULL;
    stub_receive_hex(&server, "00000200 04000000 05000000 6d656f77");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    stub_receive_hex(&server, "00000200 f0ffffff f0ffffff 6d656f77");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    expect_marshal(&client, NULL, format, "00000000");
    end_both();
}
END_TEST

/* The form of Wine's own runtime, as captured from Wine 8.0: the count where the identifier would be, the
 * octets at once, a user_marshal's referent at a multiple of 8. */
static void marshals_as(void *memory, PFORMAT_STRING format, const char *text)
{
    unsigned char octets[64];
    size_t length = hex(text, octets, sizeof(octets));

    ck_assert_uint_eq(stub_size(&client, memory, format), 0);
    ck_assert_uint_ge(client.msg.BufferLength, length);
    ck_assert_uint_eq(stub_marshal(&client, memory, format), 0);
    ck_assert_uint_eq(client.msg.Buffer - (unsigned char *)client.rpc.Buffer, length);
    ck_assert_mem_eq(client.rpc.Buffer, octets, length);
}

START_TEST(wines_form)
{
    static const unsigned char format[] = {
        FC_IP, FC_CONSTANT_IID, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    /* clang-format off */
    static const unsigned char both[] = {
        FC_IP, FC_CONSTANT_IID, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46,
        FC_USER_MARSHAL, 0x80 | 3, SHORT(0), SHORT(4), SHORT(0), SHORT(2),
        FC_UP, FC_SIMPLE_POINTER, FC_ULONG, FC_PAD,
        FC_BOGUS_STRUCT, 3, SHORT(2 * P), SHORT(0), SHORT(0),
        FC_EMBEDDED_COMPLEX, 0, SHORT(-42), FC_EMBEDDED_COMPLEX, 0, SHORT(-28), FC_PAD, FC_END};
    /* clang-format on */
    static RPC_CLIENT_INTERFACE nil;
    static const char pointer[] = "04000000 6d656f77";
    static const char structure[] = "04000000 6d656f77 55736572 00000000 05000000";
    struct host_object object = {1, "meow"}, *got = NULL;
    struct {
        struct host_object *first;
        ULONG number;
    } value = {&object, 5};

    client.desc.aUserMarshalQuadruple = user_routines;
    client.msg.pRpcChannelBuffer = (void *)1;
    client.rpc.RpcInterfaceInformation = &nil;
    marshals_as(&object, format, pointer);
    marshals_as(NULL, format, "00000000");
    marshals_as(&value, both + 32, structure);
    server.msg.pRpcChannelBuffer = (void *)1;
    stub_receive_hex(&server, pointer);
    server.rpc.TransferSyntax = &nil.TransferSyntax;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_str_eq(got->text, "meow");
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    got = NULL;
    stub_receive_hex(&server, "05000000 6d656f77");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* ---- correlation of parameters, /robust */

struct stack {
    LONG_PTR n;
    LONG *array;
    LONG *at;
};

static void evaluate_sum(PMIDL_STUB_MESSAGE msg)
{
    struct stack *stack = (struct stack *)msg->StackTop;

    msg->Offset = 0;
    msg->MaxCount = (ULONG_PTR)(stack->n * 3 - 1);
}

static const EXPR_EVAL expressions[] = {evaluate_sum};

START_TEST(operators)
{
    static const struct {
        unsigned char operator;
        LONG n;
        const char *count;
    } cases[] = {{0, 2, "02000000"},        {FC_DIV_2, 5, "02000000"}, {FC_MULT_2, 1, "02000000"},
                 {FC_ADD_1, 1, "02000000"}, {FC_SUB_1, 3, "02000000"}, {FC_CALLBACK, 1, "02000000"}};
    LONG values[2] = {1, 2};
    struct stack stack = {0};
    char octets[64];
    size_t i;

    client.msg.StackTop = (unsigned char *)&stack;
    client.desc.apfnExprEval = expressions;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        unsigned char format[] = {FC_CARRAY, 3,     SHORT(4), 0x20 | FC_LONG, cases[i].operator, SHORT(0),
                                  FC_LONG,   FC_END};

        stack.n = cases[i].n;
        strcpy(octets, cases[i].count);
        strcat(octets, "01000000 02000000");
        expect_marshal(&client, values, format, octets);
    }
    end_both();
}
END_TEST

START_TEST(dereference_and_constant)
{
    static const unsigned char dereference[] = {
        FC_CARRAY, 3, SHORT(4), 0x20 | FC_LONG, FC_DEREFERENCE, SHORT(2 * P), FC_LONG, FC_END};
    static const unsigned char constant[] = {FC_CARRAY, 3, SHORT(4), 0x40, 0, SHORT(1), FC_LONG, FC_END};
    LONG values[2] = {1, 2}, count = 2;
    struct stack stack = {0, NULL, &count};

    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, dereference, "02000000 01000000 02000000");
    expect_marshal(&client, values, constant, "01000000 01000000");
    stack.at = NULL;
    ck_assert_uint_eq(stub_size(&client, values, dereference), RPC_X_NULL_REF_POINTER);
    end_both();
}
END_TEST

START_TEST(robust_early)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY, 3,       SHORT(4),
                                           0x20 | FC_LONG, 0, SHORT(0), SHORT(1),  FC_LONG, FC_END};
    struct stack stack = {2, NULL, NULL};

    server.msg.StackTop = (unsigned char *)&stack;
    server.msg.fHasNewCorrDesc = TRUE;
    stub_receive_hex(&server, "02000000 01000000 02000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &stack.array, format, FALSE), 0);
    stack.array = NULL;
    stub_receive_hex(&server, "01000000 01000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &stack.array, format, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(stack.array);
    end_both();
}
END_TEST

static void pass(void *context)
{
    NdrCorrelationPass(context);
}

START_TEST(robust_late)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY, 3,       SHORT(4),
                                           0x20 | FC_LONG, 0, SHORT(0), SHORT(0),  FC_LONG, FC_END};
    struct stack stack = {0, NULL, NULL};
    ULONG_PTR cache[64];
    long before;

    server.msg.StackTop = (unsigned char *)&stack;
    stub_receive_hex(&server, "02000000 01000000 02000000");
    before = host_blocks;
    NdrCorrelationInitialize(&server.msg, cache, sizeof(cache), 0);
    ck_assert_int_ne(server.msg.fHasNewCorrDesc, 0);
    ck_assert_uint_eq(stub_unmarshal(&server, &stack.array, format, FALSE), 0);
    ck_assert_uint_eq(os_try(pass, &server.msg), RPC_X_BAD_STUB_DATA);
    stack.n = 2;
    ck_assert_uint_eq(os_try(pass, &server.msg), 0);
    NdrCorrelationFree(&server.msg);
    ck_assert_int_eq(host_blocks, before);
    end_both();
}
END_TEST

START_TEST(unchecked_where_told)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY,    3,       SHORT(4),
                                           0x20 | FC_LONG, 0, SHORT(0), SHORT(1 | 8), FC_LONG, FC_END};
    struct stack stack = {9, NULL, NULL};

    server.msg.StackTop = (unsigned char *)&stack;
    server.msg.fHasNewCorrDesc = TRUE;
    stub_receive_hex(&server, "01000000 01000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &stack.array, format, FALSE), 0);
    end_both();
}
END_TEST

/* A -Os stub says itself how many, and has no stack to look at. */
START_TEST(counts_from_the_stub)
{
    static const unsigned char format[] = {FC_CVARRAY,     3, SHORT(4), 0x20 | FC_LONG, 0,     SHORT(0),
                                           0x20 | FC_LONG, 0, SHORT(4), FC_LONG,        FC_END};
    LONG values[3] = {1, 2, 3};

    client.msg.MaxCount = 3;
    client.msg.Offset = 1;
    client.msg.ActualCount = 2;
    expect_marshal(&client, values, format, "03000000 01000000 02000000 02000000 03000000");
    end_both();
}
END_TEST

Suite *suite_ndr_special(void)
{
    Suite *suite = suite_create("NDR special");
    TCase *tests = tcase_create("special");

    tcase_add_checked_fixture(tests, begin_both, end_both);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, encapsulated_union);
    tcase_add_test(tests, union_of_parameter);
    tcase_add_test(tests, union_before_its_discriminant);
    tcase_add_test(tests, long_list);
    tcase_add_test(tests, full_pointer_ring);
    tcase_add_test(tests, full_pointer_of_two_types);
    tcase_add_test(tests, full_pointer_tables);
    tcase_add_test(tests, all_nodes);
    tcase_add_test(tests, byte_count);
    tcase_add_test(tests, partial_ignore);
    tcase_add_test(tests, hard_structure);
    tcase_add_test(tests, transmit_as);
    tcase_add_test(tests, user_marshalled);
    tcase_add_test(tests, interface_pointer);
    tcase_add_test(tests, wines_form);
    tcase_add_test(tests, operators);
    tcase_add_test(tests, dereference_and_constant);
    tcase_add_test(tests, robust_early);
    tcase_add_test(tests, robust_late);
    tcase_add_test(tests, unchecked_where_told);
    tcase_add_test(tests, counts_from_the_stub);
    suite_add_tcase(suite, tests);
    return suite;
}
