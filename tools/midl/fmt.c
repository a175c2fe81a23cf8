/* A format string while it is written: its octets, and beside them the listing that goes into the stub, in
 * the layout MIDL gives it. */
#include "wire.h"

#include <string.h>

struct fmt type_fmt, proc_fmt;

struct item {
    int at, len;
    const char *comment, *note, *size_of;
};
struct items {
    struct item *v;
    int n, cap;
};

static struct items type_items, proc_items;

void fmt_reset(void)
{
    memset(&type_fmt, 0, sizeof(type_fmt));
    memset(&proc_fmt, 0, sizeof(proc_fmt));
    memset(&type_items, 0, sizeof(type_items));
    memset(&proc_items, 0, sizeof(proc_items));
}

static struct items *items_of(struct fmt *f)
{
    return f == &type_fmt ? &type_items : &proc_items;
}

static void add(struct fmt *f, const unsigned char *bytes, int len, const char *comment, const char *note)
{
    struct items *it = items_of(f);

    if (f->len + len >= f->cap) {
        f->cap = (f->len + len) * 2 + 64;
        f->data = mem_extend(f->data, f->len, f->cap);
    }
    if (it->n == it->cap) {
        it->cap = it->cap * 2 + 64;
        it->v = mem_extend(it->v, it->n * sizeof(*it->v), it->cap * sizeof(*it->v));
    }
    it->v[it->n++] = (struct item){f->len, len, comment, note, NULL};
    if (len)
        memcpy(f->data + f->len, bytes, len);
    f->len += len;
}

void fmt_byte(struct fmt *f, int value, const char *comment)
{
    unsigned char b = (unsigned char)value;

    add(f, &b, 1, comment ? comment : mem_print("%d", value), NULL);
}

void fmt_short(struct fmt *f, int value, const char *comment)
{
    unsigned char b[2] = {value & 0xff, (value >> 8) & 0xff};

    add(f, b, 2, comment ? comment : mem_print("%d", value), NULL);
}

void fmt_sizeof(struct fmt *f, const char *type)
{
    struct items *it = items_of(f);

    fmt_short(f, 0, "the size of a type that the IDL file does not know");
    it->v[it->n - 1].size_of = type;
}

void fmt_long(struct fmt *f, uint32_t v, const char *comment)
{
    unsigned char b[4] = {v & 0xff, (v >> 8) & 0xff, (v >> 16) & 0xff, v >> 24};

    add(f, b, 4, comment ? comment : mem_print("%d", (int)v), NULL);
}

/* Two octets that belong together, as a pointer's kind and flags: 3 marks it for the printer. */
void fmt_bytes2(struct fmt *f, int a, int b, const char *comment)
{
    unsigned char bytes[2] = {(unsigned char)a, (unsigned char)b};
    struct items *it = items_of(f);

    add(f, bytes, 2, comment, NULL);
    it->v[it->n - 1].len = -2;
}

void fmt_patch(struct fmt *f, int at, int value)
{
    struct items *it = items_of(f);
    int i;

    f->data[at] = value & 0xff;
    f->data[at + 1] = (value >> 8) & 0xff;
    for (i = it->n - 1; i >= 0; i--)
        if (it->v[i].at == at && it->v[i].len == 2)
            it->v[i].comment = mem_print("Offset= %d (%d)", (int16_t)value, at + (int16_t)value);
}

void fmt_note(struct fmt *f, const char *note)
{
    add(f, NULL, 0, NULL, note);
}

void fmt_print(struct fmt *f, struct text *out)
{
    struct items *it = items_of(f);
    int i;

    for (i = 0; i < it->n; i++) {
        struct item *v = &it->v[i];
        const unsigned char *b = f->data + v->at;

        if (v->note) {
            text_add(out, "\n\t/* %s */\n\n", v->note);
            continue;
        }
        if (v->at & 1 || v->at == 0)
            text_add(out, "\t\t\t");
        else
            text_add(out, "/* %2d */\t", v->at);
        if (v->size_of)
            text_add(out, "NdrFcShort( sizeof( %s ) ),\t", v->size_of);
        else if (v->len == 1)
            text_add(out, "0x%x,\t\t", b[0]);
        else if (v->len == -2)
            text_add(out, "0x%x, 0x%x,\t", b[0], b[1]);
        else if (v->len == 2)
            text_add(out, "NdrFcShort( 0x%x ),\t", b[0] | b[1] << 8);
        else
            text_add(out, "NdrFcLong( 0x%x ),\t", b[0] | b[1] << 8 | b[2] << 16 | (unsigned)b[3] << 24);
        text_add(out, "/* %s */\n", v->comment);
    }
    text_add(out, "\n\t\t\t0x0\n");
}

const char *fc_name(int fc)
{
    static const struct {
        int fc;
        const char *name;
    } names[] = {
        {0x01, "FC_BYTE"},
        {0x02, "FC_CHAR"},
        {0x03, "FC_SMALL"},
        {0x04, "FC_USMALL"},
        {0x05, "FC_WCHAR"},
        {0x06, "FC_SHORT"},
        {0x07, "FC_USHORT"},
        {0x08, "FC_LONG"},
        {0x09, "FC_ULONG"},
        {0x0a, "FC_FLOAT"},
        {0x0b, "FC_HYPER"},
        {0x0c, "FC_DOUBLE"},
        {0x0d, "FC_ENUM16"},
        {0x0e, "FC_ENUM32"},
        {0x0f, "FC_IGNORE"},
        {0x10, "FC_ERROR_STATUS_T"},
        {0x11, "FC_RP"},
        {0x12, "FC_UP"},
        {0x13, "FC_OP"},
        {0x14, "FC_FP"},
        {0x15, "FC_STRUCT"},
        {0x16, "FC_PSTRUCT"},
        {0x17, "FC_CSTRUCT"},
        {0x18, "FC_CPSTRUCT"},
        {0x19, "FC_CVSTRUCT"},
        {0x1a, "FC_BOGUS_STRUCT"},
        {0x1b, "FC_CARRAY"},
        {0x1c, "FC_CVARRAY"},
        {0x1d, "FC_SMFARRAY"},
        {0x1e, "FC_LGFARRAY"},
        {0x1f, "FC_SMVARRAY"},
        {0x20, "FC_LGVARRAY"},
        {0x21, "FC_BOGUS_ARRAY"},
        {0x22, "FC_C_CSTRING"},
        {0x23, "FC_C_BSTRING"},
        {0x24, "FC_C_SSTRING"},
        {0x25, "FC_C_WSTRING"},
        {0x26, "FC_CSTRING"},
        {0x27, "FC_BSTRING"},
        {0x28, "FC_SSTRING"},
        {0x29, "FC_WSTRING"},
        {0x2a, "FC_ENCAPSULATED_UNION"},
        {0x2b, "FC_NON_ENCAPSULATED_UNION"},
        {0x2c, "FC_BYTE_COUNT_POINTER"},
        {0x2d, "FC_TRANSMIT_AS"},
        {0x2e, "FC_REPRESENT_AS"},
        {0x2f, "FC_IP"},
        {0x30, "FC_BIND_CONTEXT"},
        {0x31, "FC_BIND_GENERIC"},
        {0x32, "FC_BIND_PRIMITIVE"},
        {0x33, "FC_AUTO_HANDLE"},
        {0x34, "FC_CALLBACK_HANDLE"},
        {0x36, "FC_POINTER"},
        {0x37, "FC_ALIGNM2"},
        {0x38, "FC_ALIGNM4"},
        {0x39, "FC_ALIGNM8"},
        {0x3d, "FC_STRUCTPAD1"},
        {0x3e, "FC_STRUCTPAD2"},
        {0x3f, "FC_STRUCTPAD3"},
        {0x40, "FC_STRUCTPAD4"},
        {0x41, "FC_STRUCTPAD5"},
        {0x42, "FC_STRUCTPAD6"},
        {0x43, "FC_STRUCTPAD7"},
        {0x44, "FC_STRING_SIZED"},
        {0x46, "FC_NO_REPEAT"},
        {0x47, "FC_FIXED_REPEAT"},
        {0x48, "FC_VARIABLE_REPEAT"},
        {0x49, "FC_FIXED_OFFSET"},
        {0x4a, "FC_VARIABLE_OFFSET"},
        {0x4b, "FC_PP"},
        {0x4c, "FC_EMBEDDED_COMPLEX"},
        {0x54, "FC_DEREFERENCE"},
        {0x55, "FC_DIV_2"},
        {0x56, "FC_MULT_2"},
        {0x57, "FC_ADD_1"},
        {0x58, "FC_SUB_1"},
        {0x59, "FC_CALLBACK"},
        {0x5a, "FC_CONSTANT_IID"},
        {0x5b, "FC_END"},
        {0x5c, "FC_PAD"},
        {0xb4, "FC_USER_MARSHAL"},
        {0xb5, "FC_PIPE"},
        {0xb7, "FC_RANGE"},
        {0xb8, "FC_INT3264"},
        {0xb9, "FC_UINT3264"},
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (names[i].fc == fc)
            return names[i].name;
    return mem_print("%d", fc);
}

/* The format character of a value; unsigned ones only differ where a count or a range is read (tfs_corr). */
int fc_base(enum base b)
{
    switch (b) {
    case B_BYTE:
        return 0x01;
    case B_CHAR:
    case B_UCHAR:
        return 0x02;
    case B_BOOLEAN:
    case B_SMALL:
        return 0x03;
    case B_USMALL:
        return 0x04;
    case B_WCHAR:
        return 0x05;
    case B_SHORT:
    case B_USHORT:
        return 0x06;
    case B_FLOAT:
        return 0x0a;
    case B_HYPER:
    case B_UHYPER:
        return 0x0b;
    case B_DOUBLE:
        return 0x0c;
    case B_ERROR_STATUS:
        return 0x10;
    case B_INT3264:
        return opt.win64 ? 0xb8 : 0x08;
    case B_UINT3264:
        return opt.win64 ? 0xb9 : 0x08;
    default:
        return 0x08;
    }
}
