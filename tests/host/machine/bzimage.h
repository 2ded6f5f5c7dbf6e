/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bzImage as a file: what its header says about where it wants to be and how it is entered. Pure; knows no machine.
 */
#ifndef HVHOST_MACHINE_BZIMAGE_H
#define HVHOST_MACHINE_BZIMAGE_H

#include <asm/bootparam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../hyperv/device.h"

struct bzimage {
	struct setup_header header; /* with zeros behind what the file's protocol version has */
	size_t setup; /* bytes in front of the protected-mode kernel, which is the rest of the file */
	bool is_64bit; /* has a 64-bit entry; without it there is only the 32-bit one */
	uint64_t load; /* GPA where the protected-mode kernel goes */
	uint64_t end; /* GPA behind what it needs there until it has found out about memory by itself */
	uint64_t entry; /* GPA of the first instruction */
};

/**
 * bzimage_parse - check a kernel file and find out where it goes
 * @file: the whole file
 * @size: its bytes
 * @name: what to call it in @err
 * @err: filled with one line on failure
 *
 * Linux x86 boot protocol 2.12 and later, "The Real-Mode Kernel Header", "64-bit Boot Protocol", "32-bit Boot Protocol".
 *
 * Return: 0; -1 if it is no such kernel.
 */
int bzimage_parse(struct bzimage *image, const uint8_t *file, size_t size, const char *name, char err[HV_ERR_MAX]);

/**
 * bzimage_initrd_gpa - highest place for an initial RAM disk
 * @top: end of low RAM
 * @bytes: its size
 *
 * Return: its GPA, page aligned; 0 if there is no room above the kernel.
 */
uint64_t bzimage_initrd_gpa(const struct bzimage *image, uint64_t top, uint64_t bytes);

#endif
