// SPDX-License-Identifier: GPL-2.0
/*
 * Waits until a guest that was told to let go of a device has fallen silent, then rescinds the
 * channel. Knows no protocol.
 */
#include "retire.h"

#include "../hyperv/device.h"

/* Policy: how often to look, how long the silence must be, and when to stop waiting for it. */
#define RETIRE_LOOK_NS	(100ull * 1000000)
#define RETIRE_QUIET_NS (1500ull * 1000000)
#define RETIRE_LIMIT_NS (20000ull * 1000000)

static void retire_look(void *opaque)
{
	struct retire *retire = opaque;
	uint64_t now = loop_now_ns();

	if (*retire->packets != retire->seen) {
		retire->seen = *retire->packets;
		retire->quiet_ns = now;
	}
	if (now - retire->quiet_ns >= RETIRE_QUIET_NS ||
	    now - retire->begun_ns >= RETIRE_LIMIT_NS) {
		/* The device's close() ends this retirement. */
		vmbus_rescind(retire->chan);
		return;
	}
	loop_timer_arm(retire->timer, now + RETIRE_LOOK_NS);
}

void retire_init(struct retire *retire, struct loop *loop, const uint64_t *packets)
{
	retire->timer = loop_timer_new(loop, retire_look, retire);
	retire->packets = packets;
}

void retire_free(struct retire *retire)
{
	loop_timer_free(retire->timer);
	retire->timer = NULL;
	retire->chan = NULL;
}

void retire_start(struct retire *retire, struct vmbus_chan *chan)
{
	if (retire->chan)
		return;
	retire->chan = chan;
	retire->seen = *retire->packets;
	retire->begun_ns = retire->quiet_ns = loop_now_ns();
	loop_timer_arm(retire->timer, retire->begun_ns + RETIRE_LOOK_NS);
}

void retire_cancel(struct retire *retire)
{
	loop_timer_cancel(retire->timer);
	retire->chan = NULL;
}

bool retire_is_on(const struct retire *retire)
{
	return retire->chan != NULL;
}
