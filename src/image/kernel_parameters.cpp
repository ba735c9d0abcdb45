// SPDX-License-Identifier: MIT
// Made from admin-guide/kernel-parameters.txt of Linux 6.1 and 6.12, and from every __setup(), early_param()
// and core_param() of 6.1, other architectures than x86 and arm64 left out. The prefixes are those of that
// document and of the parameters in modules.builtin.modinfo of Debian's 6.1 whose code is never a module.
#include "mkpxerd/image/kernel_parameters.hpp"

#include <algorithm>

#include "mkpxerd/base/edit_distance.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {
namespace {

// Each name stands between two spaces.
constexpr std::string_view names =
    " "
    "BusLogic TOMOYO_loader TOMOYO_trigger accept_memory acpi acpi_apic_instance acpi_backlight "
    "acpi_enforce_resources acpi_force_32bit_fadt_addr acpi_force_table_verification acpi_irq_balance "
    "acpi_irq_isa acpi_irq_nobalance acpi_irq_pci acpi_mask_gpe acpi_no_auto_serialize "
    "acpi_no_memhotplug acpi_no_static_ssdt acpi_no_watchdog acpi_os_name acpi_osi acpi_pm_good "
    "acpi_rev_override acpi_rsdp acpi_sci acpi_skip_timer_override acpi_sleep acpi_use_timer_override "
    "acpica_no_return_repair add_efi_memmap agp aha152x aic79xx aic7xxx align_va_addr alignment "
    "alloc_mptable alloc_snapshot allow_mismatched_32bit_el0 amd_iommu amd_iommu_dump amd_iommu_intr "
    "amd_prefcore amd_pstate aoe_iflist apc apic apic_extnmi apicpmtimer apm apparmor arcrimi ataflop "
    "atarimouse atascsi audit audit_backlog_limit autoconf bau baycom_epp baycom_par baycom_ser_fdx "
    "baycom_ser_hdx bdev_allow_write_mounted bert_disable bgrt_disable blkdevparts boot_delay bootconfig "
    "bulk_remove c101 ca_keys cachesize carrier_timeout cca ccw_timeout_log cgroup_debug cgroup_disable "
    "cgroup_favordynmods cgroup_no_v1 checkreqprot cifsroot cio_ignore clearcpuid clk_ignore_unused "
    "clock clocksource cma cma_pernuma cmo_free_hint coherent_pool com20020 com90io com90xx con3215_drop "
    "condev conmode console console_msg_format consoleblank coredump_filter cpcihp_generic cpu0_hotplug "
    "cpu_init_udelay crash_kexec_post_notifiers crashkernel cs89x0_dma cs89x0_media csdlock_debug dasd "
    "debug debug_alternative debug_boot_weak_hash debug_guardpage_minorder debug_locks_verbose "
    "debug_objects debug_pagealloc debugfs debugpat default_hugepagesz deferred_probe_timeout delayacct "
    "dfltcc dhash_entries dhcpclass dis_ucode_ldr disable disable_1tb_segments disable_cpu_apicid "
    "disable_ddw disable_ipv6 disable_mtrr_cleanup disable_mtrr_trim disable_radix disable_timer_pin_1 "
    "disable_tlbie disableapic dma_debug dma_debug_driver dma_debug_entries dmasound driver_async_probe "
    "dt_cpu_ftrs dump_apple_properties dyndbg early_ioremap_debug early_page_ext earlycon earlyprintk "
    "edac_report edd efi efi_fake_mem efi_no_storage_paranoia efivar_ssdt eisa_irq_edge ekgdboc elanfreq "
    "elevator elfcorehdr enable_mtrr_cleanup enable_timer_pin_1 enforcing erst_disable ether evm "
    "fail_futex fail_io_timeout fail_make_request fail_page_alloc fail_usercopy failslab fas216_logging "
    "fb_tunnels fbcon fips floppy force_pal_cache_flush forcepae fred ftrace ftrace_boot_snapshot "
    "ftrace_dump_on_oops ftrace_filter ftrace_graph_filter ftrace_graph_max_depth ftrace_graph_notrace "
    "ftrace_notrace fw_devlink gamma gart_fix_e820 gather_data_sampling gcov_persist goldfish gpt "
    "hardened_usercopy hardlockup_all_cpu_backtrace hashdist hcheck_dump_tasks hcheck_margin "
    "hcheck_reboot hcheck_tick hcl hd hest_disable hibernate highmem highres hlt hostname hpet hpet_mmap "
    "hugepages hugepagesz hugetlb_cma hugetlb_free_vmemmap hung_task_panic hv_nopvspin hvc_iucv "
    "hvc_iucv_allow i2c_bus i2c_touchscreen_props i810 ia32_emulation ibt icn idle ieee754 "
    "ignore_loglevel ignore_rlimit_data ihash_entries ima_appraise ima_appraise_tcb ima_canonical_fmt "
    "ima_hash ima_policy ima_tcb ima_template ima_template_fmt indirect_target_selection init "
    "init_on_alloc init_on_free init_pkru initcall_blacklist initcall_debug initramfs_async "
    "initramfs_options initrd initrdmem int_pln_enable integrity_audit intel_iommu intel_pstate intremap "
    "io7 io_delay iomem iommu ip ipcmni_extend ips irqaffinity irqfixup irqpoll irqtime isapnp isolcpus "
    "iucv ivrs_acpihid ivrs_hpet ivrs_ioapic js kasan kasan_multi_shot keep_bootcon keepinitrd "
    "kernelcore kgdbcon kgdbdbgp kgdboc kgdboc_earlycon kgdbts kgdbwait kmac kmemleak kprobe_event kpti "
    "kunit_shutdown kvm_cma_resv_ratio l1d_flush l1tf l2cr l3cr lapic lapic_timer_c2_ok load_ramdisk "
    "lockdown log_buf_len loglevel lp lpj lsm lsmsi ltpc mac5380 machtype machvec max_addr max_loop "
    "maxcpus mce md mdacon mds mem mem_encrypt mem_sleep_default memblock memchunk memhp_default_state "
    "memmap memory_corruption_check memory_corruption_check_period memory_corruption_check_size memtest "
    "mfgpt_irq mfgptfix mga mhash_entries min_addr mini2440 mitigations mminit_loglevel mmio_stale_data "
    "module_blacklist movable_node movablecore mphash_entries mtdparts mtdset mtrr mtrr_chunk_size "
    "mtrr_cleanup_debug mtrr_gran_size mtrr_spare_reg_nr multitce n2 ncr53c8xx netconsole netdev "
    "nfsaddrs nfsroot nfsrootdebug nmi_debug nmi_watchdog no387 no4lvl no5lvl no_console_suspend "
    "no_debug_objects no_entry_flush no_file_caps no_hash_pointers no_ipi_broadcast no_kvmapf "
    "no_kvmclock no_kvmclock_vsyscall no_scroll no_steal_acc no_timer_check no_uaccess_flush "
    "no_vmw_sched_clock noaliencache noalign noaltinstr noapic noapictimer noautogroup nocache "
    "nodebugmon nodsp noefi noexec noexec32 nofpu nofsgsbase nofxsr nogreybus nohalt nohibernate nohlt "
    "nohpet nohugeiomap nohugevmalloc nohz nohz_full noinitrd nointremap nointroute noinvpcid noiotrap "
    "noirqdebug noisapnp nojitter nokaslr nokgdbroundup nolapic nolapic_timer nomca nomce nomfgpt "
    "nomodeset nomodule nonmi_ipi nopat nopcid nopku nopti nopv nopvspin norandmaps noreplace_smp "
    "noresume nosbagart nosgx nosmap nosmep nosmp nosmt nosoftlockup nospec_store_bypass_disable "
    "nospectre_bhb nospectre_v1 nospectre_v2 nosync notsc novmcoredd nowatchdog nowb nox2apic noxsave "
    "noxsaveopt noxsaves nps_mtm_hs_ctr nptcg nr_cpus nr_uarts ntp_tick_adj numa numa_balancing numa_cma "
    "numa_zonelist_order ohci1394_dma olpc_ec_timeout omap_mux oops page_owner page_poison "
    "page_table_check panic panic_on_taint panic_on_warn panic_print parport parport_init_mode "
    "pause_on_oops pcbit pci pci_slot_ignore pcie_aspm pcie_pme pcie_port_pm pcie_ports pcmv "
    "pd_ignore_unused pdcchassis percpu_alloc pirq plip pm_debug_messages pmtmr pmu_override "
    "pnp_reserve_dma pnp_reserve_io pnp_reserve_irq pnp_reserve_mem pnpacpi pnpbios ports possible_cpus "
    "powersave ppc_strict_facility_enable ppc_tm preempt print_fatal_signals profile prompt_ramdisk "
    "prot_virt psi pti qla1280 quiet r128 radix_hcall_invalidate raid ramdisk_size ramdisk_start "
    "randomize_kstack_offset ras rcu_nocb_poll rcu_nocbs rdinit rdrand rdt reboot reg_file_data_sampling "
    "regulator_ignore_unused relax_domain_level resched_latency_warn_ms reserve reserve_mem reservetop "
    "reset_devices resume resume_offset resumedelay resumewait retain_initrd retbleed rhash_entries "
    "ring3mwait riscv_isa_fallback ro rodata root rootdelay rootflags rootfstype rootwait rproc_mem rw "
    "s390_iommu s390_iommu_aperture sa1100ir sched_thermal_decay_shift sched_verbose schedstats "
    "sclp_con_drop sclp_con_pages security selinux serialnumber sev shapers show_lapic sim710 simeth "
    "simscsi skew_tick slab_debug slab_max_order slab_merge slab_min_objects slab_min_order slab_nomerge "
    "slram slub_debug slub_max_order slub_merge slub_min_objects slub_min_order slub_nomerge smart2 smt "
    "softlockup_all_cpu_backtrace softlockup_panic spec_rstack_overflow spec_store_bypass_disable "
    "spectre_bhi spectre_v2 spectre_v2_user spia_fio_base spia_io_base spia_peddr spia_pedr "
    "split_lock_detect srbds ssbd st stack_depot_disable stack_guard_gap stacktrace stacktrace_filter "
    "sti sti_font stifb stmmaceth stress_hpt stress_slb strict_sas_size svm swapaccount swiotlb switches "
    "sxgbeeth sysrq_always_enabled tcpmhash_entries tdfx test_suspend thash_entries thp_anon threadirqs "
    "topology topology_updates tp720 tp_printk tp_printk_stop_on_boot tpm_suspend_pcr trace_buf_size "
    "trace_clock trace_event trace_instance trace_options trace_trigger traceoff_on_warning "
    "tracing_thresh transparent_hugepage tsa tsc tsc_early_khz tsx tsx_async_abort udbg_immortal "
    "uhash_entries unknown_nmi_panic unwind_debug update_mptable user_debug userpte uv_memblksize "
    "uvrtcevt vdso vdso32 vector vga video vm_debug vmalloc vmcp_cma vmhalt vmpanic vmpoff vmscape "
    "vsyscall watchdog watchdog_thresh wd33c93 writecombine x2apic_phys xen_512gb_limit xen_emul_unplug "
    "xen_legacy_crash xen_mc_debug xen_msr_safe xen_no_vector_callback xen_nopv xen_nopvspin "
    "xen_scrub_pages xen_timer_slop xirc2ps_cs xive xmon ";

constexpr std::string_view prefixes =
    " "
    "acpi amijoy apparmor arm64 blk_cgroup cgroup clocksource clocksource_wdtest coresight_cpu_debug "
    "cpufreq cpuhp cpuidle device_hmem devtmpfs dscc4 dynamic_debug fscrypto fw_devlink ghes gpio_mockup "
    "gpiolib_acpi grant_table grcan hibernate ima inport intel_idle iommu ipe irqchip kasan keyboard "
    "kfence kunit kvm_arm locktorture logibm logo lsm memory_hotplug microcode mmiotrace module "
    "mtouchusb netpoll nfs4 nmi_backtrace page_alloc page_reporting pata_platform pcd pci_hotplug "
    "pcie_aspm pciehp pd pf pg pnp printk proc_mem pt pty random rcupdate rcuscale rcutorture rcutree "
    "refscale scftorture secretmem smp smsc_ircc2 spurious srcutree suspend syscall sysctl sysfs sysrq "
    "torture trusted vt workqueue xen xive zswap ";

std::string spelled(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '-', '_');
    return text;
}

bool has(std::string_view list, std::string_view name) {
    return !name.empty() && list.find(' ' + spelled(name) + ' ') != std::string_view::npos;
}

} // namespace

std::vector<std::string_view> kernel_parameters() {
    return split_words(names);
}

bool is_kernel_parameter(std::string_view name) {
    return has(names, name);
}

bool is_kernel_prefix(std::string_view prefix) {
    return has(prefixes, prefix);
}

std::optional<std::string> nearest_kernel_parameter(std::string_view name) {
    // "no" before a word makes any two short words look alike.
    constexpr std::string_view negation = "no";
    const std::string wanted = spelled(name);
    const auto meant =
        likely_meant(wanted, kernel_parameters(), wanted.starts_with(negation) ? negation.size() : 0);
    return meant ? std::optional<std::string>(*meant) : std::nullopt;
}

} // namespace mkpxerd::image
