// SPDX-License-Identifier: GPL-2.0
/* Suspend to disk, for a machine that may be hibernated: a separate table, because Hyper-V offers it only where that is switched on. */
DefinitionBlock ("s4.aml", "SSDT", 2, "HVHOST", "S4      ", 1)
{
	/* Sleep type 4 in PM1 control: MACHINE_SLEEP_TYPE_S4 */
	Name (\_S4, Package () { 4, 4, 0, 0 })
}
