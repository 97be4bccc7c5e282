/*
 * Purpose:   kubeconfig as kubectl reads it (client-go clientcmd rules).
 * Thread:    any; no shared state.
 * Ownership: kubeconfig_free frees everything; entries are borrowed.
 * Errors:    ERR_CONFIG with file:line; one broken file does not hide the others (see problems).
 */
#ifndef STRATA_KUBECONFIG_H
#define STRATA_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/str.h"

struct kube_exec {
    char *command, **args, **env_names, **env_values; size_t nargs, nenv;
    char *api_version;            /* client.authentication.k8s.io/v1 or v1beta1 */
    char *install_hint;
    bool provide_cluster_info;
    enum { EXEC_NEVER, EXEC_IF_AVAILABLE, EXEC_ALWAYS } interactive;
    char *dir;                    /* of the kubeconfig file: a relative command with a slash starts there */
};
struct kube_cluster {
    char *name, *server, *ca_file, *ca_data /* decoded PEM */, *tls_server_name, *proxy_url, *where;
    char *problem;                /* sentence with file:line: why this entry cannot be used; NULL = it can */
    bool insecure, disable_compression;
};
struct kube_user {
    char *name, *cert_file, *cert_data, *key_file, *key_data, *token, *token_file, *username, *password, *where;
    char *as, *as_uid, **as_groups; size_t nas_groups;
    char **as_extra_keys, **as_extra_values; size_t nas_extra;   /* one entry per value */
    char *auth_provider;          /* name of a legacy provider, or NULL: not supported, said so */
    struct kube_exec *exec;
    char *problem;                /* as in kube_cluster */
};
struct kube_context { char *name, *cluster, *user, *namespace_, *where, *problem; };

struct kube_note { int section; size_t entry, start, end; };   /* bytes of `problems`; section -1: an entry without a name */

struct kubeconfig {
    struct kube_cluster *clusters; size_t nclusters;
    struct kube_user *users; size_t nusers;
    struct kube_context *contexts; size_t ncontexts;
    char *current;
    char **files; size_t nfiles;            /* read, in order */
    struct str problems;                    /* sentences, one a line, with file:line */
    struct kube_note *notes; size_t nnotes; /* whom they concern; without a note: everybody */
    bool in_cluster;
};

/* path: --kubeconfig or NULL = KUBECONFIG list (first file wins per entry and per scalar), else ~/.kube/config,
 * else the in-cluster service account (context "in-cluster"). No file at all: ERR_NOTFOUND, problems lists
 * where was looked. A missing file of several in KUBECONFIG is skipped, an explicit one is an error. */
enum err_code kubeconfig_load(struct kubeconfig *kc, const char *path, struct err *err);
enum err_code kubeconfig_parse(struct kubeconfig *kc, const char *text, size_t len, const char *file, struct err *err); /* merges */
void kubeconfig_init(struct kubeconfig *kc);
void kubeconfig_free(struct kubeconfig *kc);
/* Can this context be used? Its cluster exists, and cluster and user are without problems (kubectl's own
 * checks: a user that is not defined is none of them, the requests then go without credentials). */
enum err_code kubeconfig_check(const struct kubeconfig *kc, const char *context, struct err *err);
/* Appends to out the sentences a user of this context should read, each once: those of whole files, of the context, its
 * cluster and its user; not the one that kubeconfig_check gives. A user that is nowhere defined is said here. */
void kubeconfig_concerns(const struct kubeconfig *kc, const char *context, struct str *out);
const struct kube_context *kubeconfig_context(const struct kubeconfig *kc, const char *name); /* NULL if none */
const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *kc, const char *name);
const struct kube_user *kubeconfig_user(const struct kubeconfig *kc, const char *name);

#endif
