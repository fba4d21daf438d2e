systemdsystemunit_DATA = systemd/vedetted.service
sysusers_DATA = systemd/sysusers.d/vedette.conf
tmpfiles_DATA = systemd/tmpfiles.d/vedette.conf
systemd_files = $(systemdsystemunit_DATA) $(sysusers_DATA) $(tmpfiles_DATA)
EXTRA_DIST += systemd/vedetted.service.in systemd/sysusers.d/vedette.conf.in \
	systemd/tmpfiles.d/vedette.conf.in
CLEANFILES += $(systemd_files)

# Where things go is known to make, not to configure: the variables refer to each other.
$(systemd_files): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) -e 's|@bindir[@]|$(bindir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@vedetteconfdir[@]|$(vedetteconfdir)|g' \
		'$(srcdir)/$@.in' >$@.tmp && mv $@.tmp $@
systemd/vedetted.service: systemd/vedetted.service.in
systemd/sysusers.d/vedette.conf: systemd/sysusers.d/vedette.conf.in
systemd/tmpfiles.d/vedette.conf: systemd/tmpfiles.d/vedette.conf.in
