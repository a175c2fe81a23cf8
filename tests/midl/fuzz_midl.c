/* libFuzzer target: the whole compiler on one IDL file, and an ACF after a NUL. Built without the
 * preprocessor: the input is what comes out of it. */
#include "wire.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    opt.idl = opt.stem = "fuzz.idl";
    opt.header_name = "fuzz.h";
    opt.no_cpp = true;
    opt.prefix_client = opt.prefix_server = "";
    diag_quiet = true;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    struct outputs out = {0};
    struct source idl, acf = {0};

    opt.win64 = size & 1;
    opt.mixed = size >> 1 & 1;
    opt.target = size >> 2 & 1 ? 60 : 0;
    idl.len = nul ? (size_t)(nul - data) : size;
    idl.text = (char *)data;
    if (nul) {
        acf.text = (char *)nul + 1;
        acf.len = size - idl.len - 1;
    }
    compile(&idl, nul ? &acf : NULL, "fuzz.acf", &out);
    compile_reset();
    return 0;
}
