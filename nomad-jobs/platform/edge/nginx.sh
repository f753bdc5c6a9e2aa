#!/bin/sh
# Task "nginx" of the edge: runs nginx with the last good configuration and reloads it when consul-template (the other
# task, in another container where there are containers) has rendered a new one. The two share a folder:
#
#   candidate.conf   rendered by consul-template from the published template
#   fallback.conf    rendered from the template that was accepted before it
#   changed          pipe: consul-template writes a line when one of them is new
#   nginx.conf       the live configuration, the last one that nginx accepted
#   outcome.json     what became of the published template; `tandem deploy` reads it
set -u

edge=$NOMAD_ALLOC_DIR/data/edge
task=$NOMAD_TASK_DIR
umask 000
# Two file descriptors per connection; as many as the machine allows.
ulimit -n "$(ulimit -Hn)" 2>/dev/null
mkdir -p "$edge/temp"
cd "$edge" || exit 1

# What a killed predecessor left behind, recognised by its working folder: workers finish their requests and go.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [ "$process/cwd" -ef "$edge" ] && [ "$pid" != "$$" ] || continue
  read -r name 2>/dev/null <"$process/comm" || continue
  case $name in
    nginx) kill -QUIT "$pid" ;;
    sh) kill -KILL "$pid" ;;
  esac
done
rm -f nginx.pid former
[ -p changed ] || { rm -f changed && mkfifo changed; }

# What differs between machines goes into files of its own, so that the template is the same everywhere.
loads() {
  printf 'load_module %s;\nevents {}\n' "$1" >probe.conf
  [ -f "$1" ] && nginx -t -q -p "$edge/" -c probe.conf -e stderr 2>/dev/null
}
: >modules.conf
: >compression.conf
: >temporary-folders.conf
built=$(nginx -V 2>&1)
# Where the protocols are built in, nginx wants folders for them, and its own are for root only.
for protocol in fastcgi uwsgi scgi; do
  case $built in
    *"--without-http_${protocol}_module"*) ;;
    *) echo "${protocol}_temp_path temp/$protocol;" >>temporary-folders.conf ;;
  esac
done
# Started by root without a container, the workers need root too: the folder is not for others to enter.
[ -n "${EDGE_USER-}" ] && [ "$(id -u)" = 0 ] && echo "user $EDGE_USER;" >>modules.conf
brotli=
case $built in *--add-module=*brotli*) brotli=yes ;; esac
for folder in /usr/lib/nginx/modules /etc/nginx/modules; do
  if [ -z "$brotli" ] && loads "$folder/ngx_http_brotli_filter_module.so"; then
    echo "load_module $folder/ngx_http_brotli_filter_module.so;" >>modules.conf
    brotli=yes
  fi
done
[ -n "$brotli" ] && cat >compression.conf <<'BROTLI'
brotli on;
brotli_comp_level 4;
brotli_min_length 1024;
brotli_types application/json application/problem+json application/javascript application/manifest+json
  application/wasm image/svg+xml text/css text/javascript text/plain;
BROTLI

# A reload closes idle client connections, and a request that is on its way to a closed one is lost. Since 1.27.4 nginx
# waits for it: by the former configuration, and thus not longer than an instance that leaves goes on serving (its
# shutdown delay). The same seconds are announced (`Keep-Alive: timeout=3`): a client that obeys uses no connection that a
# reload may close. An older nginx has to close each connection with the answer, which tells the client.
version=$(nginx -v 2>&1)
version=${version##*/}
version=${version%% *}
IFS=. read -r major minor patch <<VERSION
$version
VERSION
if [ $((major * 1000000 + minor * 1000 + patch)) -ge 1027004 ]; then
  printf 'keepalive_timeout 75s 3s;\nkeepalive_min_timeout 3s;\n' >client-connections.conf
else
  echo 'keepalive_timeout 0;' >client-connections.conf
fi

# The last good configuration if there is one; it may be of another machine's life (another port, another nginx).
if ! [ -s nginx.conf ] || ! nginx -t -q -p "$edge/" -c nginx.conf -e stderr 2>/dev/null; then
  sed "s/@listen@/$EDGE_LISTEN/" "$task/bootstrap.conf" >nginx.conf
fi

nginx -p "$edge/" -c nginx.conf -e stderr -g 'daemon off;' &
nginx=$!

# QUIT: no new requests, those under way are finished. Nomad kills after the kill timeout.
stopping=
trap 'kill -QUIT "$nginx" 2>/dev/null; stopping=1' TERM INT QUIT

(
  trap - TERM INT QUIT
  # Both ends are held open, so that reading waits for the next line and never ends.
  exec <>changed
  sh "$task/apply.sh" "$nginx"
  while read -r _; do sh "$task/apply.sh" "$nginx"; done
) &
reader=$!

# A signal ends `wait` early; go on until nginx is gone.
while :; do
  wait "$nginx"
  status=$?
  kill -0 "$nginx" 2>/dev/null || break
done
kill "$reader" 2>/dev/null
[ -n "$stopping" ] && exit 0
echo "nginx ended with status $status" >&2
exit 1
