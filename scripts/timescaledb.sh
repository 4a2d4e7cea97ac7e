#!/usr/bin/env bash
# PostgreSQL 17 with TimescaleDB (Apache edition) for the tests, on Debian or a system made from it, without touching the
# system: the packages of Debian 13 are unpacked into a folder of their own, and the programs run through that folder's
# ld.so, because an older system's C library is too old for them. No chroot, no mounts, no change to apt's own sources.
#
#   timescaledb.sh install   download and unpack; nothing to do the second time
#   timescaledb.sh start     install, make the cluster and start it on 127.0.0.1
#   timescaledb.sh stop | status | url
#
# A database then runs CREATE EXTENSION timescaledb.
# TS_HOME  where everything goes   .timescaledb in this repository (/var/lib/energy-tracking/timescaledb where root runs this
#                                  and the server's account may not enter the repository)
# TS_PORT  port                    7110
# Exit codes: 1 failed or not running, 2 wrong use, 3 this machine cannot run it (the reason is on stderr).
#
# fsync is off and nobody needs a password: for tests alone.
set -euo pipefail

PG_MAJOR=17
SUITE=trixie
TS_PORT=${TS_PORT:-7110}
ACCOUNT=postgres

cannot() {
  echo "TimescaleDB cannot be installed here: $1" >&2
  exit 3
}

fail() {
  echo "timescaledb.sh: $1" >&2
  exit 1
}

# Postgres refuses to run as root.
ensure_account() {
  id $ACCOUNT >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin $ACCOUNT ||
    cannot "there is no account \"$ACCOUNT\" and none could be made."
}

as_account() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid $ACCOUNT --regid $ACCOUNT --clear-groups -- env HOME=/tmp LC_ALL=C.UTF-8 "$@"
  else
    LC_ALL=C.UTF-8 "$@"
  fi
}

choose_home() {
  local repository
  repository=$(cd "$(dirname "$0")/.." && pwd)
  TS_HOME=${TS_HOME:-$repository/.timescaledb}
  if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    ensure_account
    as_account test -x "$(dirname "$TS_HOME")" || TS_HOME=/var/lib/energy-tracking/timescaledb
  fi
  ROOT=$TS_HOME/root
  DATA=$TS_HOME/data
  BIN=$ROOT/usr/lib/postgresql/$PG_MAJOR/bin
}

check_machine() {
  [ "$(uname -s)" = Linux ] || cannot "this is $(uname -s), and the packages are Debian's."
  local tool
  for tool in apt-get dpkg dpkg-deb setpriv; do
    command -v $tool >/dev/null || cannot "there is no $tool; Debian and systems made from it have it."
  done
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || cannot "Debian's archive key (package debian-archive-keyring) is missing."
}

# The archive that this machine already takes its packages from, without its security part.
archive() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | sort -u | head -1
}

# apt with state, lists and sources of its own, so that the system's stay as they are.
write_apt_configuration() {
  local apt=$1 arch=$2 mirror
  mirror=$(archive)
  if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then
    # A new machine has no package lists yet.
    apt-get -qq update >&2 || true
    mirror=$(archive)
  fi
  [ -n "$mirror" ] || cannot "apt knows no archive: run apt-get update as root, then try again."
  mkdir -p "$apt"/lists/partial "$apt"/archives/partial "$apt"/none
  : >"$apt/status"
  echo "deb [arch=$arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $SUITE main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/none";
Dir::Etc::preferencesparts "$apt/none";
APT::Architecture "$arch";
APT::Architectures "$arch";
APT::Install-Recommends "false";
APT::Get::List-Cleanup "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Debug::NoLocking "true";
CONF
}

# Every package that the two need, less what a bare server never loads.
list_packages() {
  local unused='perl.*|libperl.*|libdb5.*|libgdbm.*|debconf.*|ssl-cert|openssl|adduser|passwd|dpkg|tar|sysvinit-utils'
  unused+='|init-system-helpers|postgresql-common.*|postgresql-client-common|lsb-.*|sensible-utils|ucf|coreutils|netbase'
  unused+='|bash|locales.*|libjson-perl|libipc-run-perl|gcc-.*|login.*|libsemanage.*|libsepol.*|libllvm.*|libedit2|libbsd0'
  unused+='|libmd0|ca-certificates|cdebconf|libtext.*|libnewt.*|libslang.*|base-passwd|libtinfo.*-dev'
  apt-get -qq install --print-uris -y postgresql-$PG_MAJOR postgresql-$PG_MAJOR-timescaledb libc6 tzdata |
    sed -n "s/^'[^']*' \([^_ ]*\)_.*/\1/p" | sort -u | grep -vxE "$unused"
}

# Each program becomes a script that starts it through the unpacked ld.so; --argv0 lets postgres find its own files.
wrap_programs() {
  local ld libraries program
  ld=$(find "$ROOT" -name 'ld-linux*.so.*' | head -1)
  libraries=$(dirname "$(find "$ROOT/usr/lib" -name 'libpq.so.5' | head -1)")
  for program in postgres initdb pg_ctl pg_isready psql pg_dump pg_restore; do
    [ -f "$BIN/$program" ] || continue
    mv "$BIN/$program" "$BIN/$program.bin"
    printf '#!/bin/sh\nexec %q --inhibit-cache --library-path %q --argv0 %q %q "$@"\n' \
      "$ld" "$libraries:$libraries/systemd" "$BIN/$program" "$BIN/$program.bin" >"$BIN/$program"
    chmod 755 "$BIN/$program"
  done
}

install_all() {
  if [ -f "$TS_HOME/installed" ]; then return; fi
  check_machine
  local apt=$TS_HOME/apt deb
  rm -rf "$apt" "$ROOT"
  mkdir -p "$TS_HOME" "$ROOT"
  write_apt_configuration "$apt" "$(dpkg --print-architecture)"
  export APT_CONFIG=$apt/apt.conf
  apt-get -qq update >&2 || cannot "the package lists of Debian $SUITE could not be fetched."
  list_packages >"$apt/packages" || cannot "Debian $SUITE has no postgresql-$PG_MAJOR-timescaledb for $(dpkg --print-architecture)."
  (cd "$apt/archives" && xargs apt-get -qq download <"$apt/packages" >&2) || cannot "the packages could not be downloaded."
  for deb in "$apt"/archives/*.deb; do dpkg-deb -x "$deb" "$ROOT"; done
  rm -rf "$ROOT"/usr/share/{doc,man,locale,lintian} "$ROOT/usr/lib/postgresql/$PG_MAJOR/lib/bitcode"
  wrap_programs
  (cd "$apt/archives" && ls postgresql-$PG_MAJOR*.deb) >"$apt/versions"
  mv "$apt/versions" "$TS_HOME/installed"
  rm -rf "$apt"
  echo "installed $(paste -sd' ' "$TS_HOME/installed")" >&2
}

make_cluster() {
  if [ -f "$DATA/PG_VERSION" ]; then return; fi
  rm -rf "$DATA"
  mkdir -m 700 "$DATA"
  [ "$(id -u)" != 0 ] || chown $ACCOUNT: "$DATA"
  as_account "$BIN/initdb" -D "$DATA" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$TS_HOME/initdb.log" 2>&1 ||
    fail "initdb failed: $(tail -1 "$TS_HOME/initdb.log")"
}

# No background workers: a scheduler that is connected to the template database keeps it from being cloned.
server() {
  exec "$BIN/postgres" -D "$DATA" -p "$TS_PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c shared_preload_libraries=timescaledb -c timescaledb.telemetry_level=off -c timescaledb.max_background_workers=0 \
    -c timezone=UTC -c jit=off -c max_connections=100 -c max_locks_per_transaction=256 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off
}

# The port of the server that runs, whatever TS_PORT says today; else the one it would get.
port() {
  if [ -f "$DATA/postmaster.pid" ] && kill -0 "$(head -1 "$DATA/postmaster.pid")" 2>/dev/null; then
    sed -n 4p "$DATA/postmaster.pid"
  else
    echo "$TS_PORT"
  fi
}

is_running() {
  [ -x "$BIN/pg_isready" ] && [ -f "$DATA/postmaster.pid" ] && "$BIN/pg_isready" -q -h 127.0.0.1 -p "$(port)" -U postgres
}

start() {
  install_all
  if is_running; then return; fi
  make_cluster
  export BIN DATA TS_PORT
  # Its own session, and none of our open files: whoever started us may read our output to its end.
  as_account setsid bash -c "$(declare -f server); server" </dev/null >"$TS_HOME/postgres.log" 2>&1 &
  local wait
  for wait in $(seq 200); do
    if is_running; then
      echo "ready $(url)" >&2
      return
    fi
    sleep 0.1
  done
  fail "the server did not start: $(tail -1 "$TS_HOME/postgres.log")"
}

stop() {
  [ -f "$DATA/postmaster.pid" ] || return 0
  local pid wait
  pid=$(head -1 "$DATA/postmaster.pid")
  kill -INT "$pid" 2>/dev/null || return 0
  for wait in $(seq 300); do
    [ -f "$DATA/postmaster.pid" ] || return 0
    sleep 0.1
  done
  fail "process $pid did not stop within 30 s"
}

url() { echo "postgresql://postgres@127.0.0.1:$(port)/postgres"; }

choose_home
case "${1:-}" in
  install) install_all ;;
  start) start ;;
  stop) stop ;;
  status) if is_running; then echo running; else echo stopped; exit 1; fi ;;
  url) url ;;
  *) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
