/*
 * An enumerator of a few objects, IEnumUnknown: an interface that ole32 has proxies for, whose Next gives an
 * array of interface pointers, some of them null at the caller's end (SDK, IEnumUnknown::Next). It counts
 * among com_objects, and so do its elements.
 */
#include "com_test_object.h"

enum { ELEMENTS = 3 };

struct enumerator {
    IEnumUnknown iface;
    LONG references;
    ULONG next;
};

static struct enumerator *of_enum(IEnumUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct enumerator, iface);
}

static HRESULT WINAPI enum_QueryInterface(IEnumUnknown *iface, REFIID iid, void **result)
{
    *result = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IEnumUnknown))
        return E_NOINTERFACE;
    *result = iface;
    IEnumUnknown_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI enum_AddRef(IEnumUnknown *iface)
{
    return InterlockedIncrement(&of_enum(iface)->references);
}

static ULONG WINAPI enum_Release(IEnumUnknown *iface)
{
    LONG references = InterlockedDecrement(&of_enum(iface)->references);

    if (!references) {
        free(of_enum(iface));
        InterlockedDecrement(&com_objects);
    }
    return references;
}

static HRESULT WINAPI enum_Next(IEnumUnknown *iface, ULONG count, IUnknown **elements, ULONG *fetched)
{
    struct enumerator *enumerator = of_enum(iface);
    ULONG done = 0;

    for (; done < count && enumerator->next < ELEMENTS; done++, enumerator->next++)
        elements[done] = com_object();
    if (fetched)
        *fetched = done;
    return done == count ? S_OK : S_FALSE;
}

static HRESULT WINAPI enum_Skip(IEnumUnknown *iface, ULONG count)
{
    of_enum(iface)->next += count;
    return S_OK;
}

static HRESULT WINAPI enum_Reset(IEnumUnknown *iface)
{
    of_enum(iface)->next = 0;
    return S_OK;
}

static HRESULT WINAPI enum_Clone(IEnumUnknown *iface, IEnumUnknown **clone)
{
    *clone = (IEnumUnknown *)com_enumerator();
    of_enum(*clone)->next = of_enum(iface)->next;
    return S_OK;
}

static IEnumUnknownVtbl enum_vtable = {
    enum_QueryInterface, enum_AddRef, enum_Release, enum_Next, enum_Skip, enum_Reset, enum_Clone,
};

IUnknown *com_enumerator(void)
{
    struct enumerator *enumerator = calloc(1, sizeof(*enumerator));

    enumerator->iface.lpVtbl = &enum_vtable;
    enumerator->references = 1;
    InterlockedIncrement(&com_objects);
    return (IUnknown *)&enumerator->iface;
}

static void check_element(IUnknown *element)
{
    ITestPlain *plain = NULL;

    ok_status(IUnknown_QueryInterface(element, &IID_ITestPlain, (void **)&plain), S_OK, "ITestPlain");
    if (plain) {
        ok_status(ITestPlain_none(plain), 0x12345, "none");
        ITestPlain_Release(plain);
    }
    IUnknown_Release(element);
}

void com_check_enumerator(IEnumUnknown *enumerator)
{
    IUnknown *elements[ELEMENTS + 1] = {NULL};
    IEnumUnknown *clone = NULL;
    ULONG done = 77;

    ok_status(IEnumUnknown_Next(enumerator, 2, elements, &done), S_OK, "Next");
    ok(done == 2 && elements[0] && elements[1], "%lu elements, %p, %p\n", done, elements[0], elements[1]);
    for (int i = 0; i < 2; i++)
        if (elements[i])
            check_element(elements[i]);
    ok_status(IEnumUnknown_Clone(enumerator, &clone), S_OK, "Clone");
    if (clone) {
        memset(elements, 0, sizeof(elements));
        ok_status(IEnumUnknown_Next(clone, ELEMENTS + 1, elements, &done), S_FALSE, "Next of the clone");
        ok(done == 1 && elements[0] && !elements[1], "%lu elements, %p, %p\n", done, elements[0],
           elements[1]);
        if (elements[0])
            check_element(elements[0]);
        IEnumUnknown_Release(clone);
    }
    ok_status(IEnumUnknown_Reset(enumerator), S_OK, "Reset");
}
