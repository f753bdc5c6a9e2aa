# Two templates: the one that was published last, and the one before it that nginx is known to accept. While nginx refuses
# the former, the latter keeps following the instances.
log_level   = "warn"
kill_signal = "SIGTERM"

consul {
  retry {
    # For ever: while Consul is away, nginx serves what it has.
    attempts    = 0
    backoff     = "100ms"
    max_backoff = "2s"
  }
}

# Changes that come together become one reload; a single one is live a tenth of a second later.
wait {
  min = "50ms"
  max = "250ms"
}

template {
  source      = "@edge@/current.ctmpl"
  destination = "@edge@/candidate.conf"
  perms       = 0644
  command     = ["sh", "-c", "echo changed 1<>@edge@/changed"]
}

template {
  source      = "@edge@/fallback.ctmpl"
  destination = "@edge@/fallback.conf"
  perms       = 0644
  command     = ["sh", "-c", "echo changed 1<>@edge@/changed"]
}
