/*
 * Extended error information under libFuzzer: what is understood is touched whole, and comes back the same
 * when it is encoded and decoded again.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/eerr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum;

static void touch(const struct eerr_text *text, size_t width)
{
    for (size_t i = 0; i < text->count * width; i++)
        sum += text->octets[i];
}

static void again(const struct eerr_record *records, unsigned count)
{
    static struct eerr_record others[EERR_RECORDS];
    size_t length = eerr_encode(NULL, 0, records, count);
    uint8_t *out = malloc(length);
    unsigned other_count, i, k;
    bool big;

    if (eerr_encode(out, length, records, count) != length ||
        !eerr_decode(out, length, others, &other_count, &big) || other_count != count)
        abort();
    for (i = 0; i < count; i++) {
        if (others[i].status != records[i].status || others[i].time != records[i].time ||
            others[i].count != records[i].count || others[i].computer.count != records[i].computer.count)
            abort();
        for (k = 0; k < records[i].count; k++)
            if (others[i].params[k].type != records[i].params[k].type ||
                others[i].params[k].value != records[i].params[k].value ||
                others[i].params[k].text.count != records[i].params[k].text.count)
                abort();
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct eerr_record records[EERR_RECORDS];
    unsigned count, i, k;
    bool big;

    if (!eerr_decode(data, size, records, &count, &big))
        return 0;
    for (i = 0; i < count; i++) {
        touch(&records[i].computer, 2);
        for (k = 0; k < records[i].count; k++)
            touch(&records[i].params[k].text, records[i].params[k].type == EERR_UNICODE ? 2 : 1);
    }
    again(records, count);
    return 0;
}
