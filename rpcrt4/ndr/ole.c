/*
 * ole32 for interface pointers, loaded when the first one is met and then kept. A stream over the octets of
 * the message is all that COM is given to read or write. Its vtable's methods run on the calling thread
 * alone.
 */
#define COBJMACROS
#include "ole.h"
#include <objidl.h>
#include <string.h>

struct ole {
    HRESULT(WINAPI *CoGetMarshalSizeMax)(ULONG *, REFIID, IUnknown *, DWORD, void *, DWORD);
    HRESULT(WINAPI *CoMarshalInterface)(IStream *, REFIID, IUnknown *, DWORD, void *, DWORD);
    HRESULT(WINAPI *CoUnmarshalInterface)(IStream *, REFIID, void **);
};

static const struct ole *ole32(void)
{
    static struct ole ole;
    static LONG ready;
    HMODULE module;

    if (InterlockedCompareExchange(&ready, 0, 0))
        return &ole;
    module = LoadLibraryW(L"ole32.dll");
    if (!module)
        ndr_raise(GetLastError());
    ole.CoGetMarshalSizeMax = (void *)GetProcAddress(module, "CoGetMarshalSizeMax");
    ole.CoMarshalInterface = (void *)GetProcAddress(module, "CoMarshalInterface");
    ole.CoUnmarshalInterface = (void *)GetProcAddress(module, "CoUnmarshalInterface");
    if (!ole.CoGetMarshalSizeMax || !ole.CoMarshalInterface || !ole.CoUnmarshalInterface)
        ndr_raise(ERROR_PROC_NOT_FOUND);
    InterlockedExchange(&ready, 1);
    return &ole;
}

/* ---- a stream over octets; lives on the C stack of one call, so its references are only counted */

struct stream {
    IStream stream;
    LONG references;
    unsigned char *octets;
    ULONG position, size;
};

static struct stream *stream_of(IStream *stream)
{
    return CONTAINING_RECORD(stream, struct stream, stream);
}

static HRESULT WINAPI stream_QueryInterface(IStream *stream, REFIID iid, void **object)
{
    static const GUID unknown = {0x00000000, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
    static const GUID sequential = {0x0c733a30, 0x2a1c, 0x11ce, {0xad, 0xe5, 0, 0xaa, 0, 0x44, 0x77, 0x3d}};
    static const GUID whole = {0x0000000c, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};

    if (memcmp(iid, &unknown, 16) && memcmp(iid, &sequential, 16) && memcmp(iid, &whole, 16)) {
        *object = NULL;
        return E_NOINTERFACE;
    }
    *object = stream;
    IStream_AddRef(stream);
    return S_OK;
}

static ULONG WINAPI stream_AddRef(IStream *stream)
{
    return InterlockedIncrement(&stream_of(stream)->references);
}

static ULONG WINAPI stream_Release(IStream *stream)
{
    return InterlockedDecrement(&stream_of(stream)->references);
}

static HRESULT WINAPI stream_Read(IStream *iface, void *to, ULONG count, ULONG *done)
{
    struct stream *stream = stream_of(iface);
    ULONG left = stream->size - stream->position, given = count < left ? count : left;

    memcpy(to, stream->octets + stream->position, given);
    stream->position += given;
    if (done)
        *done = given;
    return given == count ? S_OK : S_FALSE;
}

static HRESULT WINAPI stream_Write(IStream *iface, const void *from, ULONG count, ULONG *done)
{
    struct stream *stream = stream_of(iface);

    if (done)
        *done = 0;
    if (count > stream->size - stream->position)
        return STG_E_MEDIUMFULL;
    memcpy(stream->octets + stream->position, from, count);
    stream->position += count;
    if (done)
        *done = count;
    return S_OK;
}

static HRESULT WINAPI stream_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *now)
{
    struct stream *stream = stream_of(iface);
    LONGLONG target = move.QuadPart + (origin == STREAM_SEEK_CUR   ? stream->position
                                       : origin == STREAM_SEEK_END ? stream->size
                                                                   : 0);

    if (origin > STREAM_SEEK_END || target < 0 || target > stream->size)
        return STG_E_INVALIDFUNCTION;
    stream->position = (ULONG)target;
    if (now)
        now->QuadPart = stream->position;
    return S_OK;
}

static HRESULT WINAPI stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    (void)iface, (void)size;
    return S_OK;
}

static HRESULT WINAPI stream_CopyTo(IStream *iface, IStream *to, ULARGE_INTEGER count, ULARGE_INTEGER *read,
                                    ULARGE_INTEGER *written)
{
    (void)iface, (void)to, (void)count, (void)read, (void)written;
    return E_NOTIMPL;
}

static HRESULT WINAPI stream_Commit(IStream *iface, DWORD flags)
{
    (void)iface, (void)flags;
    return S_OK;
}

static HRESULT WINAPI stream_Revert(IStream *iface)
{
    (void)iface;
    return E_NOTIMPL;
}

static HRESULT WINAPI stream_Region(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER count, DWORD type)
{
    (void)iface, (void)offset, (void)count, (void)type;
    return STG_E_INVALIDFUNCTION;
}

static HRESULT WINAPI stream_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    (void)flags;
    memset(stat, 0, sizeof(*stat));
    stat->type = STGTY_STREAM;
    stat->cbSize.QuadPart = stream_of(iface)->size;
    return S_OK;
}

static HRESULT WINAPI stream_Clone(IStream *iface, IStream **clone)
{
    (void)iface;
    *clone = NULL;
    return E_NOTIMPL;
}

static IStreamVtbl stream_vtable = {
    stream_QueryInterface, stream_AddRef,  stream_Release, stream_Read,   stream_Write,
    stream_Seek,           stream_SetSize, stream_CopyTo,  stream_Commit, stream_Revert,
    stream_Region,         stream_Region,  stream_Stat,    stream_Clone,
};

static void open_stream(struct stream *stream, unsigned char *octets, ULONG size)
{
    stream->stream.lpVtbl = &stream_vtable;
    stream->references = 1;
    stream->octets = octets;
    stream->position = 0;
    stream->size = size;
}

static void must(HRESULT result)
{
    if (FAILED(result))
        ndr_raise(result);
}

ULONG ole_marshal_size(const void *iid, void *object, ULONG destination, void *context)
{
    ULONG size = 0;

    must(ole32()->CoGetMarshalSizeMax(&size, iid, object, destination, context, MSHLFLAGS_NORMAL));
    return size;
}

ULONG ole_marshal(const void *iid, void *object, ULONG destination, void *context, unsigned char *buffer,
                  ULONG room)
{
    struct stream stream;

    open_stream(&stream, buffer, room);
    must(ole32()->CoMarshalInterface(&stream.stream, iid, object, destination, context, MSHLFLAGS_NORMAL));
    return stream.position;
}

void *ole_unmarshal(const void *iid, unsigned char *reference, ULONG size)
{
    struct stream stream;
    void *object = NULL;

    open_stream(&stream, reference, size);
    must(ole32()->CoUnmarshalInterface(&stream.stream, iid, &object));
    return object;
}

void ole_release(void *object)
{
    IUnknown_Release((IUnknown *)object);
}
