/* How many of a group must stay: what counts votes needs more than half, by its name or image; a budget tells what its owner wants. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"

const char *blast_voter(const char *text)
{
    static const char *const known[] = {"etcd", "mariadb", "galera", "rabbitmq", "zookeeper", "consul", "cockroach", "mongodb", "ceph-mon", "ovn-ovsdb"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(text, known[i]))
            return known[i];
    return NULL;
}

static bool by_label(const char *labels)
{
    static const char *const keys[] = {"application", "app", "app.kubernetes.io/name", "component"};
    for (const char *s = labels; *s; s += strcspn(s, ","), s += *s == ',') {
        char value[64];
        size_t key = strcspn(s, "="), n = strcspn(s, ",");
        for (size_t i = 0; i < sizeof keys / sizeof *keys && key < n; i++) {
            size_t len = n - key - 1 < sizeof value - 1 ? n - key - 1 : sizeof value - 1;
            if (strlen(keys[i]) != key || strncmp(s, keys[i], key) != 0)
                continue;
            memcpy(value, s + key + 1, len);
            value[len] = '\0';
            if (blast_voter(value))
                return true;
        }
    }
    return false;
}

/* The last part alone: registry and project may be called anything. */
static bool by_image(const char *images)
{
    for (size_t n; *images; images += n + (images[n] == ',')) {
        char image[128];
        n = strcspn(images, ",");
        size_t at = n;
        while (at && images[at - 1] != '/')
            at--;
        size_t len = n - at < sizeof image - 1 ? n - at : sizeof image - 1;
        memcpy(image, images + at, len);
        image[len] = '\0';
        if (blast_voter(image))
            return true;
    }
    return false;
}

bool link_votes(const struct row *set, const struct row *pod)
{
    if (strcmp(set->kind->id, "statefulsets") != 0)
        return false;
    return by_label(set->labels) || by_image(row_column(set, "images")) || by_label(pod->labels) || by_image(row_column(pod, "images"));
}

void link_budgets_of(const struct links *l, const struct row *pod, void (*fn)(void *arg, uint32_t node, const struct row *budget), void *arg)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        if (!link_kind_is(snap_kind(k->snap), "poddisruptionbudgets.policy"))
            continue;
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++) {
            const struct row *r = links_row(l, node);
            if (r && link_selects(l, r, pod))
                fn(arg, node, r);
        }
    }
}

static void wants(void *arg, uint32_t node, const struct row *budget)
{
    uint32_t *most = arg;
    long n = strtol(row_column(budget, "must-stay"), NULL, 10);
    (void)node;
    *most = n > (long)*most && n < INT32_MAX ? (uint32_t)n : *most;
}

uint32_t link_budget_wants(const struct links *l, const struct row *pod)
{
    uint32_t most = 0;
    link_budgets_of(l, pod, wants, &most);
    return most;
}
