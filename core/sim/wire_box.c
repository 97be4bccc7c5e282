/* The files of a container: a sorted list of paths is all there is. */
#include "core/sim/wire_box.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool box_path(char out[BOX_PATH], const char *dir, const char *name)
{
    size_t len = 0;
    const char *parts[2] = {*name == '/' ? "" : dir, name};
    for (size_t i = 0; i < 2; i++) {
        for (const char *p = parts[i]; *p;) {
            size_t n = strcspn(p, "/");
            if (n == 2 && !memcmp(p, "..", 2)) {
                while (len && out[--len] != '/')
                    ;
            } else if (n && !(n == 1 && *p == '.')) {
                if (len + n + 2 > BOX_PATH)
                    return false;
                out[len++] = '/';
                memcpy(out + len, p, n);
                len += n;
            }
            p += n + (p[n] == '/');
        }
    }
    if (!len)
        out[len++] = '/';
    out[len] = 0;
    return true;
}

size_t box_from(const struct box *b, const char *path)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (strcmp(b->files[mid].path, path) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct box_file *box_find(const struct box *b, const char *path)
{
    size_t i = box_from(b, path);
    return i < b->n && !strcmp(b->files[i].path, path) ? &b->files[i] : NULL;
}

bool box_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    if (n == 1)
        return true;
    return !strncmp(path, folder, n) && (!path[n] || path[n] == '/');
}

static size_t all_bytes(const struct wire *w)
{
    size_t bytes = 0;
    for (const struct box *b = w->sim->world->boxes; b; b = b->next)
        for (size_t i = 0; i < b->n; i++)
            bytes += b->files[i].len;
    return bytes;
}

static struct box_file *insert(struct box *b, const char *path)
{
    size_t i = box_from(b, path);
    b->files = sim_grow(b->files, &b->cap, b->n + 1, sizeof(*b->files));
    memmove(b->files + i + 1, b->files + i, (b->n++ - i) * sizeof(*b->files));
    b->files[i] = (struct box_file){.path = sim_strdup(path)};
    return &b->files[i];
}

struct box_file *box_put(struct wire *w, const char *path, char type, unsigned mode, const char *data, size_t len)
{
    struct box *b = box_of(w);
    char up[BOX_PATH];
    snprintf(up, sizeof(up), "%s", path);
    char *slash = strrchr(up, '/');
    if (slash > up) {                                          /* its folder first */
        *slash = 0;
        struct box_file *dir = box_find(b, up);
        if (dir && dir->type != 'd')
            return errno = ENOTDIR, NULL;
        if (!dir && !box_put(w, up, 'd', 0755, NULL, 0))
            return NULL;
    }
    struct box_file *f = box_find(b, path);
    if (f && f->type == 'd')
        return type == 'd' ? f : (errno = EISDIR, NULL);
    if (b->n >= BOX_FILES || all_bytes(w) + len > BOX_MAX)
        return errno = ENOSPC, NULL;
    if (!f)
        f = insert(b, path);
    free(f->data);
    f->type = type;
    f->mode = mode;
    f->len = len;
    f->data = sim_alloc(len + 1);
    if (len)
        memcpy(f->data, data, len);
    return f;
}

void box_remove(struct wire *w, const char *path)
{
    struct box *b = box_of(w);
    size_t to = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (box_below(b->files[i].path, path) && strcmp(b->files[i].path, "/")) {
            free(b->files[i].path);
            free(b->files[i].data);
        } else {
            b->files[to++] = b->files[i];
        }
    }
    b->n = to;
}

struct box *box_of(struct wire *w)
{
    static const char *const folders[] = {"/", "/bin", "/dev", "/etc", "/proc", "/root", "/tmp", "/usr", "/var"};
    struct box *b = w->sim->world->boxes;
    while (b && (strcmp(b->uid, w->uid) != 0 || strcmp(b->container, w->container) != 0))
        b = b->next;
    if (b)
        return b;
    b = sim_alloc(sizeof(*b));
    b->uid = sim_strdup(w->uid);
    b->container = sim_strdup(w->container);
    b->next = w->sim->world->boxes;
    w->sim->world->boxes = b;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        insert(b, folders[i])->type = 'd', box_find(b, folders[i])->mode = 0755;
    char *name = sim_printf("%s\n", w->pod);
    static const char hostile[] = "\033]0;owned\007\033[2Jhostile\n";
    box_put(w, "/etc/hostname", 'f', 0644, name, strlen(name));
    box_put(w, "/etc/hostile", 'f', 0644, hostile, sizeof(hostile) - 1);
    free(name);
    return b;
}
