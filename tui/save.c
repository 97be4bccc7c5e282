/* Text is written to a file of the user's choice: a new one, nobody else's to read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "strata/mem.h"
#include "tui/view_text.h"

struct save {
    char *text;
    size_t len;
    void (*saved)(void *arg);
    void *arg;
};

static void save_done(struct app *a, void *arg, const char *path, bool ok)
{
    struct save *sv = arg;
    int fd = ok && *path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        size_t at = 0;
        while (at < sv->len) {
            ssize_t n = write(fd, sv->text + at, sv->len - at);
            if (n < 0 && errno != EINTR)
                break;
            at += n > 0 ? (size_t)n : 0;
        }
        if (close(fd) || at < sv->len)
            app_error(a, "%s: written only in part: %s", path, strerror(errno));
        else {
            app_info(a, "saved %zu bytes to %s", sv->len, path);
            if (sv->saved)
                sv->saved(sv->arg);
        }
    } else if (ok && *path) {
        app_error(a, errno == EEXIST ? "%s is there already; nothing was written" : "%s cannot be written (%s)", path, strerror(errno));
    }
    mem_free(sv->text);
    mem_free(sv);
}

void save_text(struct app *a, const char *name, char *text, size_t len, void (*saved)(void *arg), void *arg)
{
    static const struct prompt_ops ops = {.label = "save as ", .done = save_done};
    struct save *sv = text ? mem_alloc(sizeof(*sv)) : NULL;
    if (!sv) {
        mem_free(text);
        app_error(a, "out of memory");
        return;
    }
    *sv = (struct save){text, len, saved, arg};
    app_prompt(a, &ops, sv, name);
}

