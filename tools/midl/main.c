/* The compiler's order of work, and its output files: each is written beside its place under another name and
 * moved there when all is well, so that a failed run leaves nothing. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct output {
    const char *path, *temp;
};
static struct output outputs[8];
static int n_outputs;

static const char *output_path(const char *given, const char *suffix)
{
    const char *name = given ? given : mem_print("%s%s", opt.stem, suffix);

    if (name[0] == '/' || !opt.out_dir)
        return name;
    return mem_print("%s/%s", opt.out_dir, name);
}

static void write_output(const char *path, struct text *t)
{
    struct output *o = &outputs[n_outputs];
    FILE *f;

    o->path = path;
    o->temp = mem_print("%s.tmp%d", path, (int)getpid());
    f = fopen(o->temp, "w");
    if (!f) {
        error_cmdline(1002, "cannot write %s: %s", path, strerror(errno));
        return;
    }
    n_outputs++;
    if (t->len && fwrite(t->data, t->len, 1, f) != 1)
        error_cmdline(1002, "cannot write %s: %s", path, strerror(errno));
    if (fclose(f))
        error_cmdline(1002, "cannot write %s: %s", path, strerror(errno));
}

static int finish(void)
{
    int i;

    for (i = 0; i < n_outputs; i++) {
        if (!diag_errors && rename(outputs[i].temp, outputs[i].path))
            error_cmdline(1002, "cannot write %s: %s", outputs[i].path, strerror(errno));
        if (diag_errors)
            unlink(outputs[i].temp);
    }
    return diag_errors ? 2 : 0;
}

static void find_acf(void)
{
    const char *dot = strrchr(opt.idl, '.'), *slash = strrchr(opt.idl, '/');
    const char *path = mem_print(
        "%.*s.acf", (int)(dot && dot > slash ? dot - opt.idl : (ptrdiff_t)strlen(opt.idl)), opt.idl);

    if (opt.acf)
        acf_apply(source_find(opt.acf, NULL) ? source_find(opt.acf, NULL) : opt.acf);
    else if (!access(path, R_OK))
        acf_apply(path);
}

static void describe_all(void)
{
    struct interface *i;

    for (i = unit.interfaces; i; i = i->next)
        if (!i->object && !i->forward_only && (iface_has_stubs(i) || i->imported)) {
            lower_interface(i);
            lower_pickled(i);
        }
    if (diag_errors)
        return;
    tfs_begin();
    for (i = unit.interfaces; i; i = i->next)
        if (iface_has_stubs(i)) {
            pfs_interface(i);
            tfs_pickled(i);
        }
    tfs_end();
}

static void generate(void)
{
    struct text header = {0}, client = {0}, server = {0};

    make_header(&header);
    if (opt.make_client)
        make_client(&client);
    if (opt.make_server)
        make_server(&server);
    if (diag_errors)
        return;
    write_output(output_path(opt.header, ".h"), &header);
    if (opt.make_client)
        write_output(output_path(opt.client_file, "_c.c"), &client);
    if (opt.make_server)
        write_output(output_path(opt.server_file, "_s.c"), &server);
}

static void name_outputs(void)
{
    const char *slash = strrchr(opt.idl, '/'), *base = slash ? slash + 1 : opt.idl, *dot = strrchr(base, '.');
    const char *h;

    opt.stem = mem_print("%.*s", (int)(dot ? dot - base : (ptrdiff_t)strlen(base)), base);
    h = opt.header ? strrchr(opt.header, '/') : NULL;
    opt.header_name = opt.header ? (h ? h + 1 : opt.header) : mem_print("%s.h", opt.stem);
}

int main(int argc, char **argv)
{
    if (!options_parse(argc, argv))
        return 2;
    name_outputs();
    build_reset();
    unit.idl_path = opt.idl;
    if (!parse_idl(opt.idl) || diag_errors)
        return 2;
    find_acf();
    if (diag_errors)
        return 2;
    check_unit();
    if (diag_errors)
        return 2;
    describe_all();
    if (diag_errors)
        return 2;
    if (opt.syntax_only)
        return 0;
    generate();
    return finish();
}
