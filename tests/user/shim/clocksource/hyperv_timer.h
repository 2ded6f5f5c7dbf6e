/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_CLOCKSOURCE_HYPERV_TIMER_H
#define SHIM_CLOCKSOURCE_HYPERV_TIMER_H

void hv_stimer_legacy_init(unsigned int cpu, int sint);
void hv_stimer_legacy_cleanup(unsigned int cpu);
void hv_stimer0_isr(void);
void hv_stimer_global_cleanup(void);
void hv_stimer_cleanup(unsigned int cpu);

#endif
