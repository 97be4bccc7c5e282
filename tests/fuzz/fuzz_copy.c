/* Any bytes as an archive that comes from a container: no crash, and nothing appears beside the folder it goes to. */
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/copy.h"

struct input {
    const uint8_t *data;
    size_t left;
};

static long next(void *arg, const void **data, struct err *err)
{
    struct input *in = arg;
    size_t n = in->left < 1000 ? in->left : 1000;
    (void)err;
    *data = in->data;
    in->data += n;
    in->left -= n;
    return (long)n;
}

/* Removes what is in it; says how many names there were. */
static int empty(int dir)
{
    int n = 0;
    DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
    for (struct dirent *e; d && (e = readdir(d)); n++) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) {
            n--;
            continue;
        }
        if (unlinkat(dir, e->d_name, 0) == 0)
            continue;
        int sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        assert(sub >= 0);
        empty(sub);
        close(sub);
        unlinkat(dir, e->d_name, AT_REMOVEDIR);
    }
    closedir(d);
    return n;
}

static char top[64];

static void leave(void)
{
    rmdir(top);
}

/* Made once, in memory where that can be: there are many runs. */
static int place(void)
{
    if (!*top) {
        snprintf(top, sizeof top, "%s/strata-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        assert(mkdtemp(top));
        atexit(leave);
    }
    int fd = open(top, O_RDONLY | O_DIRECTORY);
    assert(fd >= 0 && mkdirat(fd, "in", 0700) == 0);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct copy_io io = {.read = next, .arg = &in};
    struct copy_tally t;
    struct err err = {0};
    int out = place();
    int dir = openat(out, "in", O_RDONLY | O_DIRECTORY);
    enum err_code code = copy_unpack(&io, dir, "src", "dst", size & 1, &t, &err);
    assert(!code || *err.msg);
    assert(t.bytes <= size);
    assert(empty(dir) <= 1);             /* only what it was to be called */
    assert(empty(out) == 1);
    close(dir);
    close(out);
    return 0;
}
