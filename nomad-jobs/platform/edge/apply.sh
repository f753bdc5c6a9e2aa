#!/bin/sh
# Makes the rendered configuration live, if nginx accepts it. Its only argument is the process id of nginx's master.
# Never fails: whatever happens, the last good configuration serves on and outcome.json says what happened.
set -u

edge=$NOMAD_ALLOC_DIR/data/edge
master=$1
umask 000
cd "$edge" || exit 1

digest() { sed -n '/^# template: /{s/^# template: //p;q;}' "$1"; }

# One line, fit for a JSON string.
text() { tr '\n\t' '  ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g; s/^ *//; s/ *$//'; }

record() { cat >outcome.tmp && mv -f outcome.tmp outcome.json; }

# Process ids of the workers that accept connections, a line each. A worker that has been told to go says so in its title.
accepting() {
  for process in /proc/[0-9]*; do
    read -r pid _ _ parent _ 2>/dev/null <"$process/stat" || continue
    [ "$parent" = "$master" ] || continue
    case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") in
      *'worker process is shutting down'*) ;;
      *'worker process'*) echo "$pid" ;;
    esac
  done
}

# Waits until no worker of the former configuration accepts connections any more; fails when one still does after 30 s.
taken_over() {
  tries=600
  while [ "$tries" -gt 0 ]; do
    accepting | grep -qsxF -f former || return 0
    tries=$((tries - 1))
    sleep 0.05
  done
  return 1
}

# A reload is safe once nginx has written its pid: before that the signal would end it.
reload() {
  tries=50
  while [ "$tries" -gt 0 ]; do
    kill -0 "$master" 2>/dev/null || return 0
    if [ -s nginx.pid ] && [ "$(cat nginx.pid)" = "$master" ]; then
      accepting >former
      kill -HUP "$master"
      return 0
    fi
    tries=$((tries - 1))
    sleep 0.1
  done
}

# Tests the file and swaps it in. On a refusal $error holds nginx' words.
install() {
  error=
  cmp -s "$1" nginx.conf && return 0
  # A copy: consul-template may render again at any moment, and what was tested is what must go live.
  cp "$1" next.conf || return 1
  error=$(nginx -t -q -p "$edge/" -c next.conf -e stderr 2>&1) || return 1
  mv -f next.conf nginx.conf && reload
}

[ -s candidate.conf ] || exit 0
template=$(digest candidate.conf)

# Refused before, unchanged since: consul-template has news for the fallback.
if cmp -s candidate.conf refused.conf; then
  [ -s fallback.conf ] && install fallback.conf
  exit 0
fi

if install candidate.conf; then
  rm -f refused.conf
  # The first answer by a published template may be asked for as soon as it is said to be live.
  if [ "$template" != "$(cat accepted 2>/dev/null)" ] && ! taken_over; then
    echo "nginx has not taken the template $template over: its own log says why" >&2
    exit 0
  fi
  printf '%s\n' "$template" >accepted.tmp && mv -f accepted.tmp accepted
  printf '{"template":"%s","ok":true}\n' "$template" | record
  exit 0
fi

# The comment above the refused line says where in services.yml it comes from.
refusal=$(printf '%s\n' "$error" | grep -E '\[(emerg|alert|crit)\]' | head -n 1)
refusal=${refusal:-$error}
line=$(printf '%s\n' "$refusal" | sed -n 's/.*next\.conf:\([0-9][0-9]*\).*/\1/p')
line=${line:-0}
origin=$(head -n "$line" next.conf | sed -n 's/^ *# origin: //p' | tail -n 1)
text=$(sed -n "${line}p" next.conf 2>/dev/null | text)
serves=$(cat accepted 2>/dev/null)
printf '{"template":"%s","ok":false,"serves":"%s","error":"%s","line":%s,"text":"%s","origin":"%s"}\n' \
  "$template" "$serves" "$(printf '%s' "$refusal" | text)" "$line" "$text" "$origin" | record
mv -f next.conf refused.conf
echo "nginx refused the template $template: $refusal" >&2

# The template before it still follows the instances.
[ -s fallback.conf ] && install fallback.conf
exit 0
