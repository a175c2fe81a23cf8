/* What the SDK's rpcndr.h has and mingw-w64's leaves out: headers made by MIDL write IDL's small by its name.
 */
#include_next <rpcndr.h>
#if !defined(small) && !defined(_RPCRT4_)
#define small char
#endif
