/*
 * The harness every topic is written against: one program, one file a topic.
 *
 * A topic is START_TEST(name) { ... }; it runs in a process of its own. A topic that needs other processes
 * starts them with child_start("role", ...), which re-runs this program and enters START_CHILD(role) { ... }.
 * All of them share one set of counters (a named section), so ok() may be used in every process of a run.
 *
 * Nothing here depends on Wine: the program runs unchanged on Windows 10 and later.
 */
#ifndef RPCRT4_WINETEST_H
#define RPCRT4_WINETEST_H

#include <winsock2.h>
#include <windows.h>
#include <rpc.h>
#include <rpcasync.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long anything may take before it counts as hung: a guard, never an assertion on duration. Milliseconds.
 */
#define HANG_GUARD  30000
#define TOPIC_GUARD 300000

struct topic {
    struct topic *next;
    const char *name;
    void (*run)(void);
};

struct child_role {
    struct child_role *next;
    const char *name;
    void (*run)(int argc, char **argv);
};

void register_topic(struct topic *topic);
void register_child(struct child_role *role);

#define START_TEST(id)                                                                                       \
    static void topic_##id(void);                                                                            \
    __attribute__((constructor)) static void register_##id(void)                                             \
    {                                                                                                        \
        static struct topic topic = {NULL, #id, topic_##id};                                                 \
        register_topic(&topic);                                                                              \
    }                                                                                                        \
    static void topic_##id(void)

/* A process of its own: argv holds what child_start was given after the role. */
#define START_CHILD(id)                                                                                      \
    static void child_##id(int argc, char **argv);                                                           \
    __attribute__((constructor)) static void register_child_##id(void)                                       \
    {                                                                                                        \
        static struct child_role role = {NULL, #id, child_##id};                                             \
        register_child(&role);                                                                               \
    }                                                                                                        \
    static void child_##id(int argc __attribute__((unused)), char **argv __attribute__((unused)))

/* Checks. ok() counts one pass or one failure and gives back the condition; skip() counts one skipped part.
 */
int winetest_ok(const char *file, int line, int condition, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 4, 5)));
void winetest_skip(const char *file, int line, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 3, 4)));
void winetest_trace(const char *file, int line, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 3, 4)));

#define ok(...)    winetest_ok(__FILE__, __LINE__, __VA_ARGS__)
#define skip(...)  winetest_skip(__FILE__, __LINE__, __VA_ARGS__)
#define trace(...) winetest_trace(__FILE__, __LINE__, __VA_ARGS__)

/* ok() on a status, in the words of most of these tests. The place is the caller's. */
#define ok_status(got, expected, what)                                                                       \
    do {                                                                                                     \
        RPC_STATUS ok_got_ = (got), ok_expected_ = (expected);                                               \
        ok(ok_got_ == ok_expected_, "%s: got %ld, expected %ld\n", (what), (long)ok_got_,                    \
           (long)ok_expected_);                                                                              \
    } while (0)

/* The number that stands after the topic on the command line, or `usual`. */
LONG topic_size(LONG usual);

/* What a sequence of checks below is about (a transport, a mode); printed before each failure. "" ends it. */
void winetest_context(const char *format, ...) __attribute__((format(__MINGW_PRINTF_FORMAT, 1, 2)));

/* Waits at most HANG_GUARD for an object; a time-out is a failed check. Gives 1 when it was signalled. */
int wait_for(HANDLE object, const char *what);
/* The same in an alertable wait, which APCs may end: gives WaitForSingleObjectEx's value. */
DWORD wait_alertable(HANDLE object);

/* An event shared by all processes of this run, made by whoever asks first. Automatic reset when not
 * `manual`. */
HANDLE shared_event(const char *name, int manual);
/* A number for this run, the same in all its processes: part of endpoint names. */
unsigned run_id(void);

/* Re-runs this program as START_CHILD(role). Arguments are split at spaces. The handle is the process; NULL
 * never comes back (a failed start ends the topic). */
HANDLE child_start(const char *role, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 2, 3)));
/* The command line that others may start a role with, whatever environment they give it; program: this one or
 * a copy of it. */
void child_command(char *command, size_t size, const char *program, const char *role);
/* As child_start, in a copy of this program. */
HANDLE child_start_program(const char *program, const char *role);
/* Waits for its end, checks its exit code, closes the handle. */
void child_wait(HANDLE process, DWORD expected_code);
/* Kills a child whose main thread has come to child_awaits_kill, waits for its end, closes the handle. */
void child_kill(HANDLE process);
/* In the child: the rest of its main thread's life. The other threads go on. */
void __attribute__((noreturn)) child_awaits_kill(void);

/* Prints the stacks of all processes of a job, where there is a winedbg to do it (hang.c). */
void print_hung_job(HANDLE job);
void print_hung_process(HANDLE process);

/* A TCP port of 127.0.0.1 that nobody listens on. */
unsigned short free_tcp_port(void);
/* A socket that listens on a port which nobody else may have; the port goes to *port. */
SOCKET taken_tcp_port(unsigned short *port);

#endif
