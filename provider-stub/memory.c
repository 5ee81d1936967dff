// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the engine reaches memory: by bus address, page by page, as a device
 * does, and never through a pointer that somebody remembered.
 */
#include <linux/dma-direct.h>
#include <linux/highmem.h>
#include <linux/mm.h>

#include "stub.h"

static struct page *stub_page(struct device *dev, dma_addr_t addr, size_t *len)
{
	phys_addr_t phys = dma_to_phys(dev, addr);

	*len = min_t(size_t, *len, PAGE_SIZE - offset_in_page(phys));
	return pfn_valid(PHYS_PFN(phys)) ? pfn_to_page(PHYS_PFN(phys)) : NULL;
}

/**
 * stub_memory_read - read memory as the engine does
 * @dev: the device that addresses are mapped for
 * @addr: bus address
 * @to: where the bytes go
 * @len: bytes
 *
 * Context: any.
 * Return: 0, or -EIO when there is no memory at an address.
 */
int stub_memory_read(struct device *dev, dma_addr_t addr, void *to, size_t len)
{
	for (size_t n = len; len; len -= n, addr += n, to += n, n = len) {
		struct page *page = stub_page(dev, addr, &n);

		if (!page)
			return -EIO;
		memcpy_from_page(to, page, offset_in_page(dma_to_phys(dev, addr)), n);
	}
	return 0;
}

/**
 * stub_memory_read_fixed - read one byte of memory again and again
 * @dev: the device that addresses are mapped for
 * @addr: bus address
 * @to: where the bytes go
 * @len: bytes
 *
 * Context: any.
 * Return: 0, or -EIO when there is no memory at the address.
 */
int stub_memory_read_fixed(struct device *dev, dma_addr_t addr, void *to, size_t len)
{
	int ret = stub_memory_read(dev, addr, to, 1);

	memset(to, *(u8 *)to, len);
	return ret;
}

/**
 * stub_memory_write - write memory as the engine does
 * @dev: the device that addresses are mapped for
 * @addr: bus address
 * @from: the bytes
 * @len: how many
 *
 * Context: any.
 * Return: 0, or -EFAULT when there is no memory at an address.
 */
int stub_memory_write(struct device *dev, dma_addr_t addr, const void *from, size_t len)
{
	for (size_t n = len; len; len -= n, addr += n, from += n, n = len) {
		struct page *page = stub_page(dev, addr, &n);

		if (!page)
			return -EFAULT;
		memcpy_to_page(page, offset_in_page(dma_to_phys(dev, addr)), from, n);
	}
	return 0;
}
