/*
 * The Security option of ncalrpc and ncacn_np, SDK page "String Binding": what a server may do with the
 * client's identity. Owns nothing.
 */
#include "pipe.h"
#include <winnls.h>

/* The three sets of the page: each is asked for by exactly one word. */
enum { LEVEL, TRACKING, EFFECTIVE, SETS };

static const struct {
    WCHAR word[16];
    unsigned set;
    DWORD quality;
} words[] = {
    {L"anonymous", LEVEL, SECURITY_ANONYMOUS},
    {L"identification", LEVEL, SECURITY_IDENTIFICATION},
    {L"impersonation", LEVEL, SECURITY_IMPERSONATION},
    {L"dynamic", TRACKING, SECURITY_CONTEXT_TRACKING},
    {L"static", TRACKING, 0},
    {L"true", EFFECTIVE, SECURITY_EFFECTIVE_ONLY},
    {L"false", EFFECTIVE, 0},
};

static BOOL same_text(const WCHAR *a, int length, const WCHAR *b)
{
    return CompareStringOrdinal(a, length, b, -1, TRUE) == CSTR_EQUAL;
}

/* The index of the word that stands at text, ARRAYSIZE(words) where none does. */
static unsigned find_word(const WCHAR *text, int length)
{
    unsigned i;

    for (i = 0; i < ARRAYSIZE(words) && !same_text(text, length, words[i].word); i++)
        ;
    return i;
}

/* "One entry from each of the sets of security option values must also be supplied. The option values must be
 * separated by a single-space character." That the sets may come in any order is unverified on Windows. */
BOOL pipe_quality(const WCHAR *options, DWORD *quality)
{
    static const WCHAR name[] = L"security=";
    const int length = ARRAYSIZE(name) - 1;
    const WCHAR *at = options + length;
    unsigned seen = 0, i, word;

    /* dynamic is "the default mode"; a server may impersonate: unverified on Windows */
    *quality = SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION | SECURITY_CONTEXT_TRACKING;
    if (!*options)
        return TRUE;
    if (wcslen(options) <= (size_t)length || !same_text(options, length, name))
        return FALSE;
    *quality = SECURITY_SQOS_PRESENT;
    for (i = 0; i < SETS; i++) {
        int end = (int)wcscspn(at, L" ");

        word = find_word(at, end);
        if (word == ARRAYSIZE(words) || seen & 1u << words[word].set)
            return FALSE;
        seen |= 1u << words[word].set;
        *quality |= words[word].quality;
        at += end + (at[end] && i < SETS - 1);
    }
    return !*at;
}

BOOL pipe_valid_options(const WCHAR *options)
{
    DWORD quality;

    return pipe_quality(options, &quality);
}
