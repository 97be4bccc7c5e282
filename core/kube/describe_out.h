/*
 * Purpose:   inside describe: text with elastic columns, and the sections many kinds share.
 * Thread:    net thread.
 * Ownership: a desc lives for one description; texts from d_clean live as long as it.
 * Errors:    sticky in desc.raw.failed; checked once at the end.
 *
 * Columns: cells end with a tab. Cells of the same column in consecutive lines are made equally wide, as Go's tabwriter
 * does for kubectl, so that both look the same.
 */
#ifndef STRATA_DESCRIBE_OUT_H
#define STRATA_DESCRIBE_OUT_H

#include "core/kube/kube_rq.h"

struct desc {
    struct str raw;              /* lines with tabs; '\f' alone on a line separates blocks of columns */
    struct arena arena;
    const struct describe_in *in;
    const json_t *obj;
    int64_t now_ms;
};

/* ---- writing ---- */
void d_line(struct desc *d, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));   /* two spaces a level */
void d_add(struct desc *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));               /* no newline */
void d_break(struct desc *d);                                   /* columns start anew */
bool d_columns(struct str *out, const char *raw, size_t len);   /* the tabwriter */

/* ---- values ---- */
const char *d_clean(struct desc *d, const char *s);             /* clean copy, "" for NULL */
const char *d_str(struct desc *d, const json_t *o, const char *path);              /* clean text of any scalar, "" if absent */
const char *d_str_or(struct desc *d, const json_t *o, const char *path, const char *dflt);
const char *d_age(struct desc *d, const json_t *o, const char *path);              /* "5m" since the time there, or <unknown> */
const char *d_time(struct desc *d, const json_t *o, const char *path);             /* "Sat, 21 Nov 2026 10:12:00 +0000" */
const char *d_bool(const json_t *o, const char *path);          /* "true"/"false", absent = false */
const char *d_join(struct desc *d, const json_t *array, const char *sep);          /* of texts */
const char *d_labels_inline(struct desc *d, const json_t *map); /* a=b,c=d or <none> */
const char *d_selector(struct desc *d, const json_t *selector); /* as above for a LabelSelector */
const char *d_controller(struct desc *d, const json_t *obj);    /* "Kind/name" or NULL */
const char **d_keys(struct desc *d, const json_t *o, size_t *n);/* sorted by byte */
const char *d_quantity(struct desc *d, int64_t milli, bool memory);                /* 250m, 2, 512Mi */

/* A table of plain fields. */
enum d_how { D_TEXT /* left out if absent */, D_ALWAYS /* "" if absent */, D_NONE /* <none> */, D_UNSET /* <unset> */, D_TIME, D_BOOL };
struct d_row { const char *label, *path; enum d_how how; };
void d_rows(struct desc *d, int level, const json_t *o, const struct d_row *rows, size_t n);

/* ---- sections ---- */
void d_labels(struct desc *d, const char *title, const json_t *map);
void d_annotations(struct desc *d, const char *title, const json_t *map);
void d_tolerations(struct desc *d, const char *title, const json_t *list);
void d_taints(struct desc *d, const char *title, const json_t *list);
void d_resources(struct desc *d, int level, const json_t *resources);
void d_events(struct desc *d, const struct describe_side *side);
void d_tree(struct desc *d, int level, const json_t *o, const char *const *skip);   /* any object, readable */

/* describe_pod.c */
void d_pod(struct desc *d);
void d_template(struct desc *d, const json_t *tmpl);
/* describe_work.c */
void d_deployment(struct desc *d);
void d_replicaset(struct desc *d);
void d_statefulset(struct desc *d);
void d_daemonset(struct desc *d);
void d_job(struct desc *d);
void d_cronjob(struct desc *d);
/* describe_node.c */
void d_node(struct desc *d);
/* describe_misc.c */
void d_service(struct desc *d);
void d_namespace(struct desc *d);
void d_secret(struct desc *d);
void d_configmap(struct desc *d);
void d_generic(struct desc *d);

#endif
