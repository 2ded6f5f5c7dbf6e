/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The language a hostile guest is written in: one byte for what to do, then its operands. guest.c
 * plays it, seeds.c writes the beginnings the fuzzer goes on from.
 */
#ifndef HVHOST_FUZZ_OPS_H
#define HVHOST_FUZZ_OPS_H

/* Operands in brackets: u8, u16, u32, u64 little endian; bytes as u8 length and that many. */
enum fuzz_op {
	FUZZ_CONTACT, /* [u8 index of the version] */
	FUZZ_REQUEST_OFFERS,
	FUZZ_OPEN, /* [u8 offer]: share a ring and open the channel as a good guest does */
	FUZZ_MESSAGE, /* [u8 connection][bytes]: any message */
	FUZZ_FIELDS, /* [u8 type][u8 offer][bytes]: a message whose relid is that of an offer */
	FUZZ_SHARE, /* [u8 offer][u8 id][u16 page][u8 pages]: a good GPADL */
	FUZZ_PACKET, /* [u8 offer][u8 kind][u64 xid][u8 ranges]{[u16 offset][u32 bytes][u16 page]}[bytes] */
	FUZZ_RAW_PACKET, /* [u8 offer][u32 trailer][bytes]: descriptor and all, the index moves behind it */
	FUZZ_CONTROL_WORD, /* [u8 offer][u8 ring and word][u32 value]: of a ring's control page */
	FUZZ_POKE, /* [u32 address][bytes]: anywhere in RAM */
	FUZZ_SIGNAL, /* [u8 offer] */
	FUZZ_RUN, /* [u8 turns] of the host's loop */
	FUZZ_CONSUME, /* [u8 offer]: take all packets of the host */
	FUZZ_ANSWER, /* [u8 offer][u8 kind][u8 at][bytes]: send the host's last packet back, changed */
	FUZZ_SLOTS, /* take the messages in the slots */
	FUZZ_COMMAND, /* [u8 index]: of a user of the host, by the control socket */
	FUZZ_SYNIC, /* [u8 vp][u64 scontrol][u64 siefp][u64 simp] */
	FUZZ_RESET,
	FUZZ_LATER, /* [u16 ms]: let time pass */
	FUZZ_RACE, /* [u32 address][u64 value][u64 value]: two values in turns while the host runs */
	FUZZ_HYPERCALL, /* [u64 control][u64][u64] */
	FUZZ_CALL, /* [u8 port]: TL_CONNECT to a service by port */
	FUZZ_CHAOS, /* [u8 seed][u8 rate]: the host lies, too; rate 0: no longer */
	FUZZ_MMIO, /* [u32 offset][u8 log2 of the bytes, 0x80: write][u64 value]: registers of devices */
	FUZZ_OPS,
};

/*
 * An offer is named by its device's class, the list's order; sub-channels, sockets and classes that
 * are not in it are those from FUZZ_OTHERS on, in the order of their offers.
 */
#define FUZZ_CLASSES                                                                          \
	{                                                                                     \
		0xba6163d9, 0xf8615163, 0x57164f39, 0x0e0b6031, 0x9527e630, 0xf912ad6d,       \
			0xcfa8b69e, 0xda0a7802, 0x525074dc, 0xdd2a30f2, 0xa9a0f4e7, 0x35fa2e29, \
			0x34d14be3, 0x32412632, 0x2f9bcc4a, 0x44c4f61d                        \
	}
enum fuzz_class {
	FUZZ_SCSI,
	FUZZ_NIC,
	FUZZ_HEARTBEAT,
	FUZZ_SHUTDOWN,
	FUZZ_TIMESYNC,
	FUZZ_KEYBOARD,
	FUZZ_MOUSE,
	FUZZ_VIDEO,
	FUZZ_DYNMEM,
	FUZZ_ECHO,
	FUZZ_KVP,
	FUZZ_VSS,
	FUZZ_FCOPY,
	FUZZ_IDE,
	FUZZ_FC,
	FUZZ_PCI,
	FUZZ_OTHERS,
};

/* The first offer that comes later, a sub-channel or a socket: before it the second NIC is one of the others. */
#define FUZZ_ADDED (FUZZ_OTHERS + 1)
/* And the GPADL of its ring, by its relid. */
#define FUZZ_FIRST_ADDED_GPADL 0x111u

/* Bits of a packet's kind */
#define FUZZ_KIND_TYPE	   0x0f /* 0 in-band, 1 GPA direct, 2 completion, else the number itself */
#define FUZZ_KIND_COMPLETE 0x10 /* the guest wants a completion */
#define FUZZ_KIND_SILENT   0x20 /* without a signal */

#define FUZZ_RAM_BYTES	 (2u << 20)
#define FUZZ_HIGH_GPA	 (4ull << 30)
#define FUZZ_HIGH_BYTES	 0x10000u
#define FUZZ_VPS	 2
/* Where devices can be */
#define FUZZ_DEVICE_GPA	  0xf8000000ull
#define FUZZ_DEVICE_BYTES (1u << 20)
#define FUZZ_RING_PAGES	 8 /* of a channel: four each way */
#define FUZZ_CHANNELS	 24
/* Pages of a good guest: what is behind FUZZ_DATA_PAGE is for buffers. */
#define FUZZ_POST_GPA	   0x3000u
#define FUZZ_SIMP_GPA(vp)  (0x4000u + (vp)*0x2000u)
#define FUZZ_SIEFP_GPA(vp) (0x5000u + (vp)*0x2000u)
#define FUZZ_MONITOR_GPA   0xc000u
#define FUZZ_INTERRUPT_GPA 0xe000u
#define FUZZ_RING_GPA(n)   (0x20000u + (n)*FUZZ_RING_PAGES * 4096u)
#define FUZZ_DATA_PAGE	   0x100u

#endif
