/*
 * Purpose:   of actions on servers: the image that a user named by name or id.
 * Thread:    any (pure).
 * Ownership: borrowed from the context.
 * Errors:    as of action.h.
 */
#ifndef STRATA_OPS_NOVA_IMAGE_H
#define STRATA_OPS_NOVA_IMAGE_H

#include "core/ops/nova_act.h"

/* The GET that looks it up; false: none was named. */
bool nova_image_side(const char *said, struct str *path, const char **service, const char **microversion);
/* The image, fit to start from; NULL: refused with words. */
const json_t *nova_image(const struct act_ctx *c, const char *said, struct act_facts *f);

#endif
