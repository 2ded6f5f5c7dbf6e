/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PROPERTY_H
#define SHIM_LINUX_PROPERTY_H

enum dev_dma_attr { DEV_DMA_NOT_SUPPORTED, DEV_DMA_NON_COHERENT, DEV_DMA_COHERENT };

static enum dev_dma_attr shim_dma_attr = DEV_DMA_COHERENT;

#define device_get_dma_attr(device)	((void)(device), shim_dma_attr)

#endif
