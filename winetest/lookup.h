/*
 * Functions of rpcrt4.dll that not every system has, by their names. tools/check-exports finds the names in
 * the program's text by the prefix that they are given here.
 */
#ifndef RPCRT4_WINETEST_LOOKUP_H
#define RPCRT4_WINETEST_LOOKUP_H

#include <windows.h>

/* text: "rpcrt4!NAME". NULL: there is no such function. */
static inline void *rpcrt4_function(const char *text)
{
    return (void *)GetProcAddress(GetModuleHandleA("rpcrt4.dll"), text + sizeof("rpcrt4!") - 1);
}

#endif
