// SPDX-License-Identifier: GPL-2.0 OR MIT
// A driver whose probe takes seconds, as those of large controllers do. lab/slow_modules.py compiles it once for each
// device that it is to claim, by VENDOR and DEVICE, and runs it in machines of QEMU that have that device.
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static unsigned int seconds = 20;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "how long a probe takes");

static int slow_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	pr_alert("%s: %s: probing for %u s\n", KBUILD_MODNAME, pci_name(device), seconds);
	msleep(seconds * 1000); // which no signal ends
	pr_alert("%s: %s: done\n", KBUILD_MODNAME, pci_name(device));
	return 0;
}

static const struct pci_device_id slow_ids[] = {
	{ PCI_DEVICE(VENDOR, DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, slow_ids);

static struct pci_driver slow_driver = {
	.name = KBUILD_MODNAME,
	.id_table = slow_ids,
	.probe = slow_probe,
#ifdef ASYNCHRONOUS
	.driver.probe_type = PROBE_PREFER_ASYNCHRONOUS, /* as most drivers of disks */
#endif
};
module_pci_driver(slow_driver);

MODULE_DESCRIPTION("probes slowly, for tests");
MODULE_LICENSE("GPL");
