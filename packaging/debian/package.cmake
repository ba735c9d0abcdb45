# SPDX-License-Identifier: MIT
# `cpack` writes a package of Debian: mkpxerd_VERSION_ARCHITECTURE.deb. What the installation lays out is taken as it is;
# finish.cmake brings it to Debian's rules.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mkpxerd)
set(CPACK_PACKAGE_CONTACT "The mkpxerd authors <mkpxerd@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "initrd generator for booting machines over the network")
set(CPACK_PACKAGE_DESCRIPTION
"mkpxerd writes an initial RAM disk from lists of features, as mkinitfs does,
with an init of its own that brings up the network, fetches what the machine
needs and hands over to the real system. It also makes everything that DHCP,
TFTP and web servers need for it, and tries it in QEMU.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# Libraries of the generator; the init is static.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS TRUE)
# What a whole image for network booting takes of the system, and what packs the modloop of a bundle.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "kmod, ca-certificates, squashfs-tools")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "qemu-system-x86, ovmf, ipxe, pxelinux, syslinux-common, grub-efi-amd64-bin, isc-dhcp-server | dnsmasq, tftpd-hpa, nginx")
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/finish.cmake)
include(CPack)
