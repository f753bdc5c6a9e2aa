#!/bin/sh
# Task "consul-template" of the edge: renders the published template, which Nomad keeps in nginx.conf.ctmpl and signals
# (HUP) when it changed. Takes over a template only when it parses, and keeps the last one that nginx accepted as the
# fallback. See nginx.sh for the files.
set -u

edge=$NOMAD_ALLOC_DIR/data/edge
task=$NOMAD_TASK_DIR
published=$task/nginx.conf.ctmpl
umask 000
mkdir -p "$edge"

digest() { sed -n '/^# template: /{s/^# template: //p;q;}' "$1"; }
content() { cat "$edge/$1" 2>/dev/null; }
text() { tr '\n\t' '  ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g; s/^ *//; s/ *$//'; }

# Says that consul-template itself cannot use the template; nginx never saw it.
refuse() {
  echo "consul-template refused the template $1: $2" >&2
  printf '{"template":"%s","ok":false,"serves":"%s","error":"%s","line":0,"text":"","origin":""}\n' \
    "$1" "$(content accepted)" "$(printf '%s' "$2" | text)" >"$edge/outcome.render"
  mv -f "$edge/outcome.render" "$edge/outcome.json"
  printf '%s\n' "$1" >"$edge/refused"
}

# Makes the published template the current one. Fails where there is nothing (new) to render.
take() {
  [ -s "$published" ] || return 1
  new=$(digest "$published")
  if [ "$new" = "$(content refused)" ] || cmp -s "$published" "$edge/current.ctmpl"; then return 1; fi
  if ! words=$(consul-template -parse-only -template "$published:$edge/parsed" 2>&1); then
    refuse "$new" "$words"
    return 1
  fi
  if [ -s "$edge/current.ctmpl" ] && [ "$(digest "$edge/current.ctmpl")" = "$(content accepted)" ]; then
    mv -f "$edge/current.ctmpl" "$edge/fallback.ctmpl"
  fi
  cp "$published" "$edge/current.tmp" && mv -f "$edge/current.tmp" "$edge/current.ctmpl"
  [ -s "$edge/fallback.ctmpl" ] || cp "$edge/current.ctmpl" "$edge/fallback.ctmpl"
}

child=
stopping=
changed() { take && [ -n "$child" ] && kill -HUP "$child" 2>/dev/null; }
# Also stops the wait for the first template, which has no child yet.
stop() { [ -n "$child" ] && kill -TERM "$child" 2>/dev/null; stopping=1; }
trap changed HUP
trap stop TERM INT

take
while ! [ -s "$edge/current.ctmpl" ] && [ -z "$stopping" ]; do
  # Nothing was published yet. Nomad signals when it is; sleeping in the background lets the signal through.
  sleep 5 &
  wait $!
  take
done
[ -n "$stopping" ] && exit 0

# Rendering the same text again calls no one: after a crash in between, nginx would never hear of it.
rm -f "$edge/candidate.conf" "$edge/fallback.conf"
sed "s|@edge@|$edge|g" "$task/consul-template.hcl" >"$edge/consul-template.hcl"
consul-template -config "$edge/consul-template.hcl" &
child=$!
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
[ -n "$stopping" ] && exit 0

# It parses, but cannot be rendered: go back to the one that can, and do not take this one again.
current=$(digest "$edge/current.ctmpl")
if [ "$status" != 0 ] && [ "$current" != "$(content accepted)" ] && [ -n "$(content accepted)" ]; then
  refuse "$current" "consul-template cannot render it (status $status); the log of its task says why"
  cp "$edge/fallback.ctmpl" "$edge/current.ctmpl"
fi
exit 1
