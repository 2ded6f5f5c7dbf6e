// SPDX-License-Identifier: GPL-2.0
/* The bodies of the tracepoints. Decides nothing. */
#define CREATE_TRACE_POINTS
#include "trace.h"
