/* What a client needs: kubeconfig, clouds.yaml, a kubeconfig with every kind of trouble, the control file. All 0600. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sim/scenario.h"
#include "core/sim/sim.h"

#define OWNER "owner"                                          /* locked by who made the directory, as long as it lives */

static const char *const names[] = {"kubeconfig", "kubeconfig-all", "clouds.yaml", "secure.yaml", "hints", "story", "sim.json", "ca.pem", "viewer.token", OWNER};

static bool put_file(struct world *w, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t n = strlen(text);
    bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n;
    if (!ok)
        fprintf(stderr, "strata-sim: %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

static void add_cluster(struct str *k, const char *name, int port, const char *ca)
{
    str_addf(k, "- name: %s\n  cluster: {server: 'https://127.0.0.1:%d'%s%s}\n", name, port, ca ? ", certificate-authority-data: " : "",
             ca ? ca : "");
}

static void add_context(struct str *k, const char *name, const char *cluster, const char *user, const char *ns)
{
    str_addf(k, "- name: %s\n  context: {cluster: %s, user: %s%s%s}\n", name, cluster, user, ns ? ", namespace: " : "", ns ? ns : "");
}

static void add_user(struct str *k, const char *name, const char *token)
{
    str_addf(k, "- name: %s\n  user: {token: %s}\n", name, token);
}

static bool kubeconfigs(struct world *w)
{
    struct str k;
    char *ca = sim_base64(w->ca_pem, strlen(w->ca_pem));
    str_init(&k, 0);
    str_adds(&k, "apiVersion: v1\nkind: Config\ncurrent-context: mgmt\nclusters:\n");
    add_cluster(&k, "mgmt", w->mgmt->port, ca);
    for (size_t i = 0; i < TENANTS; i++)
        add_cluster(&k, w->tenant[i]->name, w->tenant[i]->port, ca);
    str_adds(&k, "contexts:\n");
    add_context(&k, "mgmt", "mgmt", "admin", NULL);
    add_context(&k, "mgmt-viewer", "mgmt", "viewer", NULL);
    for (size_t i = 0; i < TENANTS; i++)
        add_context(&k, w->tenant[i]->name, w->tenant[i]->name, w->tenant[i]->name, NULL);
    str_adds(&k, "users:\n");
    for (size_t i = 0; i < TENANTS; i++)
        add_user(&k, w->tenant[i]->name, w->tenant[i]->users[0].token);
    add_user(&k, "admin", w->mgmt->users[0].token);
    add_user(&k, "viewer", w->mgmt->users[1].token);
    bool ok = put_file(w, "kubeconfig", k.data);
    str_clear(&k);
    str_adds(&k, "apiVersion: v1\nkind: Config\ncurrent-context: admin\nclusters:\n");
    add_cluster(&k, "mgmt", w->mgmt->port, ca);
    add_cluster(&k, "wrong-ca", w->mgmt->port, NULL);
    add_cluster(&k, "unreachable", 1, ca);
    str_adds(&k, "contexts:\n");
    for (const struct user *u = w->mgmt->users; u->name; u++)
        add_context(&k, u->name, "mgmt", u->name, u->role == 'n' ? "openstack" : NULL);
    add_context(&k, "bad-token", "mgmt", "bad-token", NULL);
    add_context(&k, "token-file", "mgmt", "token-file", NULL);
    add_context(&k, "exec-fails", "mgmt", "exec-fails", NULL);
    add_context(&k, "wrong-ca", "wrong-ca", "admin", NULL);
    add_context(&k, "unreachable", "unreachable", "admin", NULL);
    str_adds(&k, "users:\n");
    for (const struct user *u = w->mgmt->users; u->name; u++)
        add_user(&k, u->name, u->token);
    add_user(&k, "bad-token", "not-a-token");
    str_adds(&k, "- name: token-file\n  user: {tokenFile: viewer.token}\n");
    str_adds(&k, "- name: exec-fails\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: strata-sim-no-such-plugin, "
                 "interactiveMode: Never, installHint: install the plugin of the demo cloud}\n");
    ok = put_file(w, "kubeconfig-all", k.data) && put_file(w, "viewer.token", w->mgmt->users[1].token) && ok;
    str_release(&k);
    free(ca);
    return ok;
}

static void add_cloud(struct str *y, const struct world *w, const char *dir, const char *name, const char *user, const char *project)
{
    str_addf(y, "  %s:\n    auth: {auth_url: 'https://127.0.0.1:%d/identity/v3', username: %s, password: %s, project_name: %s, "
                "user_domain_name: Default, project_domain_name: Default}\n    region_name: RegionOne\n    identity_api_version: 3\n    cacert: '%s/ca.pem'\n",
             name, w->cloud->port, user, w->password, project, dir);
}

static bool clouds(struct world *w)
{
    struct str y;
    char *full = realpath(w->dir, NULL);                       /* clients read it from wherever they are */
    const char *dir = full ? full : w->dir;
    str_init(&y, 0);
    str_adds(&y, "clouds:\n");
    add_cloud(&y, w, dir, "demo", "admin", "admin");
    add_cloud(&y, w, dir, "demo-member", "demo", "demo");
    str_addf(&y, "  demo-appcred:\n    auth_type: v3applicationcredential\n    auth: {auth_url: 'https://127.0.0.1:%d/identity/v3', "
                 "application_credential_id: %s, application_credential_secret: %s}\n    region_name: RegionOne\n    identity_api_version: 3\n    cacert: '%s/ca.pem'\n",
             w->cloud->port, w->appcred_id, w->appcred_secret, dir);
    bool ok = put_file(w, "clouds.yaml", y.data);
    free(full);
    str_release(&y);
    return ok;
}

bool files_write(struct world *w)
{
    char *hints = scenario_hints(w->scenario, w->speed);
    char *control = sim_printf("{\"control\": \"https://127.0.0.1:%d/_sim/fault\", \"secret\": \"%s\", \"kubernetes\": \"https://127.0.0.1:%d\", "
                               "\"openstack\": \"https://127.0.0.1:%d\", \"token\": \"%s\", \"password\": \"%s\", \"vm\": \"127.0.0.1:%d\"}\n",
                               w->cloud->port, w->secret, w->mgmt->port, w->cloud->port, w->mgmt->users[0].token, w->password, w->vm_at);
    bool ok = put_file(w, "ca.pem", w->ca_pem) && kubeconfigs(w) && clouds(w) && put_file(w, "secure.yaml", "") && put_file(w, "hints", hints) && put_file(w, "story", "") && put_file(w, "sim.json", control);
    free(hints);
    free(control);
    return ok;
}


/* Our own, complete, and nobody holds the lock: who made it was killed. */
static bool orphaned(int at)
{
    struct stat st;
    if (fstat(at, &st) != 0 || st.st_uid != geteuid() || faccessat(at, "kubeconfig", F_OK, 0) != 0)
        return false;
    int fd = openat(at, OWNER, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    bool yes = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static void remove_all(int at)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlinkat(at, names[i], 0);
}

/* A file that we would write is there already, and who made it is no demo cloud that was killed. */
static const char *in_the_way(int at)
{
    if (orphaned(at))
        remove_all(at);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (faccessat(at, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
            return names[i];
    return NULL;
}

bool files_own(struct world *w)
{
    int at = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *other = at >= 0 ? in_the_way(at) : NULL;
    int fd = at >= 0 && !other ? openat(at, OWNER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (other)
        fprintf(stderr, "strata-sim: %s has a file %s that is not this demo cloud's; give another directory, or none\n", w->dir, other);
    else if (fd < 0)
        fprintf(stderr, "strata-sim: cannot write in %s: %s\n", w->dir, strerror(errno));
    if (at >= 0)
        close(at);
    w->owned = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;   /* stays open: the lock goes with the process, however it ends */
    return w->owned;
}

void files_sweep(const char *in)
{
    static const char prefix[] = "strata-sim.";
    DIR *all = opendir(in);
    for (struct dirent *e; all && (e = readdir(all));) {
        int at = strncmp(e->d_name, prefix, sizeof(prefix) - 1) == 0 ? openat(dirfd(all), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (at >= 0 && orphaned(at)) {
            remove_all(at);
            unlinkat(dirfd(all), e->d_name, AT_REMOVEDIR);
        }
        if (at >= 0)
            close(at);
    }
    if (all)
        closedir(all);
}

void files_remove(struct world *w)
{
    char path[4096];
    for (size_t i = 0; w->owned && i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
        unlink(path);
    }
    if (w->own_dir)
        rmdir(w->own_dir);
}
