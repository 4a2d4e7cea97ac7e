#!/bin/sh
# Starts Mosquitto 2.0 as Energy Tracking needs it (docs/BROKERS.md says why). Settings, all by environment:
#   MOSQUITTO_DATA      its folder: queued messages, and who may log in         [/mosquitto/data]
#   MOSQUITTO_PASSWORD  of the user "ingest", the one in MQTT_URL               (required)
#   MOSQUITTO_LISTENER  port and, if not all, the address to listen at          [1883]
#   MOSQUITTO_EXTRA     a file of further settings, e.g. certfile and keyfile
set -eu
data=${MOSQUITTO_DATA:-/mosquitto/data}
: "${MOSQUITTO_PASSWORD:?set MOSQUITTO_PASSWORD}"

for plugin in /usr/lib/mosquitto_dynamic_security.so /usr/lib/*/mosquitto_dynamic_security.so; do
  [ -f "$plugin" ] && break
done
[ -f "$plugin" ] || { echo "mosquitto_dynamic_security.so is not installed" >&2; exit 1; }

# It begins with the ingest's login alone. Mosquitto 2.0 forgets shared subscriptions when it restarts, and acknowledges to a device
# what nobody has subscribed to. So devices are let in by the ingest, once it has subscribed.
rm -f "$data/dynamic-security.json"
mosquitto_ctrl dynsec init "$data/dynamic-security.json" ingest "$MOSQUITTO_PASSWORD" >/dev/null

cat >"$data/mosquitto.conf" <<CONF
$([ "$(id -u)" != 0 ] || echo "user $(stat -c %U "$data")")
listener ${MOSQUITTO_LISTENER:-1883}
$([ -z "${MOSQUITTO_EXTRA:-}" ] || cat "$MOSQUITTO_EXTRA")
allow_anonymous false
plugin $plugin
plugin_opt_config_file $data/dynamic-security.json
# What waits for an ingest is on disk before the next packet is read.
persistence true
persistence_location $data/
autosave_on_changes true
autosave_interval 1
# Above these limits Mosquitto would acknowledge and drop.
max_inflight_messages 0
max_queued_messages 0
# A message is with the ingest before its sender is answered: it must not wait in the kernel.
set_tcp_nodelay true
log_dest stderr
CONF
# Started as root, Mosquitto becomes the user whose folder it is.
[ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$data")" "$data"/*

exec mosquitto -c "$data/mosquitto.conf"
