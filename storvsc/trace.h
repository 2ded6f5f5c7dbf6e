/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, system "storvsc": each command given to the host and each answer with the time it took, what the host says on
 * its own, and each step by which commands are got back that it does not answer.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM storvsc

#if !defined(STORVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define STORVSC_TRACE_H

#include <linux/tracepoint.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

/* Before the packet is on the ring, since the command may end before the sender looks again. */
TRACE_EVENT(storvsc_send,
	TP_PROTO(const struct scsi_cmnd *cmd, u32 tag, u32 route, u32 bytes),
	TP_ARGS(cmd, tag, route, bytes),
	TP_STRUCT__entry(
		__field(u32, host)
		__field(u32, channel)
		__field(u32, id)
		__field(u64, lun)
		__field(u32, tag)
		__field(u32, route)
		__field(u32, bytes)
		__array(u8, cdb, 16)
	),
	TP_fast_assign(
		__entry->host = cmd->device->host->host_no;
		__entry->channel = cmd->device->channel;
		__entry->id = cmd->device->id;
		__entry->lun = cmd->device->lun;
		__entry->tag = tag;
		__entry->route = route;
		__entry->bytes = bytes;
		memcpy(__entry->cdb, cmd->cmnd, 16);
	),
	TP_printk("%u:%u:%u:%llu tag %u queue %u bytes %u cdb %s", __entry->host, __entry->channel, __entry->id, __entry->lun,
		  __entry->tag, __entry->route, __entry->bytes, __print_hex(__entry->cdb, 16))
);

TRACE_EVENT(storvsc_complete,
	TP_PROTO(const struct scsi_cmnd *cmd, u32 tag, u8 srb_status, u8 scsi_status, u32 host_status, u32 moved),
	TP_ARGS(cmd, tag, srb_status, scsi_status, host_status, moved),
	TP_STRUCT__entry(
		__field(u32, host)
		__field(u32, channel)
		__field(u32, id)
		__field(u64, lun)
		__field(u32, tag)
		__field(u8, opcode)
		__field(u8, srb_status)
		__field(u8, scsi_status)
		__field(u32, host_status)
		__field(u32, moved)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->host = cmd->device->host->host_no;
		__entry->channel = cmd->device->channel;
		__entry->id = cmd->device->id;
		__entry->lun = cmd->device->lun;
		__entry->tag = tag;
		__entry->opcode = cmd->cmnd[0];
		__entry->srb_status = srb_status;
		__entry->scsi_status = scsi_status;
		__entry->host_status = host_status;
		__entry->moved = moved;
		__entry->result = cmd->result;
	),
	TP_printk("%u:%u:%u:%llu tag %u opcode 0x%02x srb 0x%02x scsi 0x%02x host 0x%08x moved %u result 0x%08x", __entry->host,
		  __entry->channel, __entry->id, __entry->lun, __entry->tag, __entry->opcode, __entry->srb_status,
		  __entry->scsi_status, __entry->host_status, __entry->moved, __entry->result)
);

/* A command that was not answered: its timer ran out, or it was ended for the host. */
DECLARE_EVENT_CLASS(storvsc_unanswered,
	TP_PROTO(const struct scsi_cmnd *cmd, u32 tag, u32 age_ms),
	TP_ARGS(cmd, tag, age_ms),
	TP_STRUCT__entry(
		__field(u32, host)
		__field(u32, channel)
		__field(u32, id)
		__field(u64, lun)
		__field(u32, tag)
		__field(u8, opcode)
		__field(u32, age_ms)
	),
	TP_fast_assign(
		__entry->host = cmd->device->host->host_no;
		__entry->channel = cmd->device->channel;
		__entry->id = cmd->device->id;
		__entry->lun = cmd->device->lun;
		__entry->tag = tag;
		__entry->opcode = cmd->cmnd[0];
		__entry->age_ms = age_ms;
	),
	TP_printk("%u:%u:%u:%llu tag %u opcode 0x%02x after %u ms", __entry->host, __entry->channel, __entry->id, __entry->lun,
		  __entry->tag, __entry->opcode, __entry->age_ms)
);

DEFINE_EVENT(storvsc_unanswered, storvsc_timeout,
	TP_PROTO(const struct scsi_cmnd *cmd, u32 tag, u32 age_ms),
	TP_ARGS(cmd, tag, age_ms)
);

DEFINE_EVENT(storvsc_unanswered, storvsc_swept,
	TP_PROTO(const struct scsi_cmnd *cmd, u32 tag, u32 age_ms),
	TP_ARGS(cmd, tag, age_ms)
);

TRACE_EVENT(storvsc_notice,
	TP_PROTO(u32 host, u32 operation),
	TP_ARGS(host, operation),
	TP_STRUCT__entry(
		__field(u32, host)
		__field(u32, operation)
	),
	TP_fast_assign(
		__entry->host = host;
		__entry->operation = operation;
	),
	TP_printk("host %u operation %u", __entry->host, __entry->operation)
);

TRACE_EVENT(storvsc_recover,
	TP_PROTO(u32 host, u32 out, int result),
	TP_ARGS(host, out, result),
	TP_STRUCT__entry(
		__field(u32, host)
		__field(u32, out)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->host = host;
		__entry->out = out;
		__entry->result = result;
	),
	TP_printk("host %u commands %u result %d", __entry->host, __entry->out, __entry->result)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
