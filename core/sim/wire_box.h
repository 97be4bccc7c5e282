/*
 * Purpose:   the files of a container of the demo cloud, in memory and bounded, and what its programs do with them.
 * Thread:    the one.
 * Ownership: the world's; a box is found by the pod's uid and the container.
 */
#ifndef STRATA_SIM_WIRE_BOX_H
#define STRATA_SIM_WIRE_BOX_H

#include "core/sim/wire.h"

enum { BOX_MAX = 64 << 20 /* bytes of all files of all boxes, and of one archive */, BOX_FILES = 20000, BOX_PATH = 1024 };

struct box_file {
    char *path;                                                /* absolute, without "." and ".." */
    char type;                                                 /* 'f', 'd', 'l' */
    unsigned mode;
    char *data;                                                /* of a file; the target of a link */
    size_t len;
};
struct box {
    struct box *next;
    char *uid, *container;
    struct box_file *files;                                    /* sorted by path */
    size_t n, cap;
};
struct box *box_of(struct wire *w);
struct box_file *box_find(const struct box *b, const char *path);
size_t box_from(const struct box *b, const char *path);       /* the first at or after it */
bool box_below(const char *path, const char *folder);          /* in it, or itself */
/* Replaces what was there; its folders are made. NULL: errno is ENOSPC, EISDIR or ENOTDIR. */
struct box_file *box_put(struct wire *w, const char *path, char type, unsigned mode, const char *data, size_t len);
void box_remove(struct wire *w, const char *path);             /* and all below it */
bool box_path(char out[BOX_PATH], const char *dir, const char *name);      /* false: too long */

/* wire_tar.c: "tar" with these words. The exit status, or -1: it reads what comes (tar_end), or *out is to be written, then it ends with *code. */
struct tar_job { char *dir; bool verbose; struct str in, out; size_t out_at; int code; };
int tar_start(struct wire *w, char **a, struct tar_job *job);
int tar_end(struct wire *w, struct tar_job *job);              /* the input has ended */

void wire_say(struct wire *w, unsigned to, const char *fmt, ...) __attribute__((format(printf, 3, 4)));      /* wire_shell.c; 1 output, 2 errors */

#endif
