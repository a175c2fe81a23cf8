/* The passes in their order. */
#include "wire.h"

void compile_reset(void)
{
    lex_reset();
    source_reset();
    fmt_reset();
    tfs_reset();
    lower_reset();
    build_reset();
    diag_reset();
    mem_reset();
}

static void describe(void)
{
    struct interface *i, *b;

    for (i = unit.interfaces; i; i = i->next)
        if (com_described(i)) {
            lower_interface(i);
        } else if (!i->object && !i->forward_only && (iface_has_stubs(i) || i->imported)) {
            lower_interface(i);
            lower_pickled(i);
        }
    if (diag_errors)
        return;
    tfs_begin();
    for (i = unit.interfaces; i; i = i->next)
        if (com_described(i)) {
            pfs_interface(i);
        } else if (iface_has_stubs(i)) {
            pfs_interface(i);
            for (b = i->base; b; b = b->base) /* imported: the server answers its operations too */
                if (!iface_has_stubs(b))
                    pfs_interface(b);
            tfs_pickled(i);
        }
    tfs_end();
}

static bool any_stubs(void)
{
    struct interface *i;

    for (i = unit.interfaces; i && !iface_has_stubs(i); i = i->next)
        ;
    return i != NULL;
}

void compile(struct source *idl, struct source *acf, const char *acf_path, struct outputs *out)
{
    build_reset();
    unit.idl_path = opt.idl;
    if (!parse_idl(idl, opt.idl) || diag_syntax_errors)
        return;
    if (acf)
        acf_apply(acf, acf_path);
    check_unit();
    com_split();
    describe(); /* finds errors too, so that one run shows all */
    if (diag_errors)
        return;
    make_header(&out->header);
    if (com_any_marshalled()) {
        make_proxy(&out->proxy);
        make_dlldata(&out->dlldata);
    }
    if (com_any())
        make_iids(&out->iids);
    if (com_any() && !any_stubs())
        return;
    if (opt.make_client)
        make_client(&out->client);
    if (opt.make_server)
        make_server(&out->server);
}
