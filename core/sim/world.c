/* The world: its realms, what is secret in it, and the order in which it comes to life. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/sim/sim.h"
#include "core/sim/world_cause.h"
#include "strata/clock.h"

#define TOKEN_MS (6 * 3600000LL)

struct sim *world_realm(struct world *w, const char *name, enum side side)
{
    struct sim *s = sim_alloc(sizeof(*s));
    s->world = w;
    s->name = name;
    s->side = side;
    return w->realm[w->nrealms++] = s;
}

struct sim *world_find(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->nrealms; i++)
        if (strcmp(w->realm[i]->name, name) == 0)
            return w->realm[i];
    return NULL;
}

void world_init(struct world *w)
{
    w->speed = 1;
    w->history_cap = 8192;
    w->mgmt = world_realm(w, "mgmt", SIDE_KUBE);
    w->tenant[0] = world_realm(w, "tenant-a", SIDE_KUBE);
    w->tenant[1] = world_realm(w, "tenant-b", SIDE_KUBE);
    w->cloud = world_realm(w, "RegionOne", SIDE_OSTK);
}

static uint64_t entropy(void)
{
    uint64_t v = 0;
    FILE *f = fopen("/dev/urandom", "rbe");
    if (!f || fread(&v, sizeof(v), 1, f) != 1)
        v = (uint64_t)clock_mono_us() ^ ((uint64_t)getpid() << 32);
    if (f)
        fclose(f);
    return v;
}

static char *secret(struct sim *s, size_t n)
{
    char *out = sim_alloc(n + 1);
    hex_id(s, out, n);
    return out;
}

static void users_make(struct sim *s)
{
    static const struct { const char *name; char role; } who[] = {{"admin", 'a'}, {"viewer", 'v'}, {"ns-only", 'n'}, {"nobody", 0}};
    for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++)
        s->users[i] = (struct user){.name = who[i].name, .token = secret(s, 32), .role = who[i].role};
}

/* A part of a token: base64 as URLs have it. */
static char *part(const char *text)
{
    char *out = sim_base64(text, strlen(text));
    for (char *p = out; *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? 0 : *p;
    return out;
}

/* The admin of the second tenant comes with the token of a service account, and it will not last. */
static void token_ends(struct sim *s, int64_t life_ms)
{
    int64_t now = clock_wall_ms();
    char *signature = secret(s, 64);
    char *claims = jdump(jt("{'aud':['https://kubernetes.default.svc.cluster.local'],'exp':%l,'iat':%l,'iss':'https://kubernetes.default.svc.cluster.local',"
                            "'sub':'system:serviceaccount:kube-system:ops-admin'}", (now + life_ms) / 1000, now / 1000 - 86400));
    char *head = part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}"), *middle = part(claims), *end = part(signature);
    s->users[0].token = sim_printf("%s.%s.%s", head, middle, end);
    s->users[0].expires_ms = now + life_ms;
    free(signature);
    free(claims);
    free(head);
    free(middle);
    free(end);
}

/* The names and ids of a realm depend on the world's seed and its own name only. */
static uint64_t seed_of(uint64_t seed, const char *name)
{
    uint64_t h = 0xcbf29ce484222325ULL ^ seed;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3ULL;
    return h;
}

bool world_open(struct world *w)
{
    struct sim *s = w->mgmt;
    for (size_t i = 0; i < w->nrealms; i++)                    /* secrets are never the same twice, names may be */
        w->realm[i]->seed = entropy();
    hex_id(s, w->secret, 32);
    w->password = secret(s, 20);
    w->appcred_id = secret(s, 32);
    w->appcred_secret = secret(s, 40);
    for (size_t i = 0; i < w->nrealms; i++)
        if (w->realm[i]->side == SIDE_KUBE)
            users_make(w->realm[i]);
    token_ends(w->tenant[1], TOKEN_MS);
    bool ok = tls_make(w);
    if (!w->seed)
        w->seed = entropy();
    for (size_t i = 0; i < w->nrealms; i++) {
        s = w->realm[i];
        s->seed = seed_of(w->seed, s->name);
        s->side == SIDE_KUBE ? kube_init(s) : ostk_init(s);
    }
    return ok;
}

void world_seed(struct world *w)
{
    for (size_t i = 0; i < w->nrealms; i++)
        w->realm[i]->side == SIDE_KUBE ? kube_seed(w->realm[i]) : ostk_seed(w->realm[i]);
    w->start_ms = clock_wall_ms();
    for (size_t i = 0; i < w->nrealms; i++)
        if (w->realm[i]->side == SIDE_KUBE)
            ctl_start(w->realm[i]);
    cause_start(w);
}
