#!/usr/bin/env bash
# PostgreSQL 17 with TimescaleDB (Apache-2 edition) for the tests, from Debian 13's packages, without touching the system:
# they are unpacked into a folder of their own and started through their own ld.so, so that Debian 12 runs them too.
#   install-timescaledb.sh install             download and unpack, unless done already
#   install-timescaledb.sh serve PORT DATA     install, make DATA when it is empty, and run in the foreground
# TIMESCALEDB_HOME: the folder. As root the server runs as the user postgres, who must be able to read it.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then default_home=/var/lib/energy-tracking/timescaledb; else default_home=$(cd "$(dirname "$0")/.." && pwd)/.timescaledb; fi
home=${TIMESCALEDB_HOME:-$default_home}
version=17
root=$home/root
bin=$root/usr/lib/postgresql/$version/bin

refuse() { echo "$1" >&2; exit 3; }

# What a bare postgres process never loads.
needless='^(perl|perl-base|perl-modules.*|libperl.*|libdb5.*|libgdbm.*|debconf.*|ssl-cert|openssl|adduser|passwd|dpkg|tar'
needless+='|sysvinit-utils|init-system-helpers|postgresql-common|postgresql-common-dev|postgresql-client-common|lsb-.*'
needless+='|sensible-utils|ucf|coreutils|netbase|bash|locales.*|libjson-perl|libipc-run-perl|gcc-.*|login.*|libsemanage.*'
needless+='|libsepol.*|libllvm.*|libedit2|libbsd0|libmd0|ca-certificates|cdebconf|libtext.*|libnewt.*|libslang.*|base-passwd'
needless+='|libtinfo.*-dev)$'

# An apt of its own: one suite, one component, signed by the archive key that Debian ships.
configure_apt() {
  local apt=$1 architecture=$2 archive
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | sort -u | head -1 || true)
  mkdir -p "$apt"/{lists/partial,archives/partial,etc/none}
  : >"$apt/status"
  echo "deb [arch=$architecture signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${archive:-http://deb.debian.org/debian} trixie main" \
    >"$apt/etc/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/etc/sources.list"; Dir::Etc::sourceparts "$apt/etc/none"; Dir::Etc::preferencesparts "$apt/etc/none";
APT::Get::List-Cleanup "false"; APT::Install-Recommends "false"; APT::Sandbox::User "root";
APT::Architecture "$architecture"; APT::Architectures "$architecture";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Debug::NoLocking "true";
CONF
  export APT_CONFIG=$apt/apt.conf
}

install_() {
  [ -f "$home/installed" ] && return
  grep -q '^ID=debian$' /etc/os-release 2>/dev/null || refuse "TimescaleDB is taken from Debian's packages, and this is not Debian"
  echo "installing TimescaleDB …" >&2
  local apt=$home/apt architecture
  architecture=$(dpkg --print-architecture)
  rm -rf "$apt" "$root"
  mkdir -p "$root" || refuse "$home cannot be written: set TIMESCALEDB_HOME to a folder that can"
  configure_apt "$apt" "$architecture"
  apt-get -qq update || refuse "Debian's package list could not be read"
  apt-get -qq install --print-uris -y postgresql-$version postgresql-$version-timescaledb libc6 tzdata |
    sed -n "s/^'[^']*' \([^_ ]*\)_.*/\1/p" | sort -u | grep -vE "$needless" >"$apt/packages"
  (cd "$apt/archives" && xargs -a "$apt/packages" apt-get -qq download) || refuse "TimescaleDB's packages could not be downloaded"
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$root"/usr/share/{doc,man,locale,lintian} "$root/usr/lib/postgresql/$version/lib/bitcode"
  wrap_programs
  rm -rf "$apt"
  touch "$home/installed"
}

# Every program is started through the unpacked ld.so; --argv0 keeps postgres able to find its own folders.
wrap_programs() {
  local loader libraries program
  loader=$(find "$root" -name 'ld-linux-*.so.*' | head -1)
  libraries=$(dirname "$(find "$root/usr/lib" -name 'libpq.so.5' | head -1)")
  for program in postgres initdb pg_isready; do
    mv "$bin/$program" "$bin/$program.bin"
    printf '#!/bin/sh\nexec %q --inhibit-cache --library-path %q --argv0 %q %q "$@"\n' \
      "$loader" "$libraries:$libraries/systemd" "$bin/$program" "$bin/$program.bin" >"$bin/$program"
    chmod 755 "$bin/$program"
  done
}

# Postgres refuses to run as root.
as_postgres=(env LC_ALL=C.UTF-8)
if [ "$(id -u)" = 0 ]; then
  as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups -- env HOME=/tmp LC_ALL=C.UTF-8)
fi

serve() {
  local port=$1 data=$2
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin postgres
  fi
  if [ ! -f "$data/PG_VERSION" ]; then
    mkdir -p "$data"
    chmod 700 "$data"
    [ "$(id -u)" != 0 ] || chown postgres: "$data"
    "${as_postgres[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  fi
  # For tests only: nothing here survives a power cut. Background workers would hold databases that tests clone.
  exec "${as_postgres[@]}" "$bin/postgres" -D "$data" -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_preload_libraries=timescaledb \
    -c timescaledb.telemetry_level=off -c timescaledb.max_background_workers=0 -c timezone=UTC -c jit=off \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_locks_per_transaction=256
}

case "${1:-}" in
install) install_ ;;
serve)
  [ $# = 3 ] || { echo "usage: $0 serve PORT DATA" >&2; exit 2; }
  install_
  serve "$2" "$3"
  ;;
*)
  echo "usage: $0 install | serve PORT DATA" >&2
  exit 2
  ;;
esac
