/* Purpose: type and text of a plain YAML scalar. Thread: any. Ownership: texts go into the arena. Errors: false = memory. */
#ifndef STRATA_CONFIG_YAML_SCALAR_H
#define STRATA_CONFIG_YAML_SCALAR_H

#include "core/config/yaml.h"

/* Sets type, truth, text and len of a node whose raw is set. */
bool yaml_scalar_resolve(struct arena *a, struct yaml_node *n, size_t raw_len, enum yaml_dialect dialect);

#endif
