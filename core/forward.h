/*
 * Purpose:   inside core: the list of port-forwards, and what is told about one.
 * Thread:    net thread.
 */
#ifndef STRATA_CORE_FORWARD_H
#define STRATA_CORE_FORWARD_H

#include "core/source.h"
#include "strata/forward.h"

bool forward_set(struct core *c, const struct forward_info *info);     /* false: there are too many, or no memory */
void forward_gone(struct core *c, uint32_t id);
void forward_tell(struct request *rq, const struct err *err);          /* EV_FORWARD; err NULL: it listens */

#endif
