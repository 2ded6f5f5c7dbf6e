// SPDX-License-Identifier: GPL-2.0
/*
 * The VMBus device as on a generation 2 machine: below a module device whose windows the guest may use for MMIO.
 * A separate table, because a machine without Hyper-V must not have it.
 */
DefinitionBlock ("vmbus.aml", "SSDT", 2, "HVHOST", "VMBUS   ", 1)
{
	Scope (\_SB)
	{
		Device (VMOD)
		{
			Name (_HID, "ACPI0004")
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
					0x00000000, 0xF8000000, 0xFEBFFFFF, 0x00000000, 0x06C00000)
				QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
					0x0000000000000000, 0x0000000FE0000000, 0x0000000FFFFFFFFF,
					0x0000000000000000, 0x0000000020000000)
			})

			Device (VMBS)
			{
				Name (_HID, "VMBus")
				Name (_UID, 0)
				Name (_ADR, 0)
				Name (_DDN, "VMBUS")
				Method (_STA, 0) { Return (0x0F) }
				Method (_DIS, 0) { }
				Method (_PS0, 0) { }
				Method (_PS3, 0) { }
				Name (_CRS, ResourceTemplate () { })
			}
		}
	}
}
