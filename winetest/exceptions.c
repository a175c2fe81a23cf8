/*
 * RpcTryExcept, RpcTryFinally and their companions, as the SDK describes them ("RpcTryExcept", "RpcExcept",
 * "RpcTryFinally", "RpcFinally", "RpcExceptionCode", "RpcAbnormalTermination" in desktop-src/Rpc) and __try
 * does
 * ("try-except statement", "try-finally statement", "Structured Exception Handling" of the C/C++ and SDK
 * pages). Compiled by MSVC these macros are __try; the point here is include/rpc.h for GCC.
 */
#include "winetest.h"

#define CODE_A 0xe0000001
#define CODE_B 0xe0000002

/* The order of events, as text. */
static char events[256];

static void event(const char *name)
{
    size_t length = strlen(events);
    snprintf(events + length, sizeof events - length, "%s%s", length ? " " : "", name);
}

#define ok_events(expected)                                                                                  \
    do {                                                                                                     \
        ok(!strcmp(events, (expected)), "events were \"%s\", expected \"%s\"\n", events, (expected));        \
        events[0] = 0;                                                                                       \
    } while (0)

static __attribute__((noinline)) void raise(DWORD code)
{
    if (code)
        RaiseException(code, 0, 0, NULL);
}

static int filter(const char *name, int verdict)
{
    event(name);
    return verdict;
}

static DWORD caught(DWORD code)
{
    DWORD result = 1;

    RpcTryExcept
    {
        raise(code);
        result = 0;
    }
    RpcExcept(1)
    {
        result = RpcExceptionCode();
    }
    RpcEndExcept return result;
}

static void test_caught(void)
{
    ok(caught(0) == 0, "got %#lx\n", caught(0));
    ok(caught(CODE_A) == CODE_A, "got %#lx\n", caught(CODE_A));
    for (int i = 0; i < 100000; i++)
        if (caught(0))
            ok(0, "round %d\n", i);
    for (int i = 0; i < 1000; i++)
        if (caught(CODE_B) != CODE_B)
            ok(0, "round %d\n", i);
}

static void test_raised_by_rpc(void)
{
    volatile RPC_STATUS code = 0;

    RpcTryExcept
    {
        RpcRaiseException(RPC_S_INVALID_TAG);
    }
    RpcExcept(RpcExceptionCode() == RPC_S_INVALID_TAG)
    {
        code = RpcExceptionCode();
    }
    RpcEndExcept ok_status(code, RPC_S_INVALID_TAG, "RpcExceptionCode");
}

static void test_access_violation(void)
{
    volatile int *volatile nowhere = NULL;
    volatile int before = 0, after = 0;
    DWORD code = 0;

    RpcTryExcept
    {
        before = 1;
        *nowhere = 1;
        after = 1;
    }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER)
    {
        code = RpcExceptionCode();
    }
    RpcEndExcept ok(code == EXCEPTION_ACCESS_VIOLATION, "got %#lx\n", code);
    ok(before == 1 && after == 0, "got %d, %d\n", before, after);
}

static void test_several_blocks(void)
{
    DWORD first = 0, second = 0, third = 0;

    RpcTryExcept raise(CODE_A);
    RpcExcept(1) first = RpcExceptionCode();
    RpcEndExcept

        RpcTryExcept second = 1;
    RpcExcept(1) second = 2;
    RpcEndExcept;

    RpcTryExcept
    {
        raise(CODE_B);
    }
    RpcExcept(RpcExceptionCode() == CODE_B ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH)
    {
        third = RpcExceptionCode();
    }
    RpcEndExcept ok(first == CODE_A && second == 1 && third == CODE_B, "got %#lx %#lx %#lx\n", first, second,
                    third);
}

static void test_nested(void)
{
    DWORD inner_code = 0, outer_code = 0, in_handler = 0;

    RpcTryExcept
    {
        RpcTryExcept
        {
            raise(CODE_A);
        }
        RpcExcept(RpcExceptionCode() == CODE_A)
        {
            inner_code = RpcExceptionCode();
            RpcTryExcept
            {
                in_handler = RpcExceptionCode();
                raise(CODE_B);
            }
            RpcExcept(RpcExceptionCode() == CODE_A)
            {
                event("wrong");
            }
            RpcEndExcept
        }
        RpcEndExcept event("not reached");
    }
    RpcExcept(RpcExceptionCode() == CODE_B)
    {
        outer_code = RpcExceptionCode();
    }
    RpcEndExcept ok(inner_code == CODE_A, "got %#lx\n", inner_code);
    ok(in_handler == CODE_A, "got %#lx\n", in_handler);
    ok(outer_code == CODE_B, "got %#lx\n", outer_code);
    ok_events("");
}

static void pass_on(DWORD code)
{
    RpcTryExcept
    {
        raise(code);
        event("body");
    }
    RpcExcept(filter("pass", EXCEPTION_CONTINUE_SEARCH))
    {
        event("wrong");
    }
    RpcEndExcept event("after");
}

static void finally(DWORD code)
{
    RpcTryFinally
    {
        pass_on(code);
    }
    RpcFinally
    {
        event(RpcAbnormalTermination() ? "abnormal" : "normal");
    }
    RpcEndFinally event("on");
}

/* Filters are asked from the inside out while the stack is whole; then finally blocks run; then the handler.
 */
static void test_order(void)
{
    RpcTryExcept
    {
        finally(0);
    }
    RpcExcept(filter("take", 1))
    {
        event("wrong");
    }
    RpcEndExcept ok_events("body after normal on");

    RpcTryExcept
    {
        finally(CODE_A);
    }
    RpcExcept(filter("take", RpcExceptionCode() == CODE_A))
    {
        event("handler");
    }
    RpcEndExcept ok_events("pass take abnormal handler");
}

static void test_nested_finally(void)
{
    int depth = 0;

    RpcTryExcept
    {
        RpcTryFinally
        {
            RpcTryFinally
            {
                depth = 2;
                raise(CODE_A);
            }
            RpcFinally
            {
                event(depth == 2 ? "inner" : "wrong");
                depth = 1;
                RpcTryExcept
                {
                    raise(CODE_B);
                }
                RpcExcept(1)
                {
                    event(RpcExceptionCode() == CODE_B ? "within" : "wrong");
                }
                RpcEndExcept
            }
            RpcEndFinally event("wrong");
        }
        RpcFinally
        {
            event(depth == 1 ? "outer" : "wrong");
            depth = 0;
        }
        RpcEndFinally event("wrong");
    }
    RpcExcept(filter("filter", 1))
    {
        event(RpcExceptionCode() == CODE_A ? "handler" : "wrong");
    }
    RpcEndExcept ok_events("filter inner within outer handler");
    ok(depth == 0, "got %d\n", depth);
}

/* An exception out of a finally block takes the place of the first one. */
static void test_raise_in_finally(void)
{
    DWORD code = 0;

    RpcTryExcept{RpcTryExcept{RpcTryFinally{raise(CODE_A);
}
RpcFinally
{
    event("finally");
    raise(CODE_B);
}
RpcEndFinally
}
RpcExcept(RpcExceptionCode() == CODE_B)
{
    event("inner");
    code = RpcExceptionCode();
}
RpcEndExcept
}
RpcExcept(RpcExceptionCode() == CODE_A)
{
    event("outer");
}
RpcEndExcept events[7] =
    0; /* which of the two blocks it reaches is unverified on Windows: the inner was being left */
ok_events("finally");
ok(code == CODE_B || code == 0, "got %#lx\n", code);
}

static int leave_by_return(int how)
{
    RpcTryExcept
    {
        RpcTryFinally
        {
            if (how == 1)
                return 1;
            if (how == 2)
                raise(CODE_A);
        }
        RpcFinally
        {
            event(RpcAbnormalTermination() ? "abnormal" : "normal");
        }
        RpcEndFinally if (how == 3) return 3;
    }
    RpcExcept(1)
    {
        event("handler");
        return 2;
    }
    RpcEndExcept return 0;
}

static void test_leave(void)
{
    int rounds = 0;

    for (int i = 0; i < 4; i++)
        ok(leave_by_return(i) == i, "leaving by way %d\n", i);
    ok_events("normal abnormal abnormal handler normal");

    for (int i = 0; i < 10; i++) {
        RpcTryExcept
        {
            rounds++;
            if (i == 2)
                continue;
            if (i == 5)
                break;
            if (i == 4)
                goto out;
        }
        RpcExcept(1)
        {
            event("wrong");
        }
        RpcEndExcept
    }
out:
    ok(rounds == 5, "got %d\n", rounds);
    /* None of them is still there to catch anything. */
    ok(caught(CODE_B) == CODE_B, "got %#lx\n", caught(CODE_B));
    RpcTryExcept
    {
        raise(CODE_A);
    }
    RpcExcept(1)
    {
        event("right");
    }
    RpcEndExcept ok_events("right");
}

struct locals {
    int numbers[8];
    double real;
};

static __attribute__((noinline)) double locals(int a, double b, struct locals *out, DWORD code)
{
    int c = a * 3, d = a - 1;
    double e = b / 2;
    struct locals inside = {{a, c, d}, e};
    DWORD seen = 0;

    RpcTryExcept
    {
        c += 1;
        raise(0);
        d += 2;
        e *= 4;
        inside.numbers[3] = 77;
        raise(code);
        d = -1;
        e = -1;
    }
    RpcExcept((seen = RpcExceptionCode(), c += 10, e + d == b * 2 + a + 1))
    {
        inside.numbers[4] = c;
        inside.numbers[5] = d;
        inside.numbers[6] = a;
        inside.numbers[7] = seen == code;
        *out = inside;
    }
    RpcEndExcept return e + b + a;
}

static void test_locals(void)
{
    struct locals seen = {{0}, 0};
    double sum = locals(5, 8.5, &seen, CODE_A);

    ok(seen.numbers[0] == 5 && seen.numbers[1] == 15 && seen.numbers[2] == 4, "got %d %d %d\n",
       seen.numbers[0], seen.numbers[1], seen.numbers[2]);
    ok(seen.numbers[3] == 77, "got %d\n", seen.numbers[3]);
    ok(seen.numbers[4] == 26, "got %d\n", seen.numbers[4]);
    ok(seen.numbers[5] == 6, "got %d\n", seen.numbers[5]);
    ok(seen.numbers[6] == 5 && seen.numbers[7] == 1, "got %d %d\n", seen.numbers[6], seen.numbers[7]);
    ok(seen.real == 4.25, "got %g\n", seen.real);
    ok(sum == 17 + 8.5 + 5, "got %g\n", sum);
}

static void test_continue_execution(void)
{
    volatile int tries = 0;

    RpcTryExcept
    {
        raise(CODE_A);
        event("went on");
    }
    RpcExcept((tries++, EXCEPTION_CONTINUE_EXECUTION))
    {
        event("wrong");
    }
    RpcEndExcept ok_events("went on");
    ok(tries == 1, "got %d\n", tries);
}

static unsigned recurse(unsigned depth)
{
    volatile unsigned result = 0;

    RpcTryExcept
    {
        if (depth)
            result = recurse(depth - 1);
        else
            raise(CODE_A);
    }
    RpcExcept(RpcExceptionCode() == CODE_A && depth == 3)
    {
        result = 100;
    }
    RpcEndExcept return result + 1;
}

static void test_recursion(void)
{
    ok(recurse(10) == 108, "got %u\n", recurse(10));
}

/* Blocks in a static function that wants to be inlined, twice, into one that has blocks itself. */
static inline DWORD small_block(DWORD code)
{
    DWORD got = 0;
    RpcTryExcept
    {
        raise(code);
    }
    RpcExcept(RpcExceptionCode() != CODE_B)
    {
        got = RpcExceptionCode();
    }
    RpcEndExcept return got;
}

static void test_inlined(void)
{
    DWORD one = 0, two = 0;

    RpcTryExcept
    {
        one = small_block(CODE_A);
        two = small_block(CODE_B);
    }
    RpcExcept(RpcExceptionCode() == CODE_B)
    {
        event("passed");
    }
    RpcEndExcept ok(one == CODE_A && two == 0, "got %#lx %#lx\n", one, two);
    ok_events("passed");
}

static DWORD WINAPI thread(void *failures)
{
    for (int i = 0; i < 500; i++)
        if (caught(CODE_A) != CODE_A || caught(CODE_B) != CODE_B)
            InterlockedIncrement(failures);
    return 0;
}

static void test_threads(void)
{
    HANDLE threads[4];
    LONG failures = 0;

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, thread, &failures, 0, NULL);
    for (int i = 0; i < 4; i++) {
        wait_for(threads[i], "thread");
        CloseHandle(threads[i]);
    }
    ok(failures == 0, "%ld failures\n", failures);
}

static void test_last_error(void)
{
    SetLastError(1234);
    RpcTryExcept
    {
        ok(GetLastError() == 1234, "got %lu\n", GetLastError());
        SetLastError(4321);
    }
    RpcExcept(1)
    {
    }
    RpcEndExcept ok(GetLastError() == 4321, "got %lu\n", GetLastError());
}

static void test_information(void)
{
    ULONG_PTR argument = 4711, seen = 0;
    void *address = NULL;

    RpcTryExcept
    {
        RaiseException(CODE_A, 0, 1, &argument);
    }
    RpcExcept((seen = GetExceptionInformation()->ExceptionRecord->ExceptionInformation[0],
               address = GetExceptionInformation()->ExceptionRecord->ExceptionAddress, 1))
    {
    }
    RpcEndExcept ok(seen == 4711, "got %u\n", (unsigned)seen);
    ok(address != NULL, "no address\n");
}

START_TEST(exceptions)
{
    test_caught();
    test_raised_by_rpc();
    test_access_violation();
    test_several_blocks();
    test_nested();
    test_order();
    test_nested_finally();
    test_raise_in_finally();
    test_leave();
    test_locals();
    test_continue_execution();
    test_recursion();
    test_inlined();
    test_threads();
    test_last_error();
    test_information();
}
