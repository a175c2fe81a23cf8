/*
 * What the generated stubs of unimplemented exports are made of. No Windows header is included there: a
 * stub has the export's name, but not its prototype.
 */
#ifndef RPCRT4_STUB_H
#define RPCRT4_STUB_H

/* Logs the name (err:rpc) and raises 0x80000100, as Wine does for what it lacks. */
void stub_called(const char *name) __attribute__((noreturn));

#define STUB(name, symbol)                                                                                   \
    void stub_##name(void) __asm__(symbol);                                                                  \
    void stub_##name(void)                                                                                   \
    {                                                                                                        \
        stub_called(#name);                                                                                  \
    }

#endif
