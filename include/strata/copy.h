/*
 * Purpose:   files to and from a container as a tar stream: what "NS/POD:PATH" means, packing what is here, unpacking what
 *            comes from there without ever leaving the place it goes to.
 * Thread:    any; blocks in the callbacks of its caller.
 * Ownership: nothing is kept. Names told by callbacks are clean and borrowed for the call.
 * Errors:    one sentence; what was whole by then stays, a file that was not is removed.
 * Units:     bytes.
 */
#ifndef STRATA_COPY_H
#define STRATA_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"

/* One end: "POD:PATH" or "NS/POD:PATH" where what stands before the first colon can be the name of a pod; else a file here.
 * So "./a:b" and "/a:b" are files. */
struct copy_end {
    char ns[64], pod[256];              /* pod "": it is here */
    const char *path;                   /* into the text it was read from */
};
enum err_code copy_end_read(struct copy_end *e, const char *text, struct err *err);
/* The folder and the last name of a path, without what changes nothing ("a//b/", "a/./b"). name "": it is all of dir ("/", ".", "a/.."). */
bool copy_split(const char *path, char *dir, char *name, size_t size);       /* false: longer than size */

struct copy_tally {
    uint64_t files, dirs, links, bytes;
    uint64_t left_out;                  /* told by note() */
};
struct copy_io {
    /* unpacking: the next piece, which stays until the next call; 0 the end, -1 it broke and *err is filled */
    long (*read)(void *arg, const void **data, struct err *err);
    /* packing: false: it broke and *err is filled */
    bool (*write)(void *arg, const void *data, size_t len, struct err *err);
    void (*note)(void *arg, const char *sentence);               /* something was left out; may be NULL */
    void (*progress)(void *arg, const struct copy_tally *t);     /* may be NULL */
    void *arg;
};

/* Unpacks entry `from` and all below it as `to` (one name, no '/') into the open folder dirfd. What is there is not touched
 * unless force, and then only files. Nothing follows a link; links that lead out, devices and the like are left out. */
enum err_code copy_unpack(const struct copy_io *io, int dirfd, const char *from, const char *to, bool force, struct copy_tally *t, struct err *err);
/* Packs the file or folder `path` as `as`. A link is followed for path itself, inside they are packed as links. */
enum err_code copy_pack(const struct copy_io *io, const char *path, const char *as, struct copy_tally *t, struct err *err);

#endif
