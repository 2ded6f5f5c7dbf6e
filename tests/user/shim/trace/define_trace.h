/* SPDX-License-Identifier: GPL-2.0 */
/* No tracing here: a test says what becomes of the events. */
