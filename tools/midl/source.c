/* Reading source: runs the C preprocessor over a file and keeps the files' lines for error messages. */
#include "midl.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool read_fd(int fd, struct text *t)
{
    char buf[65536];
    ssize_t n;

    for (;;) {
        n = read(fd, buf, sizeof(buf));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (!n)
            return true;
        text_write(t, buf, n);
    }
}

static bool read_file(const char *path, struct text *t)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return false;
    ok = !fstat(fd, &st) && S_ISREG(st.st_mode);
    if (!ok)
        errno = EINVAL;
    ok = ok && read_fd(fd, t);
    close(fd);
    return ok;
}

/* /cpp_cmd and /cpp_opt are split at blanks, as MIDL does. */
static void add_words(char **argv, int *n, int max, const char *words)
{
    char *copy = mem_print("%s", words), *save = NULL, *w;

    for (w = strtok_r(copy, " \t", &save); w && *n < max; w = strtok_r(NULL, " \t", &save))
        argv[(*n)++] = w;
}

static char **cpp_argv(const char *path)
{
    int max = opt.n_cpp_args + 64, n = 0, i;
    char **argv = mem_alloc((max + 2) * sizeof(*argv));

    add_words(argv, &n, 16, opt.cpp_cmd ? opt.cpp_cmd : "cc");
    if (opt.cpp_opt) {
        add_words(argv, &n, 48, opt.cpp_opt);
    } else {
        static const char *const fixed[] = {"-E", "-xc",          "-undef",       "-nostdinc",
                                            "-w", "-D__midl=801", "-DMIDL_PASS=1"};

        for (i = 0; i < (int)(sizeof(fixed) / sizeof(*fixed)); i++)
            argv[n++] = (char *)fixed[i];
        argv[n++] = opt.win64 ? "-D_WIN64" : "-D_WIN32";
        if (opt.win64)
            argv[n++] = "-D_WIN32";
    }
    for (i = 0; i < opt.n_cpp_args; i++)
        argv[n++] = opt.cpp_args[i];
    argv[n++] = (char *)path;
    return argv;
}

static bool preprocess(const char *path, struct text *t)
{
    char **argv = cpp_argv(path);
    posix_spawn_file_actions_t actions;
    int fds[2], status = -1, rc;
    pid_t pid;
    bool ok;

    if (pipe2(fds, O_CLOEXEC))
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
    rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    if (rc) {
        close(fds[0]);
        error_cmdline(1005, "cannot run the preprocessor %s: %s", argv[0], strerror(rc));
        return false;
    }
    ok = read_fd(fds[0], t);
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status) {
        error_cmdline(1003, "the preprocessor failed on %s", path);
        return false;
    }
    return ok;
}

bool source_load(const char *path, struct source *out)
{
    struct text t = {0};

    if (access(path, R_OK)) {
        error_cmdline(1001, "cannot open input file %s: %s", path, strerror(errno));
        return false;
    }
    if (opt.no_cpp) {
        if (!read_file(path, &t)) {
            error_cmdline(1001, "cannot read %s: %s", path, strerror(errno));
            return false;
        }
    } else if (!preprocess(path, &t)) {
        return false;
    }
    if (!t.data)
        text_write(&t, "", 0);
    out->text = t.data;
    out->len = t.len;
    return true;
}

const char *source_find(const char *name, const char *from_file)
{
    const char *slash = from_file ? strrchr(from_file, '/') : NULL;
    const char *path;
    int i;

    if (name[0] == '/')
        return access(name, R_OK) ? NULL : name;
    path = slash ? mem_print("%.*s/%s", (int)(slash - from_file), from_file, name) : name;
    if (!access(path, R_OK))
        return path;
    for (i = 0; i < opt.n_includes; i++) {
        path = mem_print("%s/%s", opt.includes[i], name);
        if (!access(path, R_OK))
            return path;
    }
    return NULL;
}

/* The file whose lines were last asked for. */
static const char *cached;
static struct text content;

void source_reset(void)
{
    cached = NULL;
    content = (struct text){0};
}

const char *source_line(const char *file, int line, size_t *len)
{
    const char *p, *end;

    if (!cached || strcmp(cached, file)) {
        content.len = 0;
        cached = file;
        if (!read_file(file, &content))
            content.len = 0;
    }
    p = content.data;
    end = p ? p + content.len : NULL;
    while (p && line-- > 1) {
        p = memchr(p, '\n', end - p);
        if (p)
            p++;
    }
    if (!p || p >= end)
        return NULL;
    *len = strcspn(p, "\r\n");
    return p;
}
