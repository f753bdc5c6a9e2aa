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

# A server whose supervisor was killed still holds the ports and the data.
if [ -s "$RABBITMQ_PID_FILE" ]; then
  old=$(cat "$RABBITMQ_PID_FILE")
  if [ "/proc/$old/cwd" -ef "$RABBITMQ_DATA" ] || grep -qs "$RABBITMQ_MNESIA_BASE" "/proc/$old/cmdline"; then
    kill -KILL "$old" 2>/dev/null
  fi
  rm -f "$RABBITMQ_PID_FILE"
fi

epmd &
epmd=$!
rabbitmq-server &
server=$!
stopping=
trap 'kill -TERM "$server" 2>/dev/null; stopping=1' TERM INT
trap 'kill "$epmd" 2>/dev/null' EXIT

while :; do
  wait "$server"
  status=$?
  kill -0 "$server" 2>/dev/null || break
done
[ -n "$stopping" ] && exit 0
echo "rabbitmq-server ended with status $status" >&2
exit 1
