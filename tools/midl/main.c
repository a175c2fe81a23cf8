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

static const char *find_acf(void)
{
    const char *dot = strrchr(opt.idl, '.'), *slash = strrchr(opt.idl, '/'), *path;

    if (opt.acf) {
        path = source_find(opt.acf, NULL);
        return path ? path : opt.acf;
    }
    path = mem_print("%.*s.acf", (int)(dot && dot > slash ? dot - opt.idl : (ptrdiff_t)strlen(opt.idl)),
                     opt.idl);
    return access(path, R_OK) ? NULL : path;
}

static void write_outputs(struct outputs *out)
{
    if (opt.make_header)
        write_output(output_path(opt.header, ".h"), &out->header);
    if (opt.make_client && out->client.len)
        write_output(output_path(opt.client_file, "_c.c"), &out->client);
    if (opt.make_server && out->server.len)
        write_output(output_path(opt.server_file, "_s.c"), &out->server);
    if (out->proxy.len)
        write_output(output_path(opt.proxy_file, "_p.c"), &out->proxy);
    if (out->iids.len)
        write_output(output_path(opt.iid_file, "_i.c"), &out->iids);
    if (opt.dlldata && out->dlldata.len)
        write_output(output_path(opt.dlldata, NULL), &out->dlldata);
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
    struct source idl, acf, *second = NULL;
    struct outputs out = {0};
    const char *acf_path;

    if (!options_parse(argc, argv))
        return 2;
    name_outputs();
    acf_path = find_acf();
    if (!source_load(opt.idl, &idl) || (acf_path && !source_load(acf_path, &acf)))
        return 2;
    if (acf_path)
        second = &acf;
    compile(&idl, second, acf_path, &out);
    if (diag_errors)
        return 2;
    if (!opt.syntax_only)
        write_outputs(&out);
    return finish();
}
