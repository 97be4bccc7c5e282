/*
 * Purpose:   clouds.yaml, clouds-public.yaml, secure.yaml and OS_* by openstacksdk's rules
 *            (openstacksdk config/loader.py; our notes: openstack-peers 3.3).
 * Thread:    any; no shared state.
 * Ownership: clouds_free / cloud_free; strings inside are borrowed.
 * Errors:    ERR_CONFIG with file:line; ERR_NOTFOUND for an unknown cloud (names the known ones).
 */
#ifndef STRATA_CLOUDS_H
#define STRATA_CLOUDS_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/options.h"
#include "strata/str.h"

struct clouds;                              /* the merged files and environment */

/* environ_ is NULL-terminated "K=V" (pass environ); cwd/home as the process has them. */
enum err_code clouds_load(struct clouds **out, char *const *environ_, struct err *err);
void clouds_free(struct clouds *c);
size_t clouds_count(const struct clouds *c);
const char *clouds_name(const struct clouds *c, size_t i);
const char *clouds_default(const struct clouds *c);      /* NULL: none can be chosen */
const char *clouds_problems(const struct clouds *c);     /* sentences, one a line; "" if none */
const char *clouds_searched(const struct clouds *c);     /* paths looked at, one a line */
const char *clouds_file(const struct clouds *c);         /* the clouds.yaml that was read, or NULL */

/* One cloud, one region, resolved. Text values are NULL when unset. */
struct cloud {
    char *name, *region;
    char *auth_type;                        /* password, v3password, token, v3token, v3applicationcredential, v3totp,
                                               v3multifactor, v2password, none, admin_token, http_basic, ... */
    char **auth_methods; size_t nauth_methods;    /* v3multifactor */
    char *auth_url, *username, *user_id, *password, *token, *passcode;
    char *user_domain_name, *user_domain_id;
    char *project_name, *project_id, *project_domain_name, *project_domain_id;
    char *domain_name, *domain_id, *system_scope;
    char *app_cred_id, *app_cred_name, *app_cred_secret;
    char *endpoint;                         /* none / admin_token */
    char *interface;                        /* preference list "public" or "internal,public" */
    bool verify; char *cacert, *cert, *key; /* verify false = insecure */
    char **setting_names, **setting_values; size_t nsettings;  /* all other scalars: compute_endpoint_override, ... */
    char *where;                            /* file:line of the entry, or "environment" */
};
enum err_code clouds_get(const struct clouds *c, const char *name, const char *region, struct cloud *out, struct err *err);
/* Regions of a cloud: names; an empty list when none is known (ask clouds_get with region NULL). */
enum err_code clouds_regions(const struct clouds *c, const char *name, struct strlist *out, struct err *err);
void cloud_free(struct cloud *c);           /* secrets are overwritten */
/* Per-service setting: "endpoint_override", "interface", "region_name", "service_type", "service_name", "api_version",
 * "default_microversion" for a service type ("compute", "block-storage": '-' and '_' alike). NULL if unset. */
const char *cloud_service_setting(const struct cloud *c, const char *service, const char *key);
const char *cloud_setting(const struct cloud *c, const char *key);

#endif
