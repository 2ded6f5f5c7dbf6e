// SPDX-License-Identifier: GPL-2.0
/*
 * Fibre Channel attributes of a virtual host bus adapter: node and port name, and a remote port that makes HBA tools
 * and udev rules work. Commands go the same way as on a SCSI controller.
 */
#include <scsi/scsi_host.h>
#include <scsi/scsi_transport_fc.h>

#include "fc.h"

#if IS_REACHABLE(CONFIG_SCSI_FC_ATTRS)

static struct fc_function_template storvsc_fc_functions = {
	.show_host_node_name = 1,
	.show_host_port_name = 1,
	.show_host_port_state = 1,
	.show_host_port_type = 1,
	.show_host_symbolic_name = 1,
};

static struct scsi_transport_template *storvsc_fc_template;

/**
 * storvsc_fc_attach() - register with the Fibre Channel transport
 *
 * Context: module load, may sleep.
 * Return: 0 or -ENODEV.
 */
int storvsc_fc_attach(void)
{
	storvsc_fc_template = fc_attach_transport(&storvsc_fc_functions);
	return storvsc_fc_template ? 0 : -ENODEV;
}

/**
 * storvsc_fc_release() - undo storvsc_fc_attach()
 *
 * Context: module unload, may sleep.
 */
void storvsc_fc_release(void)
{
	fc_release_transport(storvsc_fc_template);
}

/**
 * storvsc_fc_prepare() - make a host a Fibre Channel host
 * @shost: allocated, not added yet
 *
 * Context: any.
 */
void storvsc_fc_prepare(struct Scsi_Host *shost)
{
	shost->transportt = storvsc_fc_template;
}

/**
 * storvsc_fc_rename() - show the names of the adapter
 * @shost: added
 * @names: what the host said; Windows swaps the two pairs when it moves the guest to another machine
 *
 * Context: any.
 */
void storvsc_fc_rename(struct Scsi_Host *shost, const struct vstor_wwn *names)
{
	bool is_primary = names->primary_active;

	fc_host_node_name(shost) = wwn_to_u64(is_primary ? names->primary_node : names->secondary_node);
	fc_host_port_name(shost) = wwn_to_u64(is_primary ? names->primary_port : names->secondary_port);
}

/**
 * storvsc_fc_add() - show the adapter as one
 * @shost: added
 * @names: as for storvsc_fc_rename()
 *
 * Context: may sleep.
 * Return: the remote port, NULL when there is no memory for it, which nothing depends on.
 */
struct fc_rport *storvsc_fc_add(struct Scsi_Host *shost, const struct vstor_wwn *names)
{
	struct fc_rport_identifiers ids = {
		.port_id = 0,
		.roles = FC_PORT_ROLE_FCP_DUMMY_INITIATOR,
	};

	storvsc_fc_rename(shost, names);
	ids.node_name = fc_host_node_name(shost);
	ids.port_name = fc_host_port_name(shost);
	fc_host_port_state(shost) = FC_PORTSTATE_ONLINE;
	fc_host_port_type(shost) = FC_PORTTYPE_NPIV;
	strscpy(fc_host_symbolic_name(shost), "Hyper-V virtual Fibre Channel adapter", FC_SYMBOLIC_NAME_SIZE);
	return fc_remote_port_add(shost, 0, &ids);
}

/**
 * storvsc_fc_remove() - undo storvsc_fc_add(), before the host is removed
 * @shost: the host
 * @rport: what storvsc_fc_add() returned
 *
 * Context: may sleep.
 */
void storvsc_fc_remove(struct Scsi_Host *shost, struct fc_rport *rport)
{
	if (rport)
		fc_remote_port_delete(rport);
	fc_remove_host(shost);
}

#endif
