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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char top[] = "/tmp/strata-fuzz-XXXXXX";
    struct input in = {data, size};
    struct copy_io io = {.read = next, .arg = &in};
    struct copy_tally t;
    struct err err = {0};
    assert(mkdtemp(top));
    int out = open(top, O_RDONLY | O_DIRECTORY);
    assert(out >= 0 && mkdirat(out, "in", 0700) == 0);
    int dir = openat(out, "in", O_RDONLY | O_DIRECTORY);
    enum err_code code = copy_unpack(&io, dir, "src", "dst", size & 1, &t, &err);
    assert(!code || *err.msg);
    assert(t.bytes <= size);
    assert(empty(dir) <= 1);             /* only what it was to be called */
    assert(empty(out) == 1);
    close(dir);
    close(out);
    rmdir(top);
    return 0;
}
