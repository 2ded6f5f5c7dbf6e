// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts how often each block of instructions of level 1 is executed, and apart how often while level 1 runs the
 * guest, whose addresses mean something else. Wants a machine of one processor.
 *
 * QEMU option: -plugin profile.so,results=FILE,counts=FILE
 *
 * results: where the guest's words arrive. At each line "mark TEXT" of it, all counts so far are written to counts: a line "mark TEXT", then
 * a line "ADDRESS INSTRUCTIONS LEVEL1 GUEST" for each block, the last two how often it ran.
 *
 * The plugin interface is that of QEMU 9.1 and later. Distributions do not package its header, so what is used of it is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, void (*cb)(unsigned int vcpu, void *data), int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *data, size_t bytes);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 3;

/* VMRUN, which ends a block: what runs next is the guest's, until the block behind it runs. */
static const unsigned char vmrun[] = { 0x0f, 0x01, 0xd8 };

/* Policy: lists of blocks by their address; blocks executed between two looks at the results, some 100 us of level 1's time. */
#define LISTS		(1u << 18)
#define LOOK_INTERVAL	(1u << 13)

struct block {
	struct block *next;
	uint64_t address;
	uint64_t instructions;
	/* In level 1's memory: tells blocks of the same address apart. */
	void *at;
	uint64_t executed[2];
	bool enters_guest;
	bool leaves_guest;
};

static struct block *blocks[LISTS];
static void *behind_vmrun;
static bool in_guest;
static unsigned int since_look;
static FILE *results, *counts;
static const char *results_name;

static void write_counts(const char *mark)
{
	fputs(mark, counts);
	for (size_t i = 0; i < LISTS; i++) {
		for (const struct block *block = blocks[i]; block; block = block->next) {
			if (block->executed[0] || block->executed[1])
				fprintf(counts, "%" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", block->address,
					block->instructions, block->executed[0], block->executed[1]);
		}
	}
	fflush(counts);
}

static void look_at_results(void)
{
	char line[4096];
	long begin;

	/* QEMU opens it after the plugin is there. */
	if (!results)
		results = fopen(results_name, "r");
	if (!results)
		return;
	clearerr(results);
	while (begin = ftell(results), fgets(line, sizeof(line), results)) {
		if (!strchr(line, '\n') && strlen(line) < sizeof(line) - 1) {
			fseek(results, begin, SEEK_SET);
			return;
		}
		if (!strncmp(line, "mark ", 5))
			write_counts(line);
	}
}

static void execute(unsigned int vcpu, void *data)
{
	struct block *block = data;

	(void)vcpu;
	if (block->leaves_guest)
		in_guest = false;
	block->executed[in_guest]++;
	if (block->enters_guest)
		in_guest = true;
	if (++since_look >= LOOK_INTERVAL) {
		since_look = 0;
		look_at_results();
	}
}

static bool ends_with_vmrun(const struct qemu_plugin_tb *tb, size_t instructions)
{
	unsigned char bytes[sizeof(vmrun)];
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, instructions - 1);

	if (qemu_plugin_insn_data(last, bytes, sizeof(bytes)) != sizeof(bytes) || memcmp(bytes, vmrun, sizeof(bytes)))
		return false;
	behind_vmrun = (char *)qemu_plugin_insn_haddr(last) + sizeof(vmrun);
	return true;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	size_t instructions = qemu_plugin_tb_n_insns(tb);
	void *at = qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0));
	struct block **list = &blocks[(address * 0x9e3779b97f4a7c15ull >> 40) % LISTS];
	struct block *block;

	(void)id;
	for (block = *list; block; block = block->next) {
		if (block->address == address && block->instructions == instructions && block->at == at)
			break;
	}
	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			abort();
		block->address = address;
		block->instructions = instructions;
		block->at = at;
		block->next = *list;
		*list = block;
	}
	block->enters_guest = ends_with_vmrun(tb, instructions);
	block->leaves_guest = at && at == behind_vmrun;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, execute, 0, block);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "results=", 8))
			results_name = strdup(argv[i] + 8);
		else if (!strncmp(argv[i], "counts=", 7))
			counts = fopen(argv[i] + 7, "w");
	}
	if (!results_name || !counts) {
		fprintf(stderr, "profile: wants results=FILE,counts=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
