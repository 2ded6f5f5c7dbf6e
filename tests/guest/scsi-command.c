// SPDX-License-Identifier: GPL-2.0
/*
 * Sends one SCSI command that reads, and prints what became of it: host byte, SCSI status, and sense key and codes.
 *
 * Usage: scsi-command DEVICE BYTES CDB-BYTE...     numbers as strtoul() takes them
 * Output: host=N status=N sense=KEY/ASC/ASCQ, hexadecimal, "none" without sense data. Exit status 0 when the command could
 * be sent, whatever its end; 1 otherwise, 2 wrong usage.
 */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	unsigned char cdb[16] = { 0 }, sense[64] = { 0 }, data[4096] = { 0 };
	sg_io_hdr_t io = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_FROM_DEV,
		.cmdp = cdb,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.dxferp = data,
		.timeout = 60000,
	};
	int fd, i;

	if (argc < 4 || argc - 3 > (int)sizeof(cdb) || strtoul(argv[2], NULL, 0) > sizeof(data)) {
		fprintf(stderr, "usage: scsi-command DEVICE BYTES CDB-BYTE...\n");
		return 2;
	}
	io.dxfer_len = strtoul(argv[2], NULL, 0);
	io.cmd_len = argc - 3;
	for (i = 3; i < argc; i++)
		cdb[i - 3] = strtoul(argv[i], NULL, 0);

	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	if (ioctl(fd, SG_IO, &io)) {
		perror("SG_IO");
		return 1;
	}
	printf("host=%x status=%x sense=", io.host_status, io.status);
	if (io.sb_len_wr < 8)
		printf("none\n");
	else if (sense[0] & 2)
		printf("%x/%02x/%02x\n", sense[1] & 15, sense[2], sense[3]);
	else
		printf("%x/%02x/%02x\n", sense[2] & 15, sense[12], sense[13]);
	return 0;
}
