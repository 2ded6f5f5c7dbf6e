// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550A: registers, interrupt, output to a file descriptor, input from one. Output is collected
 * into lines because each byte is an exit already; what does not end in a newline is written after
 * a moment.
 *
 * Registers are used by vCPU threads, input and flushing by the device thread: one lock for each
 * port.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "internal.h"

/*
 * Policy: bytes collected before they are written, delay of an unfinished line, input held for the
 * guest.
 */
#define SERIAL_OUT_BYTES 512
#define SERIAL_FLUSH_NS	 50000000u
#define SERIAL_IN_BYTES	 256

#define UART_IER_RX	  0x01
#define UART_IER_TX	  0x02
#define UART_IIR_NONE	  0x01
#define UART_IIR_TX	  0x02
#define UART_IIR_RX	  0x04
#define UART_IIR_FIFO	  0xc0
#define UART_FCR_ENABLE	  0x01
#define UART_FCR_CLEAR_RX 0x02
#define UART_LCR_DLAB	  0x80
#define UART_MCR_OUT2	  0x08
#define UART_MCR_LOOP	  0x10
#define UART_LSR_DATA	  0x01
#define UART_LSR_TX_EMPTY 0x60
#define UART_MSR_READY	  0xb0

#define SERIAL_ESCAPE 0x01 /* Ctrl-A */

struct serial {
	struct machine *machine;
	struct serial_config config;
	struct loop_timer *flush_timer;
	bool in_watched;
	bool escaped; /* Ctrl-A was typed; device thread */

	pthread_mutex_t lock; /* protects everything below */
	uint8_t ier, fcr, lcr, mcr, scratch, dll, dlm;
	bool tx_irq; /* transmitter became empty and nobody has read IIR since */
	bool level; /* of the interrupt line */
	bool flush_pending; /* a call that arms flush_timer is under way or done */
	bool in_paused;
	uint8_t out[SERIAL_OUT_BYTES];
	unsigned int out_len;
	uint8_t in[SERIAL_IN_BYTES];
	unsigned int in_head, in_len;
};

static void serial_write_out(struct serial *serial)
{
	unsigned int done = 0;

	while (done < serial->out_len) {
		ssize_t n =
			write(serial->config.out_fd, serial->out + done, serial->out_len - done);

		if (n < 0 && errno == EINTR)
			continue;
		/*
		 * Nowhere to say that the console cannot be written: the guest goes on without it.
		 */
		if (n <= 0)
			break;
		done += n;
	}
	serial->out_len = 0;
}

static void serial_flush_timeout(void *opaque)
{
	struct serial *serial = opaque;

	pthread_mutex_lock(&serial->lock);
	serial->flush_pending = false;
	serial_write_out(serial);
	pthread_mutex_unlock(&serial->lock);
}

static void serial_arm_flush(void *opaque)
{
	struct serial *serial = opaque;

	loop_timer_arm(serial->flush_timer, loop_now_ns() + SERIAL_FLUSH_NS);
}

static void serial_transmit(struct serial *serial, uint8_t byte)
{
	if (serial->config.out_fd < 0)
		return;
	serial->out[serial->out_len++] = byte;
	if (byte == '\n' || serial->out_len == sizeof(serial->out)) {
		serial_write_out(serial);
	} else if (!serial->flush_pending) {
		serial->flush_pending = true;
		loop_call(serial->machine->loop, serial_arm_flush, serial);
	}
}

static void serial_update_irq(struct serial *serial)
{
	bool level = ((serial->ier & UART_IER_RX) && serial->in_len) ||
		     ((serial->ier & UART_IER_TX) && serial->tx_irq);

	if (!(serial->mcr & UART_MCR_OUT2))
		level = false;
	if (level == serial->level)
		return;
	serial->level = level;
	machine_irq_line(serial->machine, serial->config.irq, level);
}

static void serial_resume_input(void *opaque)
{
	struct serial *serial = opaque;

	if (serial->in_watched)
		loop_fd_mod(serial->machine->loop, serial->config.in_fd, EPOLLIN);
}

static uint8_t serial_receive(struct serial *serial)
{
	uint8_t byte;

	if (!serial->in_len)
		return 0;
	byte = serial->in[serial->in_head];
	serial->in_head = (serial->in_head + 1) % SERIAL_IN_BYTES;
	serial->in_len--;
	if (serial->in_paused && !serial->in_len) {
		serial->in_paused = false;
		loop_call(serial->machine->loop, serial_resume_input, serial);
	}
	return byte;
}

static void serial_put_input(struct serial *serial, uint8_t byte)
{
	if (serial->in_len == SERIAL_IN_BYTES)
		return;
	serial->in[(serial->in_head + serial->in_len) % SERIAL_IN_BYTES] = byte;
	serial->in_len++;
}

static uint8_t serial_read_register(struct serial *serial, uint16_t reg)
{
	uint8_t value;

	switch (reg) {
	case 0:
		return serial->lcr & UART_LCR_DLAB ? serial->dll : serial_receive(serial);
	case 1:
		return serial->lcr & UART_LCR_DLAB ? serial->dlm : serial->ier;
	case 2:
		value = serial->fcr & UART_FCR_ENABLE ? UART_IIR_FIFO : 0;
		if ((serial->ier & UART_IER_RX) && serial->in_len)
			return value | UART_IIR_RX;
		if ((serial->ier & UART_IER_TX) && serial->tx_irq) {
			serial->tx_irq = false;
			return value | UART_IIR_TX;
		}
		return value | UART_IIR_NONE;
	case 3:
		return serial->lcr;
	case 4:
		return serial->mcr;
	case 5:
		return UART_LSR_TX_EMPTY | (serial->in_len ? UART_LSR_DATA : 0);
	case 6:
		/*
		 * In loopback the modem outputs come back as inputs: DTR->DSR, RTS->CTS, OUT1->RI,
		 * OUT2->DCD.
		 */
		if (serial->mcr & UART_MCR_LOOP)
			return (serial->mcr & 0x0c) << 4 | (serial->mcr & 0x02) << 3 |
			       (serial->mcr & 0x01) << 5;
		return UART_MSR_READY;
	case 7:
		return serial->scratch;
	}
	return 0xff;
}

static void serial_write_register(struct serial *serial, uint16_t reg, uint8_t value)
{
	switch (reg) {
	case 0:
		if (serial->lcr & UART_LCR_DLAB) {
			serial->dll = value;
			break;
		}
		if (serial->mcr & UART_MCR_LOOP)
			serial_put_input(serial, value);
		else
			serial_transmit(serial, value);
		serial->tx_irq = true;
		break;
	case 1:
		if (serial->lcr & UART_LCR_DLAB) {
			serial->dlm = value;
			break;
		}
		if ((value & UART_IER_TX) && !(serial->ier & UART_IER_TX))
			serial->tx_irq = true;
		serial->ier = value & 0x0f;
		break;
	case 2:
		serial->fcr = value;
		if (value & UART_FCR_CLEAR_RX)
			serial->in_len = 0;
		break;
	case 3:
		serial->lcr = value;
		break;
	case 4:
		serial->mcr = value;
		break;
	case 7:
		serial->scratch = value;
		break;
	}
}

static uint32_t serial_in(void *opaque, uint16_t offset, unsigned int size)
{
	struct serial *serial = opaque;
	uint8_t value;

	(void)size;
	pthread_mutex_lock(&serial->lock);
	value = serial_read_register(serial, offset);
	serial_update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
	return value;
}

static void serial_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct serial *serial = opaque;

	(void)size;
	pthread_mutex_lock(&serial->lock);
	serial_write_register(serial, offset, value);
	serial_update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
}

/*
 * Ctrl-A x ends the program, Ctrl-A Ctrl-A sends one Ctrl-A. Return: true if the byte is for the
 * guest.
 */
static bool serial_filter_input(struct serial *serial, uint8_t byte)
{
	if (!serial->config.escape)
		return true;
	if (serial->escaped) {
		serial->escaped = false;
		if (byte == 'x' && serial->machine->config.escape)
			serial->machine->config.escape(serial->machine->config.opaque);
		return byte == SERIAL_ESCAPE;
	}
	if (byte == SERIAL_ESCAPE)
		serial->escaped = true;
	return !serial->escaped;
}

static void serial_in_ready(int fd, uint32_t events, void *opaque)
{
	struct serial *serial = opaque;
	uint8_t bytes[64];
	ssize_t n;

	(void)events;
	pthread_mutex_lock(&serial->lock);
	if (SERIAL_IN_BYTES - serial->in_len < sizeof(bytes)) {
		serial->in_paused = true;
		loop_fd_mod(serial->machine->loop, fd, 0);
		pthread_mutex_unlock(&serial->lock);
		return;
	}
	pthread_mutex_unlock(&serial->lock);

	n = read(fd, bytes, sizeof(bytes));
	if (n <= 0) {
		if (n == 0 || errno != EINTR) {
			loop_fd_del(serial->machine->loop, fd);
			serial->in_watched = false;
		}
		return;
	}
	pthread_mutex_lock(&serial->lock);
	for (ssize_t i = 0; i < n; i++) {
		if (serial_filter_input(serial, bytes[i]))
			serial_put_input(serial, bytes[i]);
	}
	serial_update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
}

struct serial *serial_new(struct machine *machine, const struct serial_config *config)
{
	struct serial *serial = xcalloc(1, sizeof(*serial));

	serial->machine = machine;
	serial->config = *config;
	pthread_mutex_init(&serial->lock, NULL);
	serial->flush_timer = loop_timer_new(machine->loop, serial_flush_timeout, serial);
	/* A file or /dev/null cannot be watched: then there is no input. */
	if (config->in_fd >= 0)
		serial->in_watched = !loop_fd_add(machine->loop, config->in_fd, EPOLLIN,
						  serial_in_ready, serial);
	pio_add(machine, &(struct pio_handler){ .port = config->port,
						.len = 8,
						.in = serial_in,
						.out = serial_out,
						.opaque = serial });
	return serial;
}

void serial_reset(struct serial *serial)
{
	pthread_mutex_lock(&serial->lock);
	serial->ier = serial->fcr = serial->lcr = serial->mcr = serial->scratch = serial->dll =
		serial->dlm = 0;
	serial->tx_irq = false;
	serial->level = false;
	serial->in_len = 0;
	serial_write_out(serial);
	pthread_mutex_unlock(&serial->lock);
}

void serial_flush(struct serial *serial)
{
	pthread_mutex_lock(&serial->lock);
	serial_write_out(serial);
	pthread_mutex_unlock(&serial->lock);
}

void serial_free(struct serial *serial)
{
	if (!serial)
		return;
	serial_flush(serial);
	if (serial->in_watched)
		loop_fd_del(serial->machine->loop, serial->config.in_fd);
	loop_timer_free(serial->flush_timer);
	pthread_mutex_destroy(&serial->lock);
	free(serial);
}
