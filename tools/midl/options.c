/* The command line: MIDL's options with - or /, and @response files.
 * Source: SDK, "MIDL Command-Line Reference". */
#include "midl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct options opt = {
    .robust = true, .make_client = true, .make_server = true, .make_header = true, .pack = 8};

enum arg_style { NONE, SEPARATE, ATTACHED_OR_SEPARATE };

static bool set_env(const char *v)
{
    if (!strcasecmp(v, "win32"))
        opt.win64 = false;
    else if (!strcasecmp(v, "x64") || !strcasecmp(v, "amd64") || !strcasecmp(v, "win64"))
        opt.win64 = true;
    else
        return false;
    return true;
}

static bool set_side(const char *v, bool *flag)
{
    if (!strcmp(v, "none"))
        *flag = false;
    else if (!strcmp(v, "stub"))
        *flag = true;
    else
        return false;
    return true;
}

static bool set_pack(const char *v)
{
    int n = atoi(v);

    if (n != 1 && n != 2 && n != 4 && n != 8 && n != 16)
        return false;
    opt.pack = n;
    return true;
}

static bool set_protocol(const char *v)
{
    /* NDR64 is not written yet: "all" gives the NDR stubs that every peer speaks. */
    return !strcasecmp(v, "dce") || !strcasecmp(v, "all") || !strcasecmp(v, "ndr");
}

static void add_cpp(const char *flag, const char *value)
{
    opt.cpp_args = realloc(opt.cpp_args, (opt.n_cpp_args + 1) * sizeof(*opt.cpp_args));
    if (!opt.cpp_args)
        exit(2);
    opt.cpp_args[opt.n_cpp_args++] = mem_print("%s%s", flag, value);
}

static bool add_include(const char *v)
{
    char *list = mem_print("%s", v), *save = NULL, *dir;

    for (dir = strtok_r(list, ";", &save); dir; dir = strtok_r(NULL, ";", &save)) {
        opt.includes = realloc(opt.includes, (opt.n_includes + 1) * sizeof(*opt.includes));
        if (!opt.includes)
            exit(2);
        opt.includes[opt.n_includes++] = dir;
        add_cpp("-I", dir);
    }
    return true;
}

static bool set_char(const char *v)
{
    opt.char_option = v;
    return !strcmp(v, "signed") || !strcmp(v, "unsigned") || !strcmp(v, "ascii7");
}

/* Source: SDK, "/target switch": NT50 … NT62, later versions by the same rule. */
static bool set_target(const char *v)
{
    char *end;

    if (strncasecmp(v, "NT", 2) || !isdigit((unsigned char)v[2]))
        return false;
    opt.target = (int)strtol(v + 2, &end, 10);
    return !*end && opt.target >= 50;
}

static bool accept_error(const char *v)
{
    static const char *const words[] = {"allocation", "ref",  "stub_data", "bounds_check",
                                        "enum",       "none", "all"};
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!strcmp(words[i], v))
            return true;
    return false;
}

/* /prefix client C server S all A: pairs until something else comes. */
static int set_prefixes(int argc, char **argv, int i)
{
    for (; i + 2 < argc + 1 && i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "client") || !strcmp(argv[i], "cstub"))
            opt.prefix_client = argv[i + 1];
        else if (!strcmp(argv[i], "server") || !strcmp(argv[i], "sstub"))
            opt.prefix_server = argv[i + 1];
        else if (!strcmp(argv[i], "switch"))
            opt.prefix_switch = argv[i + 1];
        else if (!strcmp(argv[i], "all"))
            opt.prefix_all = argv[i + 1];
        else
            break;
    }
    return i;
}

static bool set_acf(const char *v)
{
    opt.acf = v;
    return true;
}
static bool set_out(const char *v)
{
    opt.out_dir = v;
    return true;
}
static bool set_header(const char *v)
{
    opt.header = v;
    return true;
}
static bool set_cstub(const char *v)
{
    opt.client_file = v;
    return true;
}
static bool set_sstub(const char *v)
{
    opt.server_file = v;
    return true;
}
static bool set_proxy(const char *v)
{
    opt.proxy_file = v;
    return true;
}
static bool set_iid(const char *v)
{
    opt.iid_file = v;
    return true;
}
static bool set_dlldata(const char *v)
{
    opt.dlldata = v;
    return true;
}
static bool set_cpp_cmd(const char *v)
{
    opt.cpp_cmd = v;
    return true;
}
static bool set_cpp_opt(const char *v)
{
    opt.cpp_opt = v;
    return true;
}
/* /o FILE: where messages go. */
static bool set_messages(const char *v)
{
    return freopen(v, "w", stderr) != NULL;
}
static bool set_client(const char *v)
{
    return set_side(v, &opt.make_client);
}
static bool set_server(const char *v)
{
    return set_side(v, &opt.make_server);
}
static bool ignore_value(const char *v)
{
    (void)v;
    return true;
}

static const struct {
    const char *name;
    bool (*set)(const char *value);
} with_value[] = {
    {"acf", set_acf},          {"out", set_out},
    {"h", set_header},         {"header", set_header},
    {"cstub", set_cstub},      {"sstub", set_sstub},
    {"dlldata", set_dlldata},  {"client", set_client},
    {"server", set_server},    {"env", set_env},
    {"target", set_target},    {"protocol", set_protocol},
    {"char", set_char},        {"cpp_cmd", set_cpp_cmd},
    {"cpp_opt", set_cpp_opt},  {"pack", set_pack},
    {"error", accept_error},   {"I", add_include},
    {"iid", set_iid},          {"proxy", set_proxy},
    {"tlb", ignore_value},     {"lcid", ignore_value},
    {"msc_ver", ignore_value}, {"align", set_pack},
    {"import", ignore_value},  {"version_stamp", ignore_value},
    {"caux", ignore_value},    {"saux", ignore_value},
    {"o", set_messages},
};

static const struct {
    const char *name;
    bool *flag;
    bool value;
} switches[] = {
    {"nologo", &opt.nologo, true},
    {"robust", &opt.robust_asked, true},
    {"no_robust", &opt.robust, false},
    {"oldnames", &opt.oldnames, true},
    {"no_cpp", &opt.no_cpp, true},
    {"nocpp", &opt.no_cpp, true},
    {"rpcss", &opt.rpcss, true},
    {"mktyplib203", NULL, true},
    {"new", NULL, true},
    {"old", NULL, true},
    {"oldtlb", NULL, true},
    {"sal_local", NULL, true},
    {"use_epv", &opt.use_epv, true},
    {"no_default_epv", &opt.no_default_epv, true},
    {"ms_union", &opt.ms_union, true},
    {"osf", &opt.osf, true},
    {"app_config", &opt.app_config, true},
    {"syntax_check", &opt.syntax_only, true},
    {"Zs", &opt.syntax_only, true},
    {"WX", &diag_warnings_fatal, true},
    {"win64", &opt.win64, true},
    {"amd64", &opt.win64, true},
    {"x64", &opt.win64, true},
    {"win32", &opt.win64, false},
    {"no_def_idir", &opt.no_def_idir, true},
    {"ms_ext", NULL, true},
    {"c_ext", NULL, true},
    {"Os", &opt.mixed, true},
    {"Oi", &opt.mixed, false},
    {"Oic", &opt.mixed, false},
    {"Oicf", &opt.mixed, false},
    {"Oif", &opt.mixed, false},
    {"ms_conf_struct", NULL, true},
    {"no_format_opt", NULL, true},
    {"savePP", NULL, true},
    {"prefix_none", NULL, true},
    {"no_warn", NULL, true},
    {"confirm", NULL, true},
    {"no_stamp", NULL, true},
    {"notlb", NULL, true},
    {"sal", NULL, true},
    {"no_settings_comment", NULL, true},
    {"newtlb", NULL, true},
};

static const char help[] =
    "usage: midl [options] file.idl\n"
    "  -acf FILE -out DIR -h FILE -cstub FILE -sstub FILE -client {stub|none} -server {stub|none}\n"
    "  -proxy FILE -iid FILE -dlldata FILE (COM interfaces with [async_uuid])\n"
    "  -prefix {client|server|switch|all} PREFIX  -oldnames  -use_epv  -no_default_epv\n"
    "  -env {win32|x64}  -Oicf  -robust  -no_robust  -protocol {dce|all}  -target NTxx\n"
    "  -I DIR -D NAME[=DEF] -U NAME -cpp_cmd CMD -cpp_opt OPTS -no_cpp\n"
    "  -char {signed|unsigned|ascii7} -ms_ext -c_ext -osf -ms_union -app_config -pack N -ZpN -error KIND\n"
    "  -W0 … -W4 -WX -nologo -syntax_check -Zs @responsefile\n"
    "every option may begin with - or /\n";

static int parse_switch(const char *o)
{
    size_t k;

    for (k = 0; k < sizeof(switches) / sizeof(*switches); k++)
        if (!strcmp(switches[k].name, o)) {
            if (switches[k].flag)
                *switches[k].flag = switches[k].value;
            return 1;
        }
    if (o[0] == 'W' && o[1] >= '0' && o[1] <= '4' && !o[2]) {
        diag_warning_level = o[1] - '0';
        return 1;
    }
    if (!strncmp(o, "warn", 4) && o[4] >= '0' && o[4] <= '4' && !o[5]) {
        diag_warning_level = o[4] - '0';
        return 1;
    }
    if (o[0] == 'Z' && o[1] == 'p')
        return set_pack(o + 2) ? 1 : -1;
    if (!strcmp(o, "?") || !strcmp(o, "help")) {
        fputs(help, stdout);
        exit(0);
    }
    return 0;
}

/* Options of code generation this compiler does not have are refused by name, with what to do instead. */
static bool refused(const char *o)
{
    if (!strcmp(o, "ia64") || !strcmp(o, "arm") || !strcmp(o, "arm64")) {
        error_cmdline(1008, "no stubs for %s: only -env win32 and -env x64", o);
        return true;
    }
    return false;
}

static bool parse_one(int argc, char **argv, int *i)
{
    const char *o = argv[*i] + 1;
    size_t k;
    int r;

    if ((o[0] == 'D' || o[0] == 'U') && (o[1] || *i + 1 < argc)) {
        add_cpp(o[0] == 'D' ? "-D" : "-U", o[1] ? o + 1 : argv[++*i]);
        return true;
    }
    if (o[0] == 'I' && o[1] && strcmp(o, "iid"))
        return add_include(o + 1);
    if (!strcmp(o, "prefix")) {
        int next = set_prefixes(argc, argv, *i + 1);

        if (next == *i + 1)
            error_cmdline(1009, "-prefix takes client, server, switch or all and a prefix");
        *i = next - 1;
        return true;
    }
    r = parse_switch(o);
    if (r > 0)
        return true;
    if (r == 0 && refused(o))
        return false;
    for (k = 0; r == 0 && k < sizeof(with_value) / sizeof(*with_value); k++) {
        if (strcmp(with_value[k].name, o))
            continue;
        if (*i + 1 >= argc) {
            error_cmdline(1009, "missing argument of -%s", o);
            return false;
        }
        if (!with_value[k].set(argv[++*i])) {
            error_cmdline(1008, "-%s: invalid argument '%s'", o, argv[*i]);
            return false;
        }
        return true;
    }
    error_cmdline(1007, "unknown option '%s'", argv[*i]);
    return false;
}

static int expand(int argc, char **argv, int max, char **out, int depth);

static int response(const char *path, int max, char **out, int depth)
{
    FILE *f = fopen(path, "r");
    char *words[1024], word[4096];
    int n = 0, len = 0, c, quote = 0, used = 0;

    if (!f || depth > 8) {
        error_cmdline(1001, "cannot open response file %s", path);
        if (f)
            fclose(f);
        return 0;
    }
    do {
        c = getc(f);
        if (c == '"') {
            quote = !quote;
            used = 1;
        } else if (c != EOF && (quote || !isspace(c))) {
            if (len < (int)sizeof(word) - 1)
                word[len++] = (char)c;
            used = 1;
        } else if (used) {
            word[len] = 0;
            if (n < 1024)
                words[n++] = mem_print("%s", word);
            len = used = 0;
        }
    } while (c != EOF);
    fclose(f);
    return expand(n, words, max, out, depth + 1);
}

static int expand(int argc, char **argv, int max, char **out, int depth)
{
    int i, n = 0;

    for (i = 0; i < argc && n < max; i++) {
        if (argv[i][0] == '@')
            n += response(argv[i] + 1, max - n, out + n, depth);
        else
            out[n++] = argv[i];
    }
    return n;
}

static bool is_option(const char *a)
{
    const char *p;

    if (a[0] == '-')
        return a[1] != 0;
    if (a[0] != '/')
        return false;
    p = strchr(a + 1, '/'); /* /work/x.idl is a path, /out is an option; /I and /D may hold slashes */
    if (!p)
        return !strchr(a + 1, '.') || a[1] == 'I' || a[1] == 'D';
    return a[1] == 'I' || (a[1] == 'D' && strchr(a, '='));
}

/* Where MIDL looks after -I: the INCLUDE variable (/no_def_idir turns that off); then where Linux keeps the
 * system's IDL files, should they be there. */
static void default_includes(void)
{
    static const char *const system_dirs[] = {"/usr/include/wine/wine/windows", "/usr/include/wine/windows"};
    const char *env = getenv("INCLUDE");
    char *list, *save = NULL, *dir;
    size_t i;

    if (opt.no_def_idir)
        return;
    list = mem_print("%s", env ? env : "");
    for (dir = strtok_r(list, strchr(list, ';') ? ";" : ":", &save); dir; dir = strtok_r(NULL, ";:", &save))
        add_include(dir);
    for (i = 0; i < sizeof(system_dirs) / sizeof(*system_dirs); i++)
        if (!access(system_dirs[i], R_OK))
            add_include(system_dirs[i]);
}

bool options_parse(int argc, char **argv)
{
    static char *args[4096];
    int i;

    argc = expand(argc - 1, argv + 1, 4096, args, 0);
    for (i = 0; i < argc; i++) {
        if (is_option(args[i])) {
            if (!parse_one(argc, args, &i))
                return false;
        } else if (opt.idl) {
            error_cmdline(1010, "more than one input file: '%s' and '%s'", opt.idl, args[i]);
            return false;
        } else {
            opt.idl = args[i];
        }
    }
    default_includes();
    if (!opt.prefix_client)
        opt.prefix_client = opt.prefix_all ? opt.prefix_all : "";
    if (!opt.prefix_server)
        opt.prefix_server = opt.prefix_all ? opt.prefix_all : "";
    if (opt.mixed && opt.robust_asked) {
        warn_cmdline(2370, "use of -robust requires -Oicf, switching modes");
        opt.mixed = false;
    }
    opt.robust = opt.robust_asked || (opt.robust && !opt.mixed);
    if (!opt.idl)
        error_cmdline(1001, "no input file (midl -help lists the options)");
    return !diag_errors;
}
