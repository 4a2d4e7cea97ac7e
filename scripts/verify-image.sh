#!/usr/bin/env bash
# Runs the Dockerfile without Docker, step by step as it is written: each stage gets a root folder of its own, COPY takes only
# what .dockerignore lets through, RUN runs inside the stage, and at the end CMD is started and asked for its health.
# The base image is played by this machine's own system, read-only: Debian with Node 20 comes closest. Needs root on Linux.
# Takes the files that git knows (also uncommitted changes of them). KEEP=1 leaves the folders behind.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || { echo "needs root, and a kernel that lets it make mount namespaces" >&2; exit 3; }

work=$(mktemp -d /tmp/verify-image-XXXXXX)
# The file modes of mktemp would keep the image's user out.
chmod 755 "$work"
server=
finish() {
  [ -z "$server" ] || kill -TERM "$server" 2>/dev/null || true
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap finish EXIT

say() { printf '%s\n' "$*"; }
refuse() { say "FAILED: $*"; exit 1; }

# The build context: what git knows, without what .dockerignore names (patterns: names, *, **, leading **/).
make_context() {
  local patterns=() line regex
  while IFS= read -r line; do
    case "$line" in '' | '#'*) continue ;; '!'*) refuse ".dockerignore: exceptions ($line) are not understood here" ;; esac
    regex=$(printf '%s' "$line" | sed -e 's/[.]/[.]/g' -e 's#[*][*]/#\x01#g' -e 's/[*]/[^\/]*/g' -e 's#\x01#(.*/)?#g')
    patterns+=(-e "^$regex(/|\$)")
  done <.dockerignore
  mkdir "$work/context"
  git ls-files --cached | grep -vE "${patterns[@]}" | while IFS= read -r file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
    tar --null -T - -cf - | tar -xf - -C "$work/context"
}

# A stage's root: the system's programs come by mount when something runs; /etc is a copy that knows the image's user.
new_stage() {
  local name=$1 from=$2 root=$work/$1
  if [ -d "$work/$from" ]; then cp -a "$work/$from" "$root"; else
    mkdir -p "$root"/{usr,proc,dev,tmp,root,run,var/tmp}
    chmod 1777 "$root/tmp" "$root/var/tmp"
    for link in bin sbin lib lib64; do [ -L "/$link" ] && cp -a "/$link" "$root/" || mkdir -p "$root/$link"; done
    cp -a /etc "$root/etc"
    grep -q '^node:' "$root/etc/passwd" || echo "node:x:1000:1000::/home/node:/bin/bash" >>"$root/etc/passwd"
    grep -q '^node:' "$root/etc/group" || echo "node:x:1000:" >>"$root/etc/group"
    install -d -o 1000 -g 1000 "$root/home/node"
    printf '/\n' >"$work/$name.workdir"
    printf 'root\n' >"$work/$name.user"
    : >"$work/$name.env"
  fi
  [ -f "$work/$name.workdir" ] || for part in workdir user env; do cp "$work/$from.$part" "$work/$name.$part"; done
}

# Runs a command inside the stage, as its user, in its folder, with its environment and no other.
inside() {
  local name=$1 root=$work/$1 user home
  shift
  user=$(cat "$work/$name.user")
  home=$([ "$user" = root ] && echo "$HOME" || echo "/home/$user")
  mapfile -t settings <"$work/$name.env"
  # What a build machine needs to reach its registry is the machine's, not the image's.
  if [ "$user" = root ]; then mapfile -t -O "${#settings[@]}" settings < <(env | grep -iE '^(npm_config_|https?_proxy=|no_proxy=|node_extra_ca_certs=|ssl_cert)'); fi
  exec unshare --mount --pid --fork --kill-child=SIGTERM bash -c '
    root=$1 workdir=$2 user=$3 home=$4; shift 4
    for folder in /usr /bin /sbin /lib /lib64; do
      [ -L "$folder" ] || { [ -d "$folder" ] && mount --rbind "$folder" "$root$folder" && mount -o remount,bind,ro "$root$folder"; }
    done
    mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"
    [ "$user" != root ] || { mkdir -p "$root$home"; mount --bind "$home" "$root$home"; }
    exec chroot --userspec="$user" --groups= "$root" /bin/sh -c "cd \"$workdir\" && exec \"\$@\"" sh "$@"
  ' bash "$root" "$(cat "$work/$name.workdir")" "$user" "$home" \
    env -i HOME="$home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${settings[@]}" "${extra[@]}" "$@" </dev/null
}

# COPY [--from=stage] source… target: files go into the target, a folder's content becomes the target's.
copy_into() {
  local stage=$1 from=$work/context target source
  shift
  if [[ $1 == --from=* ]]; then from=$work/${1#--from=} && shift; fi
  local sources=("${@:1:$#-1}")
  target=${!#}
  [[ $target == /* ]] || target=$(cat "$work/$stage.workdir")/$target
  mkdir -p "$work/$stage$target"
  for source in "${sources[@]}"; do
    [ -e "$from/$source" ] || refuse "COPY: $source is not in the build context (missing, not in git, or in .dockerignore)"
    if [ -d "$from/$source" ]; then cp -a "$from/$source/." "$work/$stage$target/"; else cp -a "$from/$source" "$work/$stage$target/"; fi
  done
}

# ["a", "b"] to one argument a line.
json_lines() { node -e 'for (const word of JSON.parse(process.argv[1])) console.log(word)' "$1"; }

step() {
  local instruction=$1 rest=$2 extra=()
  case "$instruction" in
  FROM)
    read -r from _ stage <<<"$rest"
    new_stage "$stage" "$from"
    ;;
  WORKDIR) printf '%s\n' "$rest" >"$work/$stage.workdir" && mkdir -p "$work/$stage$rest" ;;
  ENV) printf '%s\n' "$rest" >>"$work/$stage.env" ;;
  USER) printf '%s\n' "$rest" >"$work/$stage.user" ;;
  COPY) read -ra words <<<"$rest" && copy_into "$stage" "${words[@]}" ;;
  RUN) (inside "$stage" /bin/sh -c "$rest") || refuse "RUN $rest" ;;
  HEALTHCHECK) health=${rest#*CMD } ;;
  CMD) command=$rest ;;
  VOLUME | EXPOSE) ;;
  *) refuse "the instruction $instruction is not understood here" ;;
  esac
}

stage='' health='' command=''
make_context
say "context: $(find "$work/context" -type f | wc -l) files"
while read -r instruction rest; do
  case "$instruction" in '' | '#'*) continue ;; esac
  say "[${stage:-start}] $instruction $rest"
  step "$instruction" "$rest"
done < <(sed -e ':a' -e '/\\$/N; s/\\\n//; ta' Dockerfile)

say "image: $(du -sh --exclude=etc "$work/$stage" | cut -f1), user $(cat "$work/$stage.user")"
[ ! -e "$work/$stage/srv/node_modules/prisma" ] || refuse "the Prisma CLI is in the image"
[ -z "$(find "$work/$stage/srv" -name '*.test.ts' -not -path '*/node_modules/*' | head -1)" ] || refuse "tests are in the image"

extra=()
names=$( (inside "$stage" node cli/energy.mjs --help) | sed -n '/^Commands:/,$s/^  \([a-z]\+\) .*/\1/p' | grep -v '^help$' || true)
[ -n "$names" ] || refuse "energy --help lists no command"
for name in $names; do
  (inside "$stage" node cli/energy.mjs "$name" --help) >/dev/null 2>"$work/said" || refuse "energy $name --help: $(tail -3 "$work/said")"
  say "energy $name --help: ok"
done

port=$((20000 + RANDOM % 20000))
extra=("PORT=$port" "MQTT_PORT=$((port + 1))" "INGEST_PORT=$((port + 2))" "APP_SECRET=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')")
mapfile -t words < <(json_lines "$command")
(inside "$stage" "${words[@]}") >"$work/server.log" 2>&1 &
server=$!
mapfile -t asking < <(json_lines "$health")
for _ in $(seq 90); do
  if (inside "$stage" "${asking[@]}") 2>/dev/null; then healthy=1 && break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 1
done
[ -n "${healthy:-}" ] || { tail -20 "$work/server.log"; refuse "${words[*]} did not become healthy"; }
say "healthy: ${words[*]}"
# To the program itself, which is the child of the namespace's keeper.
kill -TERM "$(pgrep -P "$server")"
wait "$server" && say "stopped cleanly" || refuse "the program ended with exit code $? on SIGTERM"
server=
say "every step of the Dockerfile ran"
