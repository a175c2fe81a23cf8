/* Between tfs*.c. */
#ifndef MIDL_TFS_H
#define MIDL_TFS_H

#include "wire.h"

void tfs_pointer_body(struct wire *w, int flags); /* the four octets, the pointee placed or still to come */
void tfs_target(struct wire *w); /* a 16-bit offset to w's description, patched when it comes */
int tfs_struct(struct wire *w);
int tfs_array(struct wire *w, bool in_conformant_struct);
int tfs_union(struct wire *w);
int tfs_encapsulated(struct wire *w);
void tfs_dependencies(struct wire *w);      /* writes what w's description will point to */
void tfs_embedded(struct wire *w, int pad); /* FC_EMBEDDED_COMPLEX */
void tfs_array_layout(struct wire *w); /* pointer layout of an array of pointers or of records with them */
void tfs_struct_layout(struct wire *w);
int tfs_find(const char *key); /* offset of an earlier identical description, or -1 */
void tfs_remember(const char *key, int at);
const char *tfs_key(struct wire *w);

#endif
