// SPDX-License-Identifier: GPL-2.0
/*
 * Sends one SCSI command, and prints what became of it: host byte, SCSI status, and sense key and codes.
 *
 * Usage: scsi-command [-x | -o FILE] DEVICE BYTES CDB-BYTE...     numbers as strtoul() takes them
 *	-x		print what was read in hexadecimal, on a line of its own
 *	-o FILE		write the first BYTES of FILE to the device instead of reading
 * Output: host=N status=N sense=KEY/ASC/ASCQ, hexadecimal, "none" without sense data. Exit status 0 when the command could
 * be sent, whatever its end; 1 otherwise, 2 wrong usage.
 */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static unsigned char data[65536];
	unsigned char cdb[16] = { 0 }, sense[64] = { 0 };
	sg_io_hdr_t io = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_FROM_DEV,
		.cmdp = cdb,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.dxferp = data,
		.timeout = 60000,
	};
	int fd, i, hex = 0;
	const char *file = NULL;

	if (argc > 1 && !strcmp(argv[1], "-x")) {
		hex = 1;
		argv++;
		argc--;
	} else if (argc > 2 && !strcmp(argv[1], "-o")) {
		file = argv[2];
		io.dxfer_direction = SG_DXFER_TO_DEV;
		argv += 2;
		argc -= 2;
	}
	if (argc < 4 || argc - 3 > (int)sizeof(cdb) || strtoul(argv[2], NULL, 0) > sizeof(data)) {
		fprintf(stderr, "usage: scsi-command [-x | -o FILE] DEVICE BYTES CDB-BYTE...\n");
		return 2;
	}
	io.dxfer_len = strtoul(argv[2], NULL, 0);
	io.cmd_len = argc - 3;
	for (i = 3; i < argc; i++)
		cdb[i - 3] = strtoul(argv[i], NULL, 0);

	if (!io.dxfer_len)
		io.dxfer_direction = SG_DXFER_NONE;
	if (file) {
		fd = open(file, O_RDONLY);
		if (fd < 0 || read(fd, data, io.dxfer_len) != (ssize_t)io.dxfer_len) {
			perror(file);
			return 1;
		}
		close(fd);
	}
	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	if (fd < 0) /* a read-only disk */
		fd = open(argv[1], O_RDONLY | O_NONBLOCK);
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
	if (hex) {
		for (i = 0; i < (int)io.dxfer_len - io.resid; i++)
			printf("%02x", data[i]);
		printf("\n");
	}
	return 0;
}
