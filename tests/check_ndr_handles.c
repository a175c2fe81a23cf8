/*
 * Which binding handle a procedure is called with (SDK, "Handles" and the FC_BIND_* descriptions of the
 * format-string pages): every explicit kind by value and behind a pointer, every implicit kind, and what is
 * refused. The doubles of channel.c answer for automatic, callback and context handles.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_case.h"
#include "ndr/buffer.h"
#include "ndr/proc.h"

static struct ndr_binding binding;
static struct ndr_proc proc;
static MIDL_STUB_DESC desc;
static const unsigned char *stack;

static void *bound_to, *unbound_from;

static handle_t bind(void *object)
{
    bound_to = object;
    return object ? (handle_t)((char *)object + 1) : NULL;
}

static void unbind(void *object, unsigned char *handle)
{
    ck_assert_ptr_eq(handle, (unsigned char *)object + 1);
    unbound_from = object;
}

static const GENERIC_BINDING_ROUTINE_PAIR pairs[] = {{NULL, NULL}, {bind, unbind}};

static void get(void *context)
{
    (void)context;
    ndr_binding_get(&binding, &desc, &proc, stack);
}

static void expect_explicit(PFORMAT_STRING format, const void *arguments, ULONG code)
{
    proc.handle_type = 0;
    proc.handle_format = format;
    stack = arguments;
    desc.aGenericBindingRoutinePairs = pairs;
    ck_assert_uint_eq(os_try(get, NULL), code);
}

static void expect_implicit(unsigned char type, ULONG code)
{
    proc.handle_type = type;
    ck_assert_uint_eq(os_try(get, NULL), code);
}

START_TEST(explicit_primitive)
{
    static const unsigned char value[] = {FC_BIND_PRIMITIVE, 0, SHORT(sizeof(void *))};
    static const unsigned char pointer[] = {FC_BIND_PRIMITIVE, 1, SHORT(0)};
    handle_t handle = &handle;
    void *by_value[] = {NULL, handle}, *by_pointer[] = {&handle}, *none[] = {NULL, NULL};

    expect_explicit(value, by_value, 0);
    ck_assert_ptr_eq(binding.handle, handle);
    expect_explicit(pointer, by_pointer, 0);
    ck_assert_ptr_eq(binding.handle, handle);
    expect_explicit(value, none, RPC_S_INVALID_BINDING);
    expect_explicit(pointer, none, RPC_X_NULL_REF_POINTER);
}
END_TEST

START_TEST(explicit_generic)
{
    static const unsigned sizes[] = {1, 2, 4, sizeof(void *)};
    const ULONGLONG value = 0x1122334455667788;
    const void *by_pointer[] = {&value}, *none[] = {NULL, NULL};
    unsigned i;

    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        const unsigned char format[] = {FC_BIND_GENERIC, (unsigned char)sizes[i], SHORT(0), 1, FC_PAD};
        const unsigned char behind[] = {FC_BIND_GENERIC, (unsigned char)(0x80 | sizes[i]), SHORT(0), 1,
                                        FC_PAD};
        ULONG_PTR expected = 0;

        memcpy(&expected, &value, sizes[i]);
        expect_explicit(format, &value, 0);
        ck_assert_ptr_eq(bound_to, (void *)expected);
        ck_assert_ptr_eq(binding.handle, (void *)(expected + 1));
        ndr_binding_release(&binding);
        ck_assert_ptr_eq(unbound_from, (void *)expected);
        unbound_from = NULL;
        ndr_binding_release(&binding); /* once */
        ck_assert_ptr_null(unbound_from);
        expect_explicit(behind, by_pointer, 0);
        ck_assert_ptr_eq(bound_to, (void *)expected);
        expect_explicit(behind, none, RPC_X_NULL_REF_POINTER);
    }
    expect_explicit((const unsigned char[]){FC_BIND_GENERIC, 8, SHORT(0), 1, FC_PAD}, none,
                    RPC_S_INVALID_BINDING);
}
END_TEST

START_TEST(explicit_context)
{
    static const unsigned char in[] = {FC_BIND_CONTEXT, 0x40, SHORT(0), 0, 0};
    static const unsigned char out[] = {FC_BIND_CONTEXT, 0x20, SHORT(0), 0, 0};
    static const unsigned char in_out[] = {FC_BIND_CONTEXT, 0xe0, SHORT(0), 0, 0};
    void *context = &context, *by_value[] = {context}, *by_pointer[] = {&context}, *none[] = {NULL};

    expect_explicit(in, by_value, 0);
    ck_assert_ptr_eq(binding.handle, NDRCContextBinding(context));
    expect_explicit(in_out, by_pointer, 0);
    expect_explicit(out, none, 0);
    expect_explicit(in, none, RPC_X_SS_IN_NULL_CONTEXT);
    expect_explicit(in_out, none, RPC_X_NULL_REF_POINTER);
    context = NULL;
    expect_explicit(in_out, by_pointer, RPC_X_SS_IN_NULL_CONTEXT);
}
END_TEST

START_TEST(explicit_unknown)
{
    static const unsigned char format[] = {FC_LONG, 0, SHORT(0)};
    void *arguments[] = {&desc};

    expect_explicit(format, arguments, RPC_X_BAD_STUB_DATA);
}
END_TEST

START_TEST(implicit)
{
    handle_t handle = &handle;
    ULONG_PTR object = 40;
    GENERIC_BINDING_INFO info = {&object, sizeof(object), bind, unbind};

    desc.IMPLICIT_HANDLE_INFO.pPrimitiveHandle = &handle;
    expect_implicit(FC_BIND_PRIMITIVE, 0);
    ck_assert_ptr_eq(binding.handle, handle);
    ndr_binding_release(&binding); /* nothing to be undone */
    handle = NULL;
    expect_implicit(FC_BIND_PRIMITIVE, RPC_S_INVALID_BINDING);
    desc.IMPLICIT_HANDLE_INFO.pGenericBindingInfo = &info;
    expect_implicit(FC_BIND_GENERIC, 0);
    ck_assert_ptr_eq(binding.handle, (void *)(ULONG_PTR)41);
    ndr_binding_release(&binding);
    ck_assert_ptr_eq(unbound_from, (void *)(ULONG_PTR)40);
    object = 0;
    expect_implicit(FC_BIND_GENERIC, RPC_S_INVALID_BINDING);
    expect_implicit(FC_AUTO_HANDLE, 0);
    ck_assert_ptr_eq(binding.handle, ndr_automatic_handle(&desc));
    expect_implicit(FC_CALLBACK_HANDLE, 0);
    ck_assert_ptr_eq(binding.handle, I_RpcGetCurrentCallHandle());
    expect_implicit(FC_LONG, RPC_X_BAD_STUB_DATA);
}
END_TEST

Suite *suite_ndr_handles(void)
{
    Suite *suite = suite_create("NDR handles");
    TCase *tests = tcase_create("handles");

    tcase_add_test(tests, explicit_primitive);
    tcase_add_test(tests, explicit_generic);
    tcase_add_test(tests, explicit_context);
    tcase_add_test(tests, explicit_unknown);
    tcase_add_test(tests, implicit);
    suite_add_tcase(suite, tests);
    return suite;
}
