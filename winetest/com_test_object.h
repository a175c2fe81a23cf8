/*
 * The objects behind the interfaces of idl/com_test.idl and the ways to get at them from another apartment.
 */
#ifndef RPCRT4_COM_TEST_OBJECT_H
#define RPCRT4_COM_TEST_OBJECT_H

#define COBJMACROS
#include "winetest.h"
#include <objbase.h>
#include <oleauto.h>
#include "com_test.h"

/* Has COM use this program's own proxies and stubs, for the calling process until com_unregister. */
DWORD com_register(void);
void com_unregister(DWORD registration);
/* References on the class object of the proxies: proxies and stubs that are there. */
LONG com_factory_references(void);
IPSFactoryBuffer *com_factory(void);
/* Whether a module, or the beginning of its file, is one of Wine's own. */
int com_is_wines(const void *module);

/* An object that answers for ITestPlain, ITestDerived and IDispatch. */
IUnknown *com_object(void);
/* How many of them live in this process. */
extern volatile LONG com_objects;

/* An object that answers for ITestAuto, ITestDualMore and IDispatch; it counts among com_objects. */
IUnknown *com_automat(void);
/* Registers this program's type library, and with it the class that marshals its interfaces. */
ITypeLib *com_register_library(void);
void com_unregister_library(ITypeLib *library);

/* A thread of its own, an apartment with a message loop, where one object lives. */
struct com_apartment {
    HANDLE thread, ready, stop;
    DWORD thread_id;
    const IID *iid;
    IUnknown *(*make)(void);
    IStream *stream; /* the marshalled object */
};
void com_apartment_start(struct com_apartment *apartment, IUnknown *(*make)(void), const IID *iid);
/* The object, for the calling thread's apartment. */
void *com_apartment_object(struct com_apartment *apartment);
void com_apartment_stop(struct com_apartment *apartment);
/* Runs the message loop until event is signalled; 0 when nothing happened for as long as a hang takes. */
int com_pump(HANDLE event);

/* ITestPlain through a proxy, every method; thread: where the object lives, 0 for another process. wines: on
 * one side is Wine's own rpcrt4, which (8.0) has -Oicf stubs that widl made take an [out] string for one of
 * its first characters: without those. */
void com_check_plain(ITestPlain *plain, DWORD thread, int wines);
/* ITestDerived, with the methods of IDispatch. */
void com_check_derived(ITestDerived *derived);
/* Likewise, marshalled by the type library; com_check_auto leaves out what takes a structure, and with wines
 * what Wine 8.0's own type library proxies fail at, 8 octets and floating point among the arguments. */
void com_check_auto(ITestAuto *proxy, int wines);
void com_check_dual(ITestDualMore *proxy);
/* An object of which an enumerator is to be had: IEnumUnknown, whose Next gives an array of interface
 * pointers. */
IUnknown *com_enumerator(void);
void com_check_enumerator(IEnumUnknown *enumerator);
/* A stream that holds nothing, by a proxy. */
void com_check_stream(IStream *stream);

#endif
