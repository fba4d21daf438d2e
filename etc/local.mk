# An administrator's files are never overwritten. The configuration may hold passwords: 0640.
EXTRA_DIST += etc/vedette.conf etc/cameras.d/example.conf

# What looks at /metrics.
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = etc/grafana/vedette.json
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = etc/prometheus/vedette.rules.yml

install-data-local: install-configuration
uninstall-local: uninstall-configuration
.PHONY: install-configuration uninstall-configuration update-conf
install-configuration:
	$(MKDIR_P) '$(DESTDIR)$(vedetteconfdir)/cameras.d'
	@for file in vedette.conf cameras.d/example.conf; do \
		to='$(DESTDIR)$(vedetteconfdir)'/$$file; \
		if test -e "$$to"; then echo "$$to is kept"; continue; fi; \
		echo "$(INSTALL) -m 0640 $(srcdir)/etc/$$file $$to"; \
		$(INSTALL) -m 0640 "$(srcdir)/etc/$$file" "$$to" || exit 1; \
	done
# Takes away what was not changed.
uninstall-configuration:
	@for file in vedette.conf cameras.d/example.conf; do \
		to='$(DESTDIR)$(vedetteconfdir)'/$$file; \
		if cmp -s "$(srcdir)/etc/$$file" "$$to"; then rm -f "$$to"; fi; \
	done

# After a change of the options table.
update-conf: tests/config/print-options
	tests/config/print-options >'$(srcdir)/etc/vedette.conf.new'
	mv '$(srcdir)/etc/vedette.conf.new' '$(srcdir)/etc/vedette.conf'
