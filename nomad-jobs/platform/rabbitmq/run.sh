#!/bin/sh
# Task "rabbitmq" without a container: runs the server with its own epmd (Erlang's name service), both on loopback, and
# leaves neither behind.
set -u

mkdir -p "$RABBITMQ_DATA"
cd "$RABBITMQ_DATA" || exit 1

# Debian's rabbitmq-server in sbin changes the user and forgets the environment; the one beside the libraries does not.
PATH=/usr/lib/rabbitmq/bin:$PATH
export HOME="$RABBITMQ_DATA"
export RABBITMQ_CONFIG_FILE="$NOMAD_TASK_DIR/rabbitmq.conf"
export RABBITMQ_ENABLED_PLUGINS_FILE="$NOMAD_TASK_DIR/enabled_plugins"
export RABBITMQ_MNESIA_BASE="$RABBITMQ_DATA/mnesia"
export RABBITMQ_LOG_BASE="$RABBITMQ_DATA/log"
export RABBITMQ_GENERATED_CONFIG_DIR="$RABBITMQ_DATA/config"
export RABBITMQ_PID_FILE="$RABBITMQ_DATA/server.pid"
# No console and no file of its own: what there is to say is on standard output.
export RABBITMQ_LOGS=-

# Repeats a command until it fails, for this many seconds at most.
while_true() {
  tries=$(($1 * 5))
  shift
  while [ "$tries" -gt 0 ] && "$@" 2>/dev/null; do
    tries=$((tries - 1))
    sleep 0.2
  done
}
ours() { [ "/proc/$1/cwd" -ef "$RABBITMQ_DATA" ]; }
held() { grep -qi ":$(printf '%04X' "$1") 00000000:0000 0A" /proc/net/tcp; }
no_names() { ! epmd -names >/dev/null; }

trap 'exit 0' TERM INT

# The instance before this one may still be writing its queues, or have lost its supervisor: it has the data and the ports.
for file in "$RABBITMQ_PID_FILE" epmd.pid; do
  [ -s "$file" ] || continue
  read -r old <"$file"
  ours "$old" && kill -TERM "$old" 2>/dev/null
  while_true 60 ours "$old"
  ours "$old" && kill -KILL "$old" 2>/dev/null
  rm -f "$file"
done
for port in "$NOMAD_PORT_amqp" "$NOMAD_PORT_management" "$RABBITMQ_DIST_PORT" "$ERL_EPMD_PORT"; do
  while_true 60 held "$port"
done

epmd &
epmd=$!
echo "$epmd" >epmd.pid
trap 'kill "$epmd" 2>/dev/null' EXIT
# The server gives up at once when its name service does not answer yet.
while_true 30 no_names

rabbitmq-server &
server=$!
stopping=
trap 'kill -TERM "$server" 2>/dev/null; stopping=1' TERM INT

while :; do
  wait "$server"
  status=$?
  kill -0 "$server" 2>/dev/null || break
done
[ -n "$stopping" ] && exit 0
echo "rabbitmq-server ended with status $status" >&2
exit 1
