/* Before the eldest file of the journal goes: the lines of what did not end are kept. */
#include "core/ops/journal_kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/ops/left.h"

static bool copy(FILE *to, const char *path, const struct lefts *l)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    bool ok = f || errno == ENOENT;
    for (ssize_t n; f && ok && (n = getline(&line, &cap, f)) > 0;)
        if (line[n - 1] == '\n' && lefts_have(l, line, (size_t)n))
            ok = fwrite(line, 1, (size_t)n, to) == (size_t)n;
    if (f)
        fclose(f);
    (free)(line);                         /* getline's own */
    return ok;
}

bool journal_keep_open(const char *path, const char *eldest)
{
    char kept[1100], tmp[1110];
    struct lefts open_ones = {0};
    snprintf(kept, sizeof(kept), "%s.kept", path);
    snprintf(tmp, sizeof(tmp), "%s.new", kept);
    if (access(eldest, F_OK) && access(kept, F_OK))
        return true;
    int fd = lefts_find_open(&open_ones, NULL) ? -1 : open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = f && copy(f, kept, &open_ones) && copy(f, eldest, &open_ones) && !fflush(f) && !fsync(fd);
    if (f)
        ok = !fclose(f) && ok;
    else if (fd >= 0)
        close(fd);
    ok = ok && !(open_ones.n ? rename(tmp, kept) : unlink(tmp));
    if (ok && !open_ones.n)
        unlink(kept);
    lefts_release(&open_ones);
    return ok;
}
