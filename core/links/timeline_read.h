/*
 * Purpose:   lines of a timeline from what servers and the journal say of one object: events, conditions, actions, operations.
 * Thread:    any (pure).
 * Ownership: texts are copied into the timeline.
 * Errors:    timeline.failed: memory. What is no JSON, or has no time, gives no line.
 */
#ifndef STRATA_LINKS_TIMELINE_READ_H
#define STRATA_LINKS_TIMELINE_READ_H

#include "strata/timeline.h"

/* The kubelet stamps with its node's clock, which nobody measured; further off it would be a finding of its own. */
#define NODE_CLOCK_MS 2000

struct timeline_object {
    const struct row *row;
    const char *name;           /* "pod shop/web-0" */
    const char *source;
    int64_t offset_ms, error_ms;        /* of its source's clock */
};
/* A Kubernetes object as JSON: when it was made and deleted, its conditions, its containers. */
void timeline_read_object(struct timeline *t, const struct timeline_object *o, const char *json);
/* Nova's instance actions as FETCH_ACTIONS | FETCH_ITEM gives them. */
void timeline_read_actions(struct timeline *t, const struct timeline_object *o, const char *json);
void timeline_read_event(struct timeline *t, const struct timeline_object *o, const struct row *event);
void timeline_read_service(struct timeline *t, const struct timeline_object *o);
/* The journal as core_audit gives it: its lines about the object. */
void timeline_read_journal(struct timeline *t, const struct timeline_object *o, const char *text, size_t len);
/* Does an event of another object speak of this one: "Created pod: web-1"? */
bool timeline_event_mentions(const struct row *event, const struct row *object);
/* What a change that was seen makes of the past of another object: the load balancer of a Service, by the name that its controller gives it. */
bool timeline_stood_for(const struct row *object, const struct seen_change *s);
void timeline_name(const struct row *r, struct str *out);      /* "pod shop/web-0" */
/* What a job has read. */
struct core *timeline_job_core(const struct timeline_job *j);
size_t timeline_job_feeds(const struct timeline_job *j);
const struct snap *timeline_job_events(const struct timeline_job *j, size_t i);        /* NULL: not yet */
const char *timeline_job_journal(const struct timeline_job *j, size_t *len);
/* Each line of the journal as core_audit gives it, as it stands, with its length. */
void timeline_journal_each(const char *text, size_t len, void (*fn)(void *arg, const char *line, size_t n), void *arg);
bool timeline_event_of(const struct row *event, const struct row *object);

#endif
